"""Messages of a group on WhatsApp: the group is the contact, and who wrote stands with the message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.reading import ident
from conversation.arrivals import Inbound
from conversation.contact import Address, AddressKind


def of_message(message: dict[str, Any]) -> str | None:
    return ident(message.get("group_id"))


def address(group_id: str) -> Address:
    return Address(kind=AddressKind.GROUP, value=group_id)


def inbound(read: Inbound, group_id: str) -> Inbound:
    """What somebody wrote in it. Whoever that is keeps their own conversation, if they have one."""
    by_kind = {each.kind.value: each.value for each in read.addresses}
    who = {**({"name": read.name} if read.name else {}), **by_kind}
    content = {key: value for key, value in read.content.items() if key != "group_id"}
    return replace(
        read,
        addresses=(address(group_id),),
        name=None,
        content={**content, "from": who},
        group=True,
    )
