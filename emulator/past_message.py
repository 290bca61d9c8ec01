"""One message as the Conversations API tells of it [MSG docs: conversations; IG docs: conversations]."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from emulator.chats import Item
from emulator.fields import Json
from emulator.graph_fields import Wanted
from emulator.logins import handle_of
from emulator.people import Account, Customer, scoped_id

#: What happens in a chat and is no message of its own.
_NO_MESSAGE = frozenset({"reaction", "edit", "unsend", "comment", "referral", "optin", "linking", "raw"})
_TYPES = {"image": "image/png", "video": "video/mp4", "audio": "audio/mp4"}


@dataclass(frozen=True, kw_only=True)
class Party:
    """One of the two in a chat: with a name on Messenger, with a user name on Instagram."""

    id: str
    name: str = ""
    username: str = ""

    def shown(self) -> Json:
        if self.username:
            return {"username": self.username, "id": self.id}
        return {"name": self.name, "email": f"{self.id}@facebook.com", "id": self.id}


def is_message(item: Item) -> bool:
    return item.kind not in _NO_MESSAGE and not item.view.get("unsent")


def parties(account: Account, customer: Customer) -> dict[str, Party]:
    """By the words of `Item.by`."""
    own_id = scoped_id(account.id, customer.phone)
    if account.channel == "instagram":
        return {
            "customer": Party(id=own_id, username=customer.handle),
            "business": Party(id=account.id, username=handle_of(account)),
        }
    return {
        "customer": Party(id=own_id, name=customer.name),
        "business": Party(id=account.id, name=account.name),
    }


def shown(item: Item, of: Mapping[str, Party], wanted: Mapping[str, Wanted], bare: bool) -> Json:
    """`bare`: ids without the `m_` that webhooks put before them."""
    other = "business" if item.by == "customer" else "customer"
    known: dict[str, Callable[[], Any]] = {
        "created_time": lambda: iso(item.at_ms),
        "from": lambda: of[item.by].shown(),
        "to": lambda: {"data": [of[other].shown()]},
        "message": lambda: item.text,
        "attachments": lambda: _attachments(item),
        "reply_to": lambda: {"mid": _id(item.reply_to, bare)} if item.reply_to else None,
        "is_unsupported": lambda: True if item.kind == "unsupported" else None,
    }
    found = {name: known[name]() for name in wanted if name in known}
    return {"id": _id(item.id, bare), **{name: value for name, value in found.items() if value is not None}}


def iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _id(own_id: str, bare: bool) -> str:
    return own_id.removeprefix("m_") if bare else own_id


def _attachments(item: Item) -> Json | None:
    given = item.view.get("attachments")
    if not isinstance(given, list) or not given:
        return None
    return {"data": [_attachment(item, n, one) for n, one in enumerate(given)]}


def _attachment(item: Item, n: int, one: Json) -> Json:
    kind, url = one.get("type"), one.get("url", "")
    own_id = str(zlib.crc32(f"{item.id} {n}".encode()))
    known: Json = {"id": own_id, "name": str(url).rpartition("/")[2].partition("?")[0]}
    if kind in _TYPES:
        known["mime_type"] = _TYPES[str(kind)]
    if kind == "image":
        return {**known, "image_data": {"url": url, "preview_url": url, "width": 96, "height": 96}}
    return {**known, "video_data": {"url": url}} if kind == "video" else {**known, "file_url": url}
