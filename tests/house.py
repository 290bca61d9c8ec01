"""What tests of the house are made with: a clock wound by hand, a scripted dialogue, a channel that goes nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Union

from conversation import handover_settings
from conversation.account import Account, AccountId, Channel
from conversation.agent import Agent
from conversation.arrivals import Arrival, Inbound, StatusReport
from conversation.contact import Address, AddressKind
from conversation.conversation import Conversation, ConversationId
from conversation.errors import SendError
from conversation.handover_settings import HandoverSettings
from conversation.ids import new_id
from conversation.mail import Mail
from conversation.message import Author, Message, MessageStatus
from conversation.people import Presence, Role
from conversation.sent import NO_INTENTS, Vocabulary
from runtime.accept import Entrance
from runtime.channel import Outgoing, Rendered, Utterance
from runtime.deadlines import Deadlines
from runtime.deliver import Delivery
from runtime.dialogue import Question, Reply
from runtime.ownership import Ownership
from runtime.settings import RuntimeSettings
from runtime.turn import Step, Turns
from runtime.wake import Wake
from store import (
    accounts,
    agents,
    conversations,
    handovers,
    mailbox,
    messages,
    operators,
    outbox,
    people,
    tables,
    trackers,
)
from store.buttons import Button
from store.database import Database
from store.leases import Holder
from store.timers import Change as TimerChange
from store.vault import Vault

NUMBER, OTHER_NUMBER = "100000000000001", "100000000000002"
ANA, BEN, CLARA = "5511988887777", "5511977776666", "5511966665555"
ADDRESS_KINDS = {
    Channel.WHATSAPP: AddressKind.PHONE,
    Channel.INSTAGRAM: AddressKind.IGSID,
    Channel.MESSENGER: AddressKind.PSID,
}
DEADLINE_S = 10.0
HOLDER = Holder(house="a", name="1")
#: What a reply of Ana's begins with when she has just come.
THIS_IS_ANA = "Aqui é Ana, da equipe.\n\n"
#: What the assistant's first answer begins with when it has the conversation again.
BACK = "A assistente virtual está de volta.\n\n"
START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


class WoundClock:
    """Stands still until it is wound."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def wind(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


async def eventually(fact: Callable[[], Union[Any, Awaitable[Any]]], what: str = "the fact") -> Any:
    """The fact's value once it is true; fails when it has not become so in time."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        value = fact()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true"
        await asyncio.sleep(0.005)


@dataclass
class Script:
    """What the dialogue answers to one question; `during` runs while it thinks."""

    says: Sequence[str | Utterance] = ("Olá!",)
    events: Sequence[Mapping[str, Any]] = ()
    timers: Sequence[TimerChange] = ()
    during: Callable[[], Awaitable[Any]] | None = None
    raises: BaseException | None = None


class ScriptedDialogue:
    """Satisfies `runtime.dialogue.Dialogue`. Answers by its script, `Olá!` where that is over."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.ready = True
        self.vocabulary: Vocabulary = NO_INTENTS
        self.script: deque[Script] = deque()
        self.asked: list[Question] = []
        self.reminded: list[Question] = []
        self.forgotten: list[str] = []
        self.seqs: list[int] = []

    async def answer(self, question: Question) -> Reply:
        self.asked.append(question)
        return await self._think(question, [_user(question.text)])

    async def remind(self, question: Question) -> Reply:
        self.reminded.append(question)
        return await self._think(question, [])

    async def _think(self, question: Question, heard: list[dict[str, Any]]) -> Reply:
        base = (await self._db.read(trackers.position, question.mail.conversation_id)).seq
        script = self.script.popleft() if self.script else Script()
        if script.during is not None:
            await script.during()
        if script.raises is not None:
            raise script.raises
        said = [Utterance(text=s) if isinstance(s, str) else s for s in script.says]
        spoken = [{"event": "bot", "timestamp": 1.0, "text": s.text} for s in said]
        return Reply(
            base_seq=base,
            events=[*heard, *script.events, *spoken],
            utterances=said,
            timers=script.timers,
            intent="greet",
            confidence=0.9,
        )

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        self.seqs.append(seq)

    def forget(self, conversation_id: ConversationId) -> None:
        self.forgotten.append(conversation_id)


