"""/api/v1/conversations/{id}/participants: the contact, the assistant, and everybody who has had it."""

from __future__ import annotations

from collections.abc import Sequence

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.handover import PHONE
from conversation.participants import Stretch, stretches
from handover.auth import route, visible
from handover.schemas import instant
from handover.shapes.page import Items
from handover.shapes.participants import Participant
from store import accounts, agents, contacts, conversations, handovers, operators
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        "/conversations/<conversation_id:str>/participants",
        role=Role.OPERATOR,
        answers=Items[Participant],
    )
    async def list_participants(request: Request, operator: Operator, conversation_id: str) -> Items[Participant]:
        """Who takes part, and since when: the contact, the assistant, and each person, in the order they came."""
        await visible(request, operator, conversation_id)
        found: list[Participant] = await request.app.ctx.baton.db.read(_all, conversation_id)
        return Items(items=found)


def _all(tx: Connection, conversation_id: str) -> list[Participant]:
    conversation = conversations.get(tx, conversation_id)
    contact = contacts.get(tx, conversation.contact_id)
    agent = agents.get(tx, accounts.get(tx, conversation.account_id).agent_id)
    there = stretches(conversation.created_at, handovers.log_of(tx, conversation_id))
    always = [Stretch(since=conversation.created_at)]
    return [
        _shown("contact", contact.id, contact.given_name or contact.name, None, always),
        _shown("agent", agent.id, agent.name, None, there.assistant),
        *(_person(tx, name, found) for name, found in there.people.items()),
    ]


def _person(tx: Connection, name: str, found: Sequence[Stretch]) -> Participant:
    if name == PHONE:
        return _shown("phone", PHONE, None, None, found)
    known = operators.find(tx, name)
    return _shown("operator", name, name, known.role.value if known else None, found)


def _shown(kind: str, id: str, name: str | None, role: str | None, found: Sequence[Stretch]) -> Participant:
    return {
        "kind": kind,
        "id": id,
        "name": name,
        "role": role,
        "joined_at": instant(found[0].since) if found else None,
        "left_at": instant(found[-1].until) if found else None,
        "stretches": [{"since": instant(each.since) or "", "until": instant(each.until)} for each in found],
    }
