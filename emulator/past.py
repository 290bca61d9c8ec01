"""What can be read again of the chats: the Conversations API of Messenger and Instagram [MSG docs: conversations]."""

from __future__ import annotations

import base64
import functools
import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from emulator import graph_fields, past_message
from emulator.chats import Chats, Item
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_fields import Wanted
from emulator.graph_path import GraphRequest
from emulator.nodes import MESSAGING, Nodes, need_token
from emulator.past_message import Party
from emulator.people import Account, People, scoped_id
from emulator.settings import Settings

_DETAILS = 20  # of the newest messages; the rest are ids
_PAGE, _LONGEST_PAGE = 25, 100
_T = TypeVar("_T")


class ConversationPath:
    """`GET /{account}/conversations`, `/{conversation}`, `/{conversation}/messages`, `/{message}`"""

    name = "conversations"

    def __init__(self, people: People, chats: Chats, nodes: Nodes, settings: Callable[[], Settings]) -> None:
        self._people = people
        self._chats = chats
        self._nodes = nodes
        self._settings = settings
        self._calls: dict[str, deque[float]] = {}

    def answer(self, request: GraphRequest) -> Json | None:
        if request.method != "GET" or not request.path:
            return None
        if request.path[1:] == ["conversations"]:
            return self._all(request)
        if request.account is not None:
            return None
        if len(request.path) == 1 or request.path[1:] == ["messages"]:
            chat = self._chat(request.path[0])
            if chat is not None:
                return self._conversation(request, *chat)
        return self._message(request, "/".join(request.path))

    def clear(self) -> None:
        self._calls.clear()

    def _all(self, request: GraphRequest) -> Json | None:
        platform = request.query.get("platform", "messenger").lower()
        if platform not in MESSAGING:
            raise GraphError(100, "platform must be messenger or instagram.")
        account = next(iter(self._nodes.accounts(request, platform)), None)
        if account is None:
            return None
        self._count(account)
        only = request.query.get("user_id")
        found = [(customer, items) for customer, items in self._chats_of(account) if items]
        if only:
            found = [chat for chat in found if scoped_id(account.id, chat[0]) == only]
        found.sort(key=lambda chat: -chat[1][0].at_ms)
        page, paging = _page(
            found, lambda chat: _conversation_id(account.channel, account.id, chat[0]), request, request.query
        )
        wanted = graph_fields.read(request.query.get("fields", "")) or {"id": Wanted(), "updated_time": Wanted()}
        return {"data": [self._shown(request, account, *chat, wanted) for chat in page], **paging}

    def _conversation(self, request: GraphRequest, account: Account, customer: str) -> Json:
        need_token(request, account)
        self._count(account)
        wanted = graph_fields.read(request.query.get("fields", ""))
        items = self._items(account, customer)
        if len(request.path) == 2:
            return self._messages(request, account, items, Wanted(inner=wanted), request.query)
        return self._shown(request, account, customer, items, wanted or {"updated_time": Wanted()})

    def _message(self, request: GraphRequest, own_id: str) -> Json | None:
        """Details of one. What is older than the newest twenty reads as if it had been deleted."""
        item = self._chats.find(own_id) or self._chats.find(f"m_{own_id}")
        account = self._people.accounts.get(item.account) if item is not None else None
        if item is None or account is None or account.channel not in MESSAGING:
            return None
        need_token(request, account)
        self._count(account)
        if item not in self._items(account, item.customer)[:_DETAILS]:
            raise GraphError(100, "This message has been deleted.", subcode=33)
        wanted = graph_fields.read(request.query.get("fields", "")) or {"created_time": Wanted()}
        return past_message.shown(item, self._parties(account, item.customer), wanted, self._bare)

    def _shown(
        self, request: GraphRequest, account: Account, customer: str, items: list[Item], wanted: Mapping[str, Wanted]
    ) -> Json:
        known: dict[str, Callable[[], Any]] = {
            "updated_time": lambda: past_message.iso(items[0].at_ms) if items else None,
            "participants": lambda: {"data": [p.shown() for p in self._parties(account, customer).values()]},
            "message_count": lambda: len(items),
            "messages": lambda: self._messages(request, account, items, wanted["messages"], {}),
        }
        found = {name: known[name]() for name in wanted if name in known}
        return {**found, "id": _conversation_id(account.channel, account.id, customer)}

    def _messages(
        self, request: GraphRequest, account: Account, items: list[Item], wanted: Wanted, query: Mapping[str, str]
    ) -> Json:
        """Newest first."""
        limit = {"limit": str(wanted.limit)} if wanted.limit else {}
        page, paging = _page(items, lambda item: item.id, request, {**limit, **query}, edge="messages")
        details, bare = items[:_DETAILS], {"id": Wanted(), "created_time": Wanted()}
        return {
            "data": [
                past_message.shown(
                    item,
                    self._parties(account, item.customer),
                    (wanted.inner or bare) if item in details else bare,
                    self._bare,
                )
                for item in page
            ],
            **paging,
        }

    @property
    def _bare(self) -> bool:
        return self._settings().past_ids == "bare"

    def _parties(self, account: Account, customer: str) -> dict[str, Party]:
        return past_message.parties(account, self._people.customer(customer))

    def _chats_of(self, account: Account) -> list[tuple[str, list[Item]]]:
        """The last begun first, where two are of the same moment."""
        customers = reversed(self._chats.customers_of(account.id))
        return [(customer, self._items(account, customer)) for customer in customers]

    def _items(self, account: Account, customer: str) -> list[Item]:
        """What counts as a message, newest first."""
        items = [item for item in self._chats.of(account.id, customer) if past_message.is_message(item)]
        return sorted(reversed(items), key=lambda item: -item.at_ms)

    def _chat(self, node: str) -> tuple[Account, str] | None:
        for account in self._people.accounts.values():
            if account.channel in MESSAGING:
                for customer in self._chats.customers_of(account.id):
                    if _conversation_id(account.channel, account.id, customer) == node:
                        return account, customer
        return None

    def _count(self, account: Account) -> None:
        """Two calls a second for each account [MSG docs: rate limiting]."""
        most = self._settings().conversation_calls_per_s
        calls, now = self._calls.setdefault(account.id, deque()), time.monotonic()
        while calls and now - calls[0] >= 1:
            calls.popleft()
        if most and len(calls) >= most:
            raise GraphError(613, "Calls to this api have exceeded the rate limit.")
        calls.append(now)