def _user(text: str) -> dict[str, Any]:
    return {"event": "user", "timestamp": 1.0, "text": text, "parse_data": {"intent": {"name": "greet"}}}


class FakeChannel:
    """Satisfies `runtime.channel.Channel`. Takes what it is sent, or fails as told in `answers`."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.started: list[Outgoing] = []
        self.answers: deque[SendError | Exception] = deque()
        self.during: Callable[[Outgoing], Awaitable[Any]] | None = None
        self.has_signs = True
        self._ids = itertools.count(1)

    def render(self, utterance: Utterance, new_token: Callable[[], str]) -> list[Rendered]:
        buttons = [Button(token=new_token(), title=b["title"], payload=b["payload"]) for b in utterance.buttons]
        body = {"text": utterance.text, "buttons": [b.token for b in buttons]}
        return [Rendered(kind="text", text=utterance.text, body=body, buttons=buttons)]

    def signals(self, provider_id: str, *, typing: bool, author: Author) -> list[dict[str, Any]]:
        return [{"seen": provider_id, "typing": typing}] if self.has_signs else []

    async def send(self, outgoing: Outgoing) -> str | None:
        self.started.append(outgoing)
        if self.during is not None:
            await self.during(outgoing)
        outgoing.check()
        if "seen" in outgoing.body:
            return None
        if self.answers:
            raise self.answers.popleft()
        self.sent.append(outgoing)
        return f"wamid.out.{next(self._ids)}"

    @property
    def texts(self) -> list[str]:
        return [outgoing.body["text"] for outgoing in self.sent]


@dataclass
class Stage:
    """The runtime on a real database, with a customer's and an operator's hands on it."""

    db: Database
    clock: WoundClock
    vault: Vault
    settings: RuntimeSettings
    account: Account
    agent: Agent
    holder: Holder
    dialogue: ScriptedDialogue
    channel: FakeChannel = field(default_factory=FakeChannel)

    def __post_init__(self) -> None:
        self.wake = Wake(self.db)
        channels: dict[str, Any] = {self.account.channel.value: self.channel}
        self.entrance = Entrance(self.db, self.vault, channels, self.clock, self.wake, "verify", "default-secret")
        self.ownership = Ownership(self.db, self.vault, channels, self.clock, self.settings)
        self.delivery = Delivery(self.db, self.vault, channels, self.wake, self.clock, self.settings, self.holder)
        self.deadlines = Deadlines(self.db, channels, self.wake, self.clock, self.settings)
        self.turns = Turns(self.db, self.dialogue, channels, self.clock, self.settings, self.holder)
        self._mids = itertools.count(1)

    async def accept(self, *arrivals: Arrival) -> None:
        await self.entrance.accept(self.account.channel.value, arrivals)

    def inbound(self, text: str | None = "oi", *, phone: str = ANA, **given: Any) -> Inbound:
        made: dict[str, Any] = {
            "account": NUMBER,
            "addresses": (Address(kind=ADDRESS_KINDS[self.account.channel], value=phone),),
            "provider_id": f"wamid.in.{next(self._mids)}",
            "kind": "text",
            "sent_at": self.clock.now(),
            "text": text,
        }
        return Inbound(**{**made, **given})

    async def hears(self, text: str | None = "oi", *, phone: str = ANA, **given: Any) -> ConversationId:
        """The customer writes; the conversation it is in."""
        await self.accept(self.inbound(text, phone=phone, **given))
        return (await self.db.read(conversations.listed, address=phone))[0].conversation.id

    async def hands_over(self, **settings: Any) -> None:
        """The account's settings of handover, over the defaults."""
        made = handover_settings.read({"language": "pt", **settings})
        await self.ownership.change_account(self.account.id, handover=made)

    async def operator(self, name: str, presence: Presence = Presence.ONLINE, *, role: Role = Role.OPERATOR) -> None:
        await self.db.write(operators.add, name, role, self.clock.now())
        await self.db.write(people.set_presence, name, presence, self.clock.now())

    async def asks_for_a_person(self, *, phone: str = ANA, **wish: Any) -> ConversationId:
        """By the dialogue, which says that it calls somebody."""
        slot = {"event": "slot", "timestamp": 1.0, "name": "handover_request", "value": {"reason": "asked", **wish}}
        self.dialogue.script.append(Script(says=["Vou chamar alguém. [[what_next]]"], events=[slot]))
        conversation_id = await self.hears("quero falar com uma pessoa", phone=phone)
        await self.all_turns(conversation_id)
        return conversation_id

    async def log(self, conversation_id: ConversationId) -> list[tuple[str, str, str, str]]:
        """Who answered, as it changed: command, by whom, from, to."""
        lines = await self.db.read(handovers.log_of, conversation_id)
        return [(line["command"], line["by"], line["before"], line["after"]) for line in lines]

    async def later(self, seconds: float) -> None:
        """The clock goes on, and the rules do what is due."""
        self.clock.wind(seconds)
        await self.deadlines.look()

    async def turn(self, conversation_id: ConversationId) -> Step:
        return await self.turns.take(conversation_id)

    async def all_turns(self, conversation_id: ConversationId) -> None:
        while await self.turn(conversation_id) is Step.TAKEN:
            pass

    @contextlib.asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        async with self.wake.watching():
            task = asyncio.create_task(self.delivery.run())
            try:
                yield
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                await self.delivery.drain(1.0)

    async def sent(self, count: int) -> list[str]:
        """The texts that went out, once there are so many."""
        await eventually(lambda: len(self.channel.sent) >= count, f"{count} sends (there were {self.channel.texts})")
        return self.channel.texts

    async def conversation(self, conversation_id: ConversationId) -> Conversation:
        return await self.db.read(conversations.get, conversation_id)

    async def messages(self, conversation_id: ConversationId) -> list[Message]:
        return await self.db.read(messages.of_conversation, conversation_id)

    async def texts(self, conversation_id: ConversationId, author: Author = Author.BOT) -> list[str | None]:
        return [m.text for m in await self.messages(conversation_id) if m.author is author]

    async def events(self, conversation_id: ConversationId) -> list[dict[str, Any]]:
        return await self.db.read(trackers.events_after, conversation_id, 0)

    async def heard(self, conversation_id: ConversationId) -> list[str]:
        """The customer's words in the tracker."""
        return [e["text"] for e in await self.events(conversation_id) if e["event"] == "user"]

    async def rows(self, table: Any) -> list[Any]:
        return await self.db.read(lambda tx: tx.execute(table.select().order_by(table.c.id)).all())

    async def outbox(self, lane: str = "message") -> list[Any]:
        return [row for row in await self.rows(tables.outbox) if row.lane == lane]

    async def report(self, provider_id: str, status: MessageStatus, **given: Any) -> None:
        made: dict[str, Any] = {"account": NUMBER, "provider_id": provider_id, "status": status, "at": self.clock.now()}
        await self.accept(StatusReport(**{**made, **given}))


def set_up(
    db: Database, vault: Vault, clock: WoundClock, channel: Channel = Channel.WHATSAPP, **given: Any
) -> tuple[Account, Agent]:
    """An agent, and an account of its."""

    def make(tx: Any) -> tuple[Account, Agent]:
        agent = agents.ensure_default(tx, clock.now())
        return add_account(tx, vault, agent, NUMBER, channel=channel, **given), agent

    return db.write_now(make)


def add_account(tx: Any, vault: Vault, agent: Agent, provider_id: str, **given: Any) -> Account:
    made: dict[str, Any] = {"channel": Channel.WHATSAPP, "handover": HandoverSettings(language="pt"), **given}
    account = Account(id=AccountId(new_id("acc")), provider_id=provider_id, name="Cantina", agent_id=agent.id, **made)
    return accounts.add(tx, vault, account, token="tok", secrets=["s1"], now=START)


def mail_waiting(tx: Any, conversation_id: str, now: datetime = START) -> Mail:
    mail = mailbox.lowest_waiting(tx, conversation_id, now)
    assert mail is not None
    return mail


def due_rows(tx: Any, now: datetime) -> list[outbox.Row]:
    return outbox.due(tx, now, passing_unknown_after_s=15)
