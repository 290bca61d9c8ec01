"""What the phone's own app shares once it is asked: its address book, and what was said, in phases and by webhook.

[WA docs: onboarding Business app users; history webhook reference] Each is given once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from emulator.chats import Chats, Item
from emulator.clock import clock
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.nodes import need_token
from emulator.people import Account, People
from emulator.standing import Standings


#: Brings bodies to the webhook, for as long as it takes; the last says what about.
class Bring(Protocol):
    def __call__(self, account: Account, bodies: Sequence[bytes], *, about: str) -> None: ...


_ONCE = {"smb_app_state_sync": 2593107, "history": 2593108}
#: A day, three months, six months back: the older the later.
_PHASES = ((0, 86_400), (1, 90 * 86_400), (2, 180 * 86_400))
_SAID = frozenset({"text", "image", "video", "audio", "document", "sticker", "location", "contacts"})
_FILES = frozenset({"image", "video", "audio", "document", "sticker"})


class SharingPath:
    """`POST /{phone number id}/smb_app_data`, of a number that is on the phone's app too"""

    name = "sharing"

    def __init__(self, people: People, chats: Chats, standings: Standings, bring: Bring) -> None:
        self._people, self._chats, self._standings = people, chats, standings
        self._bring = bring
        self._given: set[tuple[str, str]] = set()

    def answer(self, request: GraphRequest) -> Json | None:
        account = request.account
        if request.method != "POST" or request.path[1:] != ["smb_app_data"] or account is None:
            return None
        need_token(request, account)
        body = request.body if isinstance(request.body, dict) else {}
        kind = body.get("sync_type")
        if body.get("messaging_product") != "whatsapp" or not isinstance(kind, str) or kind not in _ONCE:
            raise GraphError(100, f"messaging_product and a sync_type of {', '.join(_ONCE)} are required.")
        if account.channel != "whatsapp" or not self._standings.of(account).on_phone_app:
            raise GraphError(100, "The number is not on the phone's app.")
        if (account.id, kind) in self._given:
            raise GraphError(_ONCE[kind], f"{kind} was given before.")
        self._given.add((account.id, kind))
        values = self._book(account) if kind == "smb_app_state_sync" else self._history(account)
        self._bring(account, [_webhook(account, kind, value) for value in values], about=kind)
        return {"messaging_product": "whatsapp", "request_id": f"{account.id}-{kind}"}

    def clear(self) -> None:
        self._given.clear()

    def _book(self, account: Account) -> list[Json]:
        at = str(int(clock.time() * 1000))
        entries = [
            {
                "type": "contact",
                "contact": {"full_name": each.name, "first_name": each.name.split(" ")[0], "phone_number": each.phone},
                "action": "add",
                "metadata": {"timestamp": at},
            }
            for each in self._people.customers.values()
        ]
        return [{"state_sync": entries}] if entries else []

    def _history(self, account: Account) -> list[Json]:
        """One body for each phase, the latest time first; then the files, each by itself."""
        found = [self._chats.of(account.id, phone) for phone in self._chats.customers_of(account.id)]
        said = [item for items in found for item in items if item.kind in _SAID]
        values: list[Json] = []
        now_s, after_s = clock.time(), 0.0
        for number, (phase, back_s) in enumerate(_PHASES):
            of_it = [item for item in said if after_s <= max(now_s - item.at_ms / 1000, 0.0) < back_s]
            after_s = back_s
            progress = 100 * (number + 1) // len(_PHASES)
            metadata = {"phase": phase, "chunk_order": 1, "progress": progress}
            values.append({"history": [{"metadata": metadata, "threads": _threads(account, of_it)}]})
        files = [_message(account, item) for item in said if item.kind in _FILES]
        return [*values, *({"messages": [file]} for file in files)]


def _threads(account: Account, items: Sequence[Item]) -> list[Json]:
    threads: dict[str, list[Json]] = {}
    for item in items:
        message = _message(account, item)
        if item.kind in _FILES:
            message = {**{key: message[key] for key in message if key != item.kind}, "type": "media_placeholder"}
        message["history_context"] = {"status": "READ"}
        threads.setdefault(item.customer, []).append(message)
    return [{"id": phone, "messages": messages} for phone, messages in threads.items()]


def _message(account: Account, item: Item) -> Json:
    own = {"body": item.text} if item.kind == "text" else dict(item.view)
    told: Json = {"id": item.id, "timestamp": str(item.at_ms // 1000), "type": item.kind, item.kind: own}
    if item.by == "business":
        return {"from": account.display_phone_number, "to": item.customer, **told}
    return {"from": item.customer, **told}


def _webhook(account: Account, field: str, value: Json) -> bytes:
    whole: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": account.display_phone_number, "phone_number_id": account.id},
        **value,
    }
    changes = [{"value": whole, "field": field}]
    body = {"object": "whatsapp_business_account", "entry": [{"id": account.business_id, "changes": changes}]}
    return json.dumps(body).encode()
