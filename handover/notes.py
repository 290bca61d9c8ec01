"""/api/v1/conversations/{id}/notes: what operators write for each other; the customer never sees it."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.errors import Forbidden
from handover import bodies
from handover.auth import route, supervises, visible
from handover.schemas import note_json
from handover.shapes.notes import Note, Removed
from handover.shapes.page import Items
from store import notes
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations/<conversation_id:str>/notes", role=Role.OPERATOR, answers=Items[Note])
    async def list_notes(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """The oldest first."""
        await visible(request, operator, conversation_id)
        found = await request.app.ctx.baton.db.read(notes.of_conversation, conversation_id)
        return {"items": [note_json(each) for each in found]}

    @route(
        blueprint,
        "POST",
        "/conversations/<conversation_id:str>/notes",
        role=Role.OPERATOR,
        body=bodies.NoteBody,
        answers=Note,
    )
    async def add_note(request: Request, operator: Operator, body: bodies.NoteBody, conversation_id: str) -> Note:
        """Writes something down for the others."""
        conversation = await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        made = await house.db.write(notes.add, conversation.id, body.text, by=operator.name, now=house.clock.now())
        return note_json(made)

    @route(
        blueprint,
        "DELETE",
        "/conversations/<conversation_id:str>/notes/<note_id:int>",
        role=Role.OPERATOR,
        answers=Removed,
        refusals=(403,),
    )
    async def remove_note(request: Request, operator: Operator, conversation_id: str, note_id: int) -> Removed:
        """One's own; a supervisor anybody's."""
        conversation = await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        written = await house.db.read(notes.of_conversation, conversation.id)
        if not supervises(operator) and any(each.id == note_id and each.by != operator.name for each in written):
            raise Forbidden("It is somebody else's note.")
        await house.db.write(notes.remove, conversation.id, note_id, by=operator.name, now=house.clock.now())
        return {"id": note_id}
