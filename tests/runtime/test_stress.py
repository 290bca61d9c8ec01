"""Everything at once, from two gateways and two workers, by a seed: what is promised holds, whoever meets whom."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.arrivals import Inbound
from conversation.conversation import ConversationId, HandoverState
from conversation.errors import NotFound, Refused
from conversation.mail import MailState
from runtime.channel import Outgoing
from store import conversations, leases, outbox, tables
from store.database import Database
from tests.house import Script, Stage

CUSTOMERS = [f"55119000000{n:02}" for n in range(4)]
ALL = "all"
LIVED_S = 2.5
BOT = "Olá!"  # what the scripted dialogue says; a person says something else


Deed = Callable[[Stage], Awaitable[Any]]


class Crowd:
    """Customers, operators and both houses, each doing what it likes."""

    def __init__(self, stages: list[Stage], chance: random.Random) -> None:
        self.stages, self.chance = stages, chance
        self.written: list[Inbound] = []
        self.silent: set[str] = set()  # phones, or all, to whom silence was promised
        self.spoken_over: list[str] = []
        self._one_at_a_time: defaultdict[object, asyncio.Lock] = defaultdict(asyncio.Lock)
        stages[0].channel.during = self._sending
        for stage in stages:
            stage.dialogue.script += [Script(during=self._moment) for _ in range(1000)]

    async def live(self) -> None:
        """Until everybody has written, and given, as many as they wanted."""
        done = asyncio.Event()
        works = [
            asyncio.create_task(self._keep(work, stage, done))
            for stage in self.stages
            for work in (self._turn, self._turn, self._send, self._repeat)
        ]
        wishes = [(self._write, 0.08), (self._write, 0.08), (self._take_and_release, 0.25), (self._reply, 0.4),
                  (self._switch_off_and_on, 0.3)]  # fmt: skip
        await asyncio.gather(*(self._want(wish, pause_s) for wish, pause_s in wishes))
        done.set()
        await asyncio.gather(*works)

    async def _keep(self, work: Deed, stage: Stage, done: asyncio.Event) -> None:
        while not done.is_set():
            await self._do(work, stage)
            await self._moment()

    async def _want(self, wish: Deed, pause_s: float) -> None:
        ends = time.monotonic() + LIVED_S
        while time.monotonic() < ends:
            await self._do(wish, self.chance.choice(self.stages))
            await asyncio.sleep(self.chance.random() * pause_s)

    async def _do(self, deed: Deed, stage: Stage) -> None:
        with contextlib.suppress(Refused, NotFound):  # somebody else has it, or there is nobody yet
            await deed(stage)

    async def _write(self, stage: Stage) -> None:
        phone, number = self.chance.choice(CUSTOMERS), len(self.written)
        inbound = stage.inbound(f"{number}", phone=phone, provider_id=f"wamid.{number}")
        self.written.append(inbound)
        await stage.accept(inbound)

    async def _repeat(self, stage: Stage) -> None:
        if self.written:
            await stage.accept(*self.chance.sample(self.written, k=min(3, len(self.written))))

    async def _turn(self, stage: Stage) -> None:
        conversation_id = await self._some_conversation(stage)
        async with self._one_at_a_time[stage.holder, conversation_id]:  # a worker has one actor a conversation
            await stage.turn(conversation_id)

    async def _send(self, stage: Stage) -> None:
        due = await stage.db.read(outbox.due, stage.clock.now(), passing_unknown_after_s=15)
        for row in self.chance.sample(due, k=min(3, len(due))):
            await stage.delivery._deliver(row)

    async def _sending(self, outgoing: Outgoing) -> None:
        phone = outgoing.addresses[0].value
        if outgoing.body.get("text") == BOT and self.silent & {phone, ALL}:
            self.spoken_over.append(phone)
        await self._moment()

    async def _take_and_release(self, stage: Stage) -> None:
        conversation_id = await self._some_conversation(stage)
        phone = await self._phone_of(stage, conversation_id)
        async with self._one_at_a_time[conversation_id]:
            done = await stage.ownership.take(conversation_id, by="ana")
            await self._silence(phone, done.in_flight)
            await stage.ownership.release(conversation_id, by="ana")

    async def _reply(self, stage: Stage) -> None:
        conversation_id = await self._some_conversation(stage)
        async with self._one_at_a_time[conversation_id]:
            await stage.ownership.reply(conversation_id, "uma pessoa", by="ana")
            await stage.ownership.release(conversation_id, by="ana")

    async def _switch_off_and_on(self, stage: Stage) -> None:
        async with self._one_at_a_time["agent"]:
            _, in_flight = await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
            await self._silence(ALL, in_flight)
            await stage.ownership.switch_agent("assistant", AgentStatus.ACTIVE)

    async def _silence(self, whose: str, in_flight: int) -> None:
        """Nothing of the assistant's may be sent for a while, if that was promised."""
        if in_flight == 0:
            self.silent.add(whose)
        await asyncio.sleep(self.chance.random() * 0.05)
        self.silent.discard(whose)

    async def _moment(self, *_: object) -> None:
        await asyncio.sleep(self.chance.random() * 0.01)

    async def _some_conversation(self, stage: Stage) -> ConversationId:
        listed = await stage.db.read(conversations.listed)
        if not listed:
            raise NotFound("nobody has written yet")
        return self.chance.choice(listed).conversation.id

    async def _phone_of(self, stage: Stage, conversation_id: ConversationId) -> str:
        (listed,) = await stage.db.read(conversations.listed, conversation_id=conversation_id)
        return listed.contact.addresses[0].value

    async def come_to_rest(self) -> None:
        """Nobody has a conversation any more, and all that waits is done."""
        stage = self.stages[0]
        stage.clock.wind(stage.settings.lease_s)  # the other house's leases are over
        for each in await stage.db.read(conversations.listed):
            if each.conversation.state is not HandoverState.BOT:  # given back while the agent was off
                await stage.ownership.release(each.conversation.id, by="ana", force=True)
            await stage.all_turns(each.conversation.id)
        for _ in range(500):
            for row in await stage.db.read(outbox.due, stage.clock.now(), passing_unknown_after_s=15):
                await stage.delivery._deliver(row)
            if not any(row.state == "queued" for row in await stage.outbox()):
                break
            stage.clock.wind(1)  # what waits for the number's pace comes to its turn


