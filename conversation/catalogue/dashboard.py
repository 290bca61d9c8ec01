"""What a dashboard that we did not write is told."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "Connected.": "Conectado.",
    "This message was taken back.": "Esta mensagem foi apagada.",
    "The assistant is silent in this conversation.": "O assistente fica em silêncio nesta conversa.",
    "The conversation is with the assistant again.": "A conversa está de novo com o assistente.",
    "Write /bot off or /bot on.": "Escreva /bot off ou /bot on.",
    "The note is written down.": "A nota foi anotada.",
    "Write the note after /nota.": "Escreva a nota depois de /nota.",
    "/{name} is not served here. There are: /bot off, /bot on, /nota.": "/{name} não é atendido aqui. Há: /bot off, /bot on, /nota.",
    "No assistant may speak here: it waits for a person.": "Aqui nenhum assistente pode falar: ela espera por uma pessoa.",
}
