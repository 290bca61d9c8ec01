"""The people who write to us."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from handover.shapes.words import AddressKind, Channel, Instant

#: What said so.
OptOut = Literal["words", "preference", "refusal", "operator"]


class ContactAddress(TypedDict):
    kind: AddressKind
    value: str


class Contact(TypedDict):
    """`name`: as the channel has it; `given_name`: what operators call them. `notice_at`: when they were told that they
    talk with an assistant, and what is kept. `opted_out_at`: since when they want nothing unasked, and `opted_out_by`
    what said so. `conversation_id`: the one there is with them."""

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
    opted_out_at: Instant | None
    opted_out_by: OptOut | None
    created_at: Instant | None
    version: int
