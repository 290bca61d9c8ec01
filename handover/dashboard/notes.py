"""/api/v1/conversations/{id}/notes/, add_note/: what operators write for each other."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from handover.auth import answer, visible
from handover.dashboard.door import route
from handover.dashboard.objects.note import note_json
from store import notes
from store.operators import Operator, Role


class AddNoteBody(msgspec.Struct):
    content: str


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations/<conversation_id:str>/notes/", role=Role.OPERATOR, answers=list[Any])
    async def dash_list_notes(request: Request, operator: Operator, conversation_id: str) -> list[dict[str, Any]]:
        """The newest first, as a bare list: the page breaks on anything else."""
        await visible(request, operator, conversation_id)
        found = await request.app.ctx.baton.db.read(notes.of_conversation, conversation_id)
        return [note_json(each) for each in reversed(found)]

    @route(blueprint, "POST", "/conversations/<conversation_id:str>/add_note/", role=Role.OPERATOR, body=AddNoteBody)
    async def dash_add_note(
        request: Request, operator: Operator, body: AddNoteBody, conversation_id: str
    ) -> HTTPResponse:
        """Writes something down for the others."""
        return answer(await write(request, operator, conversation_id, body.content), 201)


async def write(request: Request, operator: Operator, conversation_id: str, text: str) -> dict[str, Any]:
    conversation = await visible(request, operator, conversation_id)
    house = request.app.ctx.baton
    made = await house.db.write(notes.add, conversation.id, text, by=operator.name, now=house.clock.now())
    return note_json(made)