@pytest.fixture
async def other(stage: Stage, db_url: str) -> AsyncIterator[Stage]:
    """Another house on the same database, with the same customers' phones."""
    database = Database(db_url)
    yield Stage(
        db=database,
        clock=stage.clock,
        vault=stage.vault,
        settings=stage.settings,
        account=stage.account,
        agent=stage.agent,
        holder=leases.Holder(house="b", name="1"),
        dialogue=type(stage.dialogue)(database),
        channel=stage.channel,
    )
    database.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_message_takes_effect_once_in_order_and_no_request_is_doubled_or_spoken_over_a_person(
    stage: Stage, other: Stage, seed: int
) -> None:
    crowd = Crowd([stage, other], random.Random(seed))
    await crowd.live()
    await crowd.come_to_rest()

    assert crowd.spoken_over == []
    mails = await stage.rows(tables.mailbox)
    messages = {row.id: row for row in await stage.rows(tables.messages)}
    assert {mail.state for mail in mails} == {MailState.DONE.value}
    accepted = Counter(messages[mail.message_id].provider_id for mail in mails)
    assert accepted == Counter(inbound.provider_id for inbound in crowd.written)
    for each in await stage.db.read(conversations.listed):
        arrived = [messages[m.message_id].text for m in mails if m.conversation_id == each.conversation.id]
        assert await stage.heard(each.conversation.id) == arrived
    sent = Counter(outgoing.opaque for outgoing in stage.channel.sent)
    rows = await stage.outbox()
    assert {row.state for row in rows} <= {"sent", "withdrawn", "expired"}
    assert sent == Counter(str(row.id) for row in rows if row.state == "sent")
