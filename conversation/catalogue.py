"""The Portuguese of what is said to operators and admins, by the English template. One text, one line."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "Send `Authorization: Bearer` with an operator's token.": "Envie `Authorization: Bearer` com o token de uma pessoa da equipe.",
    "Something failed here; the log says what.": "Algo falhou aqui; o log diz o quê.",
    "The body is not JSON.": "O corpo não é JSON.",
    "The body does not fit: {why}.": "O corpo não serve: {why}.",
    "The query does not fit: {why}.": "A consulta não serve: {why}.",
    "The body is too large: at most {most} kB.": "O corpo é grande demais: no máximo {most} kB.",
    "There is no account {account}.": "Não existe a conta {account}.",
    "There is no conversation {conversation}.": "Não existe a conversa {conversation}.",
    "There is no token {token}.": "Não existe o token {token}.",
    "This needs the role {role}.": "Isto exige o papel {role}.",
    "Too many requests: come again in {seconds} s.": "Pedidos demais: volte em {seconds} s.",
    "Somebody else changed it meanwhile: it is at version {version} now.": "Outra pessoa já alterou isto: agora está na versão {version}.",
}
