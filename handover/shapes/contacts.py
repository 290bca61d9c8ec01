"""The people who write to us."""

from __future__ import annotations

from typing import Any, TypedDict

from handover.shapes.words import AddressKind, Channel, Instant


class ContactAddress(TypedDict):
    kind: AddressKind
    value: str


class Contact(TypedDict):
    """`name`: as the channel has it; `given_name`: what operators call them. `notice_at`: when they were told that they
    talk with an assistant, and what is kept. `conversation_id`: the one there is with them."""

    id: str
    account_id: str
    account_name: str
    channel: Channel
    name: str | None
    given_name: str | None
    username: str | None
    picture: str | None
    profile: dict[str, Any]
    addresses: list[ContactAddress]
    conversation_id: str | None
    notice_at: Instant | None
    created_at: Instant | None
    version: int
