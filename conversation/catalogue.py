"""The Portuguese of what is said to operators and admins, by the English template. One text, one line."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "Send `Authorization: Bearer` with an operator's token.": "Envie `Authorization: Bearer` com o token de uma pessoa da equipe.",
    "Something failed here; the log says what.": "Algo falhou aqui; o log diz o quê.",
    "The body is not JSON.": "O corpo não é JSON.",
    "The body does not fit: {why}.": "O corpo não serve: {why}.",
    "The query does not fit: {why}.": "A consulta não serve: {why}.",
    "The body is too large: at most {most} kB.": "O corpo é grande demais: no máximo {most} kB.",
    "There is no such thing.": "Isso não existe.",
    "A text may not hold the sign NUL, nor a whole number be of more than 63 bits.": "Um texto não pode ter o sinal NUL, nem um número inteiro mais de 63 bits.",
    "There is no account {account}.": "Não existe a conta {account}.",
    "There is no conversation {conversation}.": "Não existe a conversa {conversation}.",
    "There is no token {token}.": "Não existe o token {token}.",
    "This needs the role {role}.": "Isto exige o papel {role}.",
    "Too many requests: come again in {seconds} s.": "Pedidos demais: volte em {seconds} s.",
    "Somebody else changed it meanwhile: it is at version {version} now.": "Outra pessoa já alterou isto: agora está na versão {version}.",
    "There is no team {team}. `./baton team list` shows those there are.": "Não existe a equipe {team}. `./baton team list` mostra as que existem.",
    "{operator} is not in {team}.": "{operator} não está na equipe {team}.",
    "A team needs a name, of {most} characters at most.": "Uma equipe precisa de um nome, de no máximo {most} caracteres.",
    "There is already a team {team}.": "Já existe uma equipe {team}.",
    "The account {account} sends its customers to {team}. Give it another team first.": "A conta {account} manda seus clientes para {team}. Dê outra equipe a ela primeiro.",
    "There is already an agent named {name}.": "Já existe um agente chamado {name}.",
    "There is no agent named {name}. Known: {names}.": "Não existe um agente chamado {name}. Existem: {names}.",
    "An agent needs a name, of {most} characters at most.": "Um agente precisa de um nome, de no máximo {most} caracteres.",
    "The account {account} has {agent}. Give it another agent first.": "A conta {account} usa {agent}. Dê outro agente a ela primeiro.",
    "There is no contact {contact}.": "Não existe o contato {contact}.",
    "There is no setting {name}.": "Não existe a configuração {name}.",
}
