"""Operators, how they sign in, their teams."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "Operators are changed by admins who see all accounts.": "Pessoas da equipe são alteradas por admins que veem todas as contas.",
    "expires_at is over already.": "expires_at já passou.",
    "There are {most} tokens already: take one away first.": "Já existem {most} tokens: remova um antes.",
    "An operator needs a name, of {most} printable characters at most.": "Uma pessoa da equipe precisa de um nome, de no máximo {most} caracteres visíveis.",
    "Nobody can be named {name}: logs say so of somebody else.": "Ninguém pode se chamar {name}: os registros usam esse nome para outra coisa.",
    "There is already an operator named {name}. `./baton operator token {name}` makes a new token.": "Já existe alguém na equipe com o nome {name}. `./baton operator token {name}` cria um novo token.",
    "There is no operator named {name}.": "Não há ninguém na equipe com o nome {name}.",
    "There is no token {token}.": "Não existe o token {token}.",
    "The account {account} sends its customers to {team}. Give it another team first.": "A conta {account} manda seus clientes para {team}. Dê outra equipe a ela primeiro.",
    "There is no team {team}. `./baton team list` shows those there are.": "Não existe a equipe {team}. `./baton team list` mostra as que existem.",
    "{operator} is not in {team}.": "{operator} não está na equipe {team}.",
    "A team needs a name, of {most} characters at most.": "Uma equipe precisa de um nome, de no máximo {most} caracteres.",
    "There is already a team {team}.": "Já existe uma equipe {team}.",
    "A capacity is a number of conversations, from 0 to 1000.": "A capacidade é um número de conversas, de 0 a 1000.",
    "You have no password yet: an admin sets the first one.": "Você ainda não tem senha: a primeira é dada por quem administra.",
    "Too many wrong passwords: try again in {seconds} s.": "Senhas erradas demais: tente de novo em {seconds} s.",
    "The name or the password is wrong.": "O nome ou a senha está errada.",
    "This is not your password.": "Esta não é a sua senha.",
    "A password has {shortest} to {longest} characters.": "Uma senha tem de {shortest} a {longest} caracteres.",
    "A password is not the name.": "A senha não pode ser o nome.",
    "{operator} does not see this account.": "{operator} não vê esta conta.",
    "{operator} is offline.": "{operator} está offline.",
    "{operator} has {load} of at most {most} conversations.": "{operator} já tem {load} de no máximo {most} conversas.",
    "{name} is the only admin: make another one first.": "{name} é a única pessoa que administra: dê esse papel a mais alguém antes.",
}
