"""/api/v1/conversations/{id}/notes: what operators write for each other; the customer never sees it."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

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
        "PATCH",
        "/conversations/<conversation_id:str>/notes/<note_id:int>",
        role=Role.OPERATOR,
        body=bodies.NoteChangeBody,
        answers=Note,
        refusals=(403, 409),
    )
    async def change_note(
        request: Request, operator: Operator, body: bodies.NoteChangeBody, conversation_id: str, note_id: int
    ) -> Note:
        """Writes one's own note anew; a supervisor anybody's."""
        conversation = await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        how = {"by": operator.name, "of_anybody": supervises(operator), "now": house.clock.now()}
        write = (notes.change, conversation.id, note_id, body.text)
        return note_json(await house.db.write(*write, version=body.version, **how))

    @route(
        blueprint,
        "DELETE",
        "/conversations/<conversation_id:str>/notes/<note_id:int>",
        role=Role.OPERATOR,
        answers=Removed,
        refusals=(403,),
    )
    async def remove_note(request: Request, operator: Operator, conversation_id: str, note_id: int) -> Removed:
        """Removes one's own note; a supervisor anybody's."""
        conversation = await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        how = {"by": operator.name, "of_anybody": supervises(operator), "now": house.clock.now()}
        await house.db.write(notes.remove, conversation.id, note_id, **how)
        return {"id": note_id}
