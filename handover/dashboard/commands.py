"""/api/v1/whatsapp/comandos/executar/: what is written into the inbox behind a slash, an order and no message."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.conversation import HandoverState
from conversation.said import Said, in_language, say
from handover.auth import language, visible
from handover.dashboard import notes, switching
from handover.dashboard.door import route
from store import deeds
from store.operators import Operator, Role


class CommandBody(msgspec.Struct):
    """`texto`: with its slash."""

    texto: Annotated[str, msgspec.Meta(min_length=1, max_length=32_000)]
    conversation_id: str


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", "/whatsapp/comandos/executar/", role=Role.OPERATOR, body=CommandBody)
    async def dash_run_command(request: Request, operator: Operator, body: CommandBody) -> dict[str, Any]:
        """`/bot off`, `/bot on`, `/nota …`. Nothing of it is for the customer."""
        conversation = await visible(request, operator, body.conversation_id)
        deeds.concerns(conversation.id)
        done, told = await _run(request, operator, body)
        return {"ok": done, "texto": in_language(told, language(request)), "enviar_ao_cliente": False}


async def _run(request: Request, operator: Operator, body: CommandBody) -> tuple[bool, Said]:
    """Whether it was carried out, and what is told of it."""
    name, _, rest = body.texto.strip().lstrip("/").partition(" ")
    name, rest = name.lower(), rest.strip()
    if name == "bot" and rest.lower() == "off":
        await switching.to_human(request, operator, body.conversation_id)
        return True, say("The assistant is silent in this conversation.")
    if name == "bot" and rest.lower() == "on":
        now = await switching.to_bot(request, operator, body.conversation_id)
        if now.state is not HandoverState.BOT:
            return False, say("No assistant may speak here: it waits for a person.")
        return True, say("The conversation is with the assistant again.")
    if name == "bot":
        return False, say("Write /bot off or /bot on.")
    if name == "nota" and rest:
        await notes.write(request, operator, body.conversation_id, rest)
        return True, say("The note is written down.")
    if name == "nota":
        return False, say("Write the note after /nota.")
    return False, say("/{name} is not served here. There are: /bot off, /bot on, /nota.", name=name[:40])