@functools.lru_cache(maxsize=100_000)
def _conversation_id(channel: str, account: str, customer: str) -> str:
    digest = hashlib.sha256(f"{account} and {customer}".encode())
    if channel == "messenger":
        return f"t_1{str(int(digest.hexdigest(), 16))[:15]}"
    return "aWdfZAG06" + base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=").replace("_", "Z")


def _page(
    all_of: Sequence[_T],
    id_of: Callable[[_T], str],
    request: GraphRequest,
    query: Mapping[str, str],
    edge: str = "",
) -> tuple[Sequence[_T], Json]:
    """Those after the cursor; the cursor names the last one that was given, so that new ones shift nothing."""
    limit = query.get("limit", str(_PAGE))
    if not limit.isdigit() or not 1 <= int(limit) <= _LONGEST_PAGE:
        raise GraphError(100, f"limit must be from 1 to {_LONGEST_PAGE}.")
    start, after = 0, query.get("after")
    if after:
        start = next((n for n, one in enumerate(all_of, 1) if _cursor(id_of(one)) == after), -1)
        if start < 0:
            raise GraphError(100, "The cursor after is not known.")
    page = all_of[start : start + int(limit)]
    if not page:
        return page, {}
    paging: Json = {"cursors": {"before": _cursor(id_of(page[0])), "after": _cursor(id_of(page[-1]))}}
    if start + len(page) < len(all_of):
        more = {**{key: value for key, value in query.items() if key != "access_token"}, **paging["cursors"]}
        del more["before"]
        path = "/".join([*request.path[:1], edge] if edge else request.path)
        paging["next"] = f"{request.origin}/{path}?{urlencode(more)}"
    return page, {"paging": paging}


def _cursor(id_: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(id_.encode()).digest()[:18]).decode()
