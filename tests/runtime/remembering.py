"""A Messenger account whose channel remembers what its test has put there, and the runtime around it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from conversation.account import Account, AccountId, Channel
from conversation.arrivals import Arrival, Echo, EchoSource, Inbound
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from conversation.errors import SendError
from conversation.ids import new_id
from conversation.message import Author, MessageStatus
from runtime.abilities import PastConversation, PastPage, Profile, Reach
from runtime.accept import Entrance
from runtime.catching_up import CatchingUp
from runtime.channel import WayOut
from runtime.profiles import ProfileKeeper
from runtime.syncing import Syncing
from store import accounts, conversations, messages
from tests.house import START, FakeChannel, Stage

PAGE = "200000000000001"
RITA, SAUL = "7000000000000001", "7000000000000002"


def psid(value: str) -> tuple[Address, ...]:
    return (Address(kind=AddressKind.PSID, value=value),)


def wrote(who: str, mid: str, text: str, at: datetime, **given: Any) -> Inbound:
    made: dict[str, Any] = {"account": PAGE, "addresses": psid(who), "provider_id": mid, "kind": "text"}
    return Inbound(**{**made, "sent_at": at, "text": text, "recovered": True, **given})


def answered(who: str, mid: str, text: str, at: datetime, **given: Any) -> Echo:
    made: dict[str, Any] = {"account": PAGE, "addresses": psid(who), "provider_id": mid, "kind": "text"}
    made |= {"source": EchoSource.PHONE, "may_be_ours": True, "recovered": True}
    return Echo(**{**made, "sent_at": at, "text": text, **given})


def assistant_said(tx: Any, conversation_id: ConversationId, provider_id: str, text: str, at: datetime) -> None:
    """It left, and Meta has answered with its id."""
    what: dict[str, Any] = {"kind": "text", "text": text, "content": {}}
    message_id = messages.add_outbound(tx, conversation_id, author=Author.BOT, at=at, **what)
    messages.set_status(tx, message_id, MessageStatus.ACCEPTED, provider_id=provider_id, at=at)


@dataclass
class Memory:
    """Satisfies `Past`, `Subscription` and `Profiles`: what a channel remembers, tells, and knows."""

    page_size: int = 2
    talks: dict[str, list[Inbound | Echo]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fails: deque[SendError | None] = field(default_factory=deque)  # of the requests to come
    during: Callable[[str], Awaitable[Any]] | None = None
    on: bool = True
    profiles: dict[str, Profile | SendError | None] = field(default_factory=dict)

    async def conversations(self, reach: Reach, *, after: str | None = None) -> PastPage:
        await self._asked(f"page {after}")
        latest = sorted(self.talks.items(), key=lambda talk: talk[1][-1].sent_at, reverse=True)
        start = int(after or 0)
        page = [
            PastConversation(id=who, updated_at=said[-1].sent_at, addresses=psid(who))
            for who, said in latest[start : start + self.page_size]
        ]
        end = start + self.page_size
        return PastPage(conversations=page, after=str(end) if end < len(latest) else None)

    async def messages(self, reach: Reach, conversation: PastConversation) -> Sequence[Arrival]:
        await self._asked(conversation.id)
        return list(self.talks[conversation.id])

    async def is_on(self, reach: Reach) -> bool:
        await self._asked("is on?")
        return self.on

    async def turn_on(self, reach: Reach) -> None:
        await self._asked("turn on")
        self.on = True

    async def profile(self, reach: Reach, address: Address) -> Profile | None:
        await self._asked(f"profile {address.value}")
        found = self.profiles.get(address.value)
        if isinstance(found, SendError):
            raise found
        return found

    async def _asked(self, what: str) -> None:
        self.asked.append(what)
        if self.during is not None:
            await self.during(what)
        if self.fails and (error := self.fails.popleft()) is not None:
            raise error


class Remembering:
    """`stage` with a Page on it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.db, self.clock = stage, stage.db, stage.clock
        self.memory, self.channel = Memory(), FakeChannel()
        self.account = stage.db.write_now(self._add)
        memory: Any = self.memory
        way_out = WayOut(channel=self.channel, past=memory, subscription=memory, profiles=memory)
        self.ways_out = ways_out = {"messenger": way_out}
        self.entrance = Entrance(
            stage.db, stage.vault, {"messenger": self.channel}, stage.clock, stage.wake, "verify", "secret"
        )
        self.syncing = Syncing(stage.db, stage.vault, ways_out, self.reach, self.entrance, stage.clock)
        self.catching_up = CatchingUp(stage.db, ways_out, self.reach, stage.clock)
        self.profiles = ProfileKeeper(stage.db, stage.vault, ways_out, self.reach, stage.clock)

    def _add(self, tx: Any) -> Account:
        page = Account(
            id=AccountId(new_id("acc")),
            channel=Channel.MESSENGER,
            provider_id=PAGE,
            name="Cantina",
            agent_id=self.stage.agent.id,
        )
        return accounts.add(tx, self.stage.vault, page, token="tok", secrets=["s1"], now=START)

    async def reach(self, account_id: str) -> Reach:
        account = await self.db.read(accounts.get, account_id)
        return Reach(account=account, node=PAGE, base_url="http://nowhere", token="tok")

    async def accept(self, *arrivals: Arrival) -> None:
        await self.entrance.accept("messenger", arrivals)

    async def sync(self) -> None:
        """All that is due, to its end."""
        await self.syncing.start_what_is_due()
        await self.syncing.idle()

    async def conversation_of(self, who: str) -> ConversationId:
        return (await self.db.read(conversations.listed, address=who))[0].conversation.id

    def ago(self, **since: float) -> datetime:
        return self.clock.now() - timedelta(**since)
