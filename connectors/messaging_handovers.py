"""Which app may write to a contact from now on. [MSG docs: conversation routing]

A pass is told to the new owner, a take to who had it: in `messaging` a pass makes it ours, and a take another's. What
is told in `standby` is another's either way. A wish for control, and the old roles, change nothing: they are kept.
"""

from __future__ import annotations

from typing import Any

from connectors import reading
from connectors.messaging_event import Event, contact
from connectors.meta_inboxes import INBOXES
from connectors.reading import ident
from conversation.arrivals import ThreadControl, Unfamiliar

#: What an app that is not named is called.
_SOME_APP = "app"


def passed(event: Event, control: dict[str, Any]) -> ThreadControl:
    owner = ident(control.get("new_owner_app_id"))
    is_ours = not event.standby and owner not in INBOXES
    return _control(event, "pass_thread_control", control, None if is_ours else owner or _SOME_APP)


def taken(event: Event, control: dict[str, Any]) -> ThreadControl:
    owner = ident(control.get("new_owner_app_id"))
    return _control(event, "take_thread_control", control, owner or _SOME_APP)


def requested(event: Event, control: dict[str, Any]) -> Unfamiliar:
    return event.unfamiliar("request_thread_control", event.item)


def roles(event: Event, told: dict[str, Any]) -> Unfamiliar:
    return event.unfamiliar("app_roles", event.item)


def _control(event: Event, kind: str, control: dict[str, Any], holder: str | None) -> ThreadControl:
    return ThreadControl(
        account=event.account,
        addresses=contact(event),
        holder=holder,
        at=event.at,
        key=event.key(kind, control),
        metadata=reading.text(control.get("metadata")),
    )
