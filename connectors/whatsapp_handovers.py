"""WhatsApp's field `messaging_handovers`: which app may write to a contact from now on.

Meta's pages do not show its body. What is read here is what several projects got, a value without metadata:
`{type, recipient{phone_number_id}, sender{phone_number | user_id}, timestamp, control_passed | control_taken{…}}`.
So the whole is kept besides, and a body that says something else is only kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import reading, whatsapp_message
from connectors.reading import Unreadable, ident, obj
from connectors.whatsapp_change import Change, read_one
from conversation.arrivals import Arrival, ThreadControl

_PASSED, _TAKEN = "control_passed", "control_taken"
#: Control is passed to an escalation partner, who is told of it, or to Meta's own assistant.
_METAS_ASSISTANT = frozenset({"ai_agent", "meta_business_agent"})
#: What an app that is not named is called.
_SOME_APP = "app"


def read(change: Change) -> Iterator[Arrival]:
    found = read_one(change, change.value, "unreadable_handover", _event)
    yield found
    if isinstance(found, ThreadControl):
        yield change.unfamiliar(change.field, change.value)


def _event(change: Change, event: dict[str, Any]) -> Arrival:
    kind = _kind(event)
    if kind is None:
        return change.unfamiliar(change.field, event)
    if change.account is None:
        raise Unreadable("a hand-over needs the number it is about")
    sender, control = obj(event.get("sender")), obj(event.get(kind))
    phone = ident(sender.get("phone_number")) or ident(sender.get("wa_id"))
    addresses, _ = whatsapp_message.contact(ident(sender.get("user_id")), phone, event)
    return ThreadControl(
        account=change.account,
        addresses=addresses,
        holder=_holder(kind, control),
        at=min(reading.instant(event.get("timestamp"), change.now), change.now),
        key=reading.digest(change.account, kind, sender, event.get("timestamp"), control),
        metadata=reading.text(control.get("metadata")),
    )


def _kind(event: dict[str, Any]) -> str | None:
    named = event.get("type")
    return next((kind for kind in (_PASSED, _TAKEN) if named == kind or (named is None and kind in event)), None)


def _holder(kind: str, control: dict[str, Any]) -> str | None:
    """Passed: the new owner is told, so it is ours, unless it says otherwise. Taken: who lost it is told."""
    owner = obj(control.get("new_owner"))
    role = reading.text(control.get("new_owner_app_role")) or reading.text(owner.get("app_role"))
    role = role or reading.text(control.get("new_owner_role"))
    if kind == _PASSED:
        return role if role in _METAS_ASSISTANT else None
    return role or ident(control.get("new_owner_app_id")) or ident(owner.get("app_id")) or _SOME_APP
