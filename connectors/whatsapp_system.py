"""What WhatsApp itself says of a contact: another number, another scoped id, perhaps another person on the phone.

As messages of type `system`, and since 2026 under the field `user_id_update`, whose shape is little known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import reading, whatsapp_message
from connectors.reading import Unreadable, ident, obj
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import SYSTEM, Arrival, Inbound
from conversation.contact import Address

_COMMON = {"id", "type", "timestamp", "from", "from_user_id", "from_parent_user_id"}
#: The last is what the first was called before 2021.
_CHANGES_ADDRESS = frozenset({"user_changed_number", "user_changed_user_id", "customer_changed_number"})


def message(change: Change, provider_id: str | None, item: dict[str, Any]) -> Arrival:
    """There is no contact's card beside it: all that is known stands in it."""
    if provider_id is None or change.account is None:
        raise Unreadable("a system message needs an id and the number it is about")
    own = obj(item.get("system"))
    named = ident(item.get("from_user_id")), ident(item.get("from"))
    if not any(named):
        named = ident(own.get("previous_user_id")), ident(own.get("customer"))
    addresses, name = whatsapp_message.contact(*named, change.value)
    now_is = (ident(own.get("user_id")), ident(own.get("wa_id")) or ident(own.get("new_wa_id")))
    moves = reading.text(own.get("type")) in _CHANGES_ADDRESS
    return Inbound(
        account=change.account,
        addresses=addresses,
        provider_id=provider_id,
        kind=SYSTEM,
        sent_at=reading.instant(item.get("timestamp"), change.now),
        name=name,
        content=whatsapp_message.content({**item, "type": "system"}, _COMMON),
        opens_window=False,
        becomes=_besides(whatsapp_message.addresses_if_named(*now_is), addresses) if moves else (),
    )


def read_updates(change: Change) -> Iterator[Arrival]:
    """The field `user_id_update`."""
    return read_lists(change, {"user_id_update": ("unreadable_user_id_update", _update)})


def _update(change: Change, item: dict[str, Any]) -> Arrival:
    """The ids before and after; what names neither is kept as it came."""
    if change.account is None:
        raise Unreadable("an update of an id needs the number it is about")
    ids, phone = obj(item.get("user_id")), ident(item.get("wa_id"))
    before = whatsapp_message.addresses_if_named(ident(ids.get("previous")), phone)
    after = whatsapp_message.addresses_if_named(ident(ids.get("current")), None)
    if not before or not after:
        raise Unreadable("an update of an id needs the one before and the one from now on")
    known_by = reading.digest(change.entry_id, change.account, item)
    return Inbound(
        account=change.account,
        addresses=before,
        provider_id=f"user_id_update:{known_by[:40]}",
        kind=SYSTEM,
        sent_at=reading.instant(item.get("timestamp"), change.now),
        content={"type": "user_id_update", **item},
        opens_window=False,
        becomes=_besides(after, before),
    )


def _besides(these: tuple[Address, ...], known: tuple[Address, ...]) -> tuple[Address, ...]:
    return tuple(each for each in these if each not in known)
