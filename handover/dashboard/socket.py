"""One socket of the dashboard: a member of the feed as our own sockets are, in the dashboard's words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from websockets.frames import Frame, Opcode

from conversation.conversation import Conversation
from conversation.errors import BadInput, BatonError, TooMany
from conversation.people import Operator
from conversation.said import in_language, say
from handover import unsound
from handover.dashboard.media_links import Links
from handover.dashboard.told import Family, News, news_of
from handover.feed_socket import TRY_AGAIN, Socket
from runtime.limits import Rate
from store import conversations, deeds
from store.deeds import Deed
from store.operator_tokens import Token

#: The page takes every code from 4000 to 4999 for good, and does not come again.
REFUSED, NOT_THERE = 4001, 4004
#: The page says which conversation it shows, and shows no more, at nearly every change of anything.
_RATE = Rate(burst=600, per_s=100)
_TYPING = frozenset({"typing", "typing_start"})


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a socket is about. `account`: of one, else of all theirs; `conversation`: of one."""

    family: Family
    account: str | None = None
    conversation: str | None = None

    def has(self, news: News) -> bool:
        return self.account in (None, news.account) and self.conversation in (None, news.conversation)


class DashboardSocket(Socket):
    unauthorized, too_slow = REFUSED, TRY_AGAIN
    budget, rate = "dashboard", _RATE

    def __init__(
        self,
        house: Any,
        line: Any,
        who: tuple[Operator, Token],
        language: str,
        cursor: int,
        *,
        topic: Topic,
        links: Callable[[], Links],
        accounts: list[str],
        closing: asyncio.Event | None,
    ) -> None:
        super().__init__(house, line, who, language, cursor, anew=False, closing=closing)
        self._topic, self._links, self._accounts = topic, links, accounts

    async def _greet(self) -> None:
        """Only this turns the page's "reconnecting" into "live"."""
        about = {"account_id": self._topic.account} if self._topic.account else {}
        words = in_language(say("Connected."), self._language)
        await self._tell_one({"type": "connection_established", "accounts": self._accounts, "message": words, **about})

    async def _start_over(self, last: int) -> None:
        """The page reads its lists anew by itself, every minute."""

    def _introduce(self) -> None:
        """The page knows nothing of who is there."""

    async def _frames_of(self, event: Any) -> list[bytes]:
        links = self._links()  # of now: a socket outlives the addresses that it began with
        key = f"dashboard {self._language} {links.key}"
        making: asyncio.Future[News] | None = event.translated.get(key)
        if making is None:  # the others wait for the first one's: they are all rung at once
            read = self._house.db.read
            making = asyncio.ensure_future(read(news_of, event.row, event.about, links, self._language))
            event.translated[key] = making
        try:
            news = await asyncio.shield(making)
        except Exception:
            event.translated.pop(key, None)  # whoever comes next tries again
            raise
        if not self._topic.has(news):
            return []
        return [Frame(Opcode.TEXT, each).serialize(mask=False) for each in news.frames.get(self._topic.family, ())]

    async def _pass_on(self, kind: str, facts: Mapping[str, Any]) -> None:
        operator = self._hub.operator_of(self)
        if kind != "typing" or operator is None or not operator.may_see(facts["account"]):
            return
        news = News(account=facts["account"], conversation=facts["conversation"])
        if self._topic.has(news):
            here = {"conversation_id": facts["conversation"], "user_id": facts["operator"]}
            await self._tell_one({"type": "typing", **here, "is_typing": True})

    async def _complain(self, error: BatonError) -> None:
        if isinstance(error, TooMany):
            return  # the page shows every error to its user, who has done nothing
        words = in_language(error.args[0] if error.args else "", self._language)
        about = {"message": words, "error_code": error.code, "error_message": words}
        await self._tell_one({"type": "error", **about})

    async def _take_in(self, operator: Operator, raw: str | bytes) -> None:
        """What is not known is passed over: other revisions of the page say other things."""
        message = read(raw)
        kind, conversation = message.get("type"), message.get("conversation_id")
        if kind == "ping":
            return await self._tell_one({"type": "pong"})
        if not isinstance(conversation, str):
            return
        if kind == "subscribe_conversation":
            await self._known(operator, conversation)
            await self._tell_one({"type": "subscribed", "conversation_id": conversation})
        elif kind == "unsubscribe_conversation":
            await self._tell_one({"type": "unsubscribed", "conversation_id": conversation})
        elif kind == "mark_read":
            await self._mark_read(operator, await self._known(operator, conversation))
        elif kind in _TYPING and message.get("is_typing", True) is not False:
            about = await self._known(operator, conversation)
            facts = {"conversation": about.id, "account": about.account_id, "operator": operator.name}
            await self._house.bus.say("typing", facts)

    async def _mark_read(self, operator: Operator, conversation: Conversation) -> None:
        house = self._house
        if conversation.unread:
            facts = {"conversation_id": conversation.id}
            deed = Deed(by=operator.name, action="dash_mark_conversation_as_read", at=house.clock.now(), facts=facts)
            with deeds.doing(deed):
                await house.db.write(conversations.change, conversation.id, unread=0)

    async def _tell_one(self, message: Mapping[str, Any]) -> None:
        await self._send(msgspec.json.encode(message).decode())


def read(raw: str | bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadInput(say("The message is not JSON.")) from error
    unsound.refuse(found)
    return found
