"""What any route may answer, and what no route does."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "Send `Authorization: {scheme}` with an operator's token.": "Envie `Authorization: {scheme}` com o token de uma pessoa da equipe.",
    "Something failed here; the log says what.": "Algo falhou aqui; o log diz o quê.",
    "The body is too large: at most {most} kB.": "O corpo é grande demais: no máximo {most} kB.",
    "The body does not fit: {why}.": "O corpo não serve: {why}.",
    "The body is not JSON.": "O corpo não é JSON.",
    "The query does not fit: {why}.": "A consulta não serve: {why}.",
    "This needs the role {role}.": "Isto exige o papel {role}.",
    "There is no account {account}.": "Não existe a conta {account}.",
    "There is no such thing.": "Isso não existe.",
    "A text may not hold the sign NUL, nor a whole number be of more than 63 bits.": "Um texto não pode ter o sinal NUL, nem um número inteiro mais de 63 bits.",
    "The request can't be read.": "O pedido não pode ser lido.",
    "There is nothing at {path}.": "Não há nada em {path}.",
    "{method} is not for {path}.": "{method} não serve para {path}.",
    "The request took too long.": "O pedido demorou demais.",
    "The request is too large.": "O pedido é grande demais.",
    "This can't be answered now: try again.": "Isto não pode ser respondido agora: tente de novo.",
    "You are signed in already.": "Você já entrou.",
    "The message does not fit: {why}.": "A mensagem não serve: {why}.",
    "The message is not JSON.": "A mensagem não é JSON.",
    "An Idempotency-Key is 1 to {most} printable characters without spaces.": "Uma Idempotency-Key tem de 1 a {most} caracteres visíveis, sem espaços.",
    "This Idempotency-Key was used for another request.": "Esta Idempotency-Key foi usada para outro pedido.",
    "This cursor is none of ours: begin again without it.": "Este cursor não é nosso: comece de novo sem ele.",
    "There is no {name!r} here.": "Não existe {name!r} aqui.",
    "Somebody else changed it meanwhile: it is at version {version} now.": "Outra pessoa já alterou isto: agora está na versão {version}.",
    "Too many requests: come again in {seconds} s.": "Pedidos demais: volte em {seconds} s.",
    "The audit log is for admins who see all accounts.": "A auditoria é para admins que veem todas as contas.",
}
