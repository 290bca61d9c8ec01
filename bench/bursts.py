"""Customers write in bursts, by a clock wound by hand: is each burst one turn, and nothing lost, doubled or said late?

They write several short messages in a row, with pictures, choices, reactions and messages taken back among them, some
without end, some with pauses just too long. Meanwhile processes end (when a turn was begun, when the dialogue has
answered, in the transaction), operators take conversations whose window is open and give them back, the assistant is
switched off and on, and some words no dialogue gets over. The runtime's own pieces on a real database; only Rasa and
Meta are stood in for.

`turns_per_burst`: of the assistant's, for each burst it may answer. `lost`: messages without one row, one verdict, one
place in the history. `twice`: words heard or answered again. `out_of_order`: words heard before earlier ones.
`spoke_while_human`: the assistant's messages of a time when a person had the conversation. `not_split`: messages that
waited when a person came and were not recorded each by itself; `kept_waiting`: those not recorded at once.
`wrongly_joined`: turns of words that the rule keeps apart. `longest_wait_in_windows`: at most four, and a step of the
clock. Exit 1 where one of these does not hold.

--sabotage takes one guard out: no-fence (who joined is not looked at in the commit), no-split (what fails together is
never tried alone), no-end (a take ends no window), no-limit (who goes on writing is waited for).
"""

from __future__ import annotations

import argparse
import contextlib
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from bench.bursting import judging, people
from bench.bursting.judging import Judged, Stretch
from bench.bursting.people import POISON, Piece
from bench.harness import entry
from bench.harness.entry import Result, say
from bench.nights.house import Clock, Cut, House, _ending_at
from bench.services import throwaway
from conversation import bursts
from conversation.account import Account
from conversation.agent import AgentStatus
from conversation.arrivals import REACTION
from conversation.channel_settings import ChannelSettings
from conversation.conversation import ConversationId, HandoverState
from conversation.handover import PHONE
from conversation.people import Presence, Role
from runtime import joining, points
from store import accounts, agents, conversations, gathering, mailbox, operators
from store import people as staff
from store.database import Database
from store.tables import mailbox as mails
from store.tables import messages
from store.vault import Vault, new_key

_START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
_NUMBER, _OPERATOR = "100000000000001", "ana"
_STEP_S, _CALM_STEP_S = 0.5, 5.0
#: At each step, of those whose mail waits; of those whose turn is due; of all.
_TAKEN, _CUT, _SWITCHED = 0.015, 0.03, 0.01
_PLACES = (points.BEGUN, points.IN_TURN, points.IN_COMMIT)
#: So many times what fails is tried again before it is parked, and how long that takes: more than enough.
_AFTERWARDS_S = 300.0


@dataclass(kw_only=True)
class Day:
    chosen: argparse.Namespace
    db: Database
    clock: Clock
    house: House
    agent: str
    dice: random.Random
    writes: list[Piece]
    accepted: list[str] = field(default_factory=list)
    open_stretches: dict[str, tuple[int, datetime, frozenset[int]]] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)
    kept_waiting: int = 0
    switched: int = 0
    on_again_at: datetime | None = None

    async def step(self, calm: bool = False) -> None:
        self.clock.wind(timedelta(seconds=_CALM_STEP_S if calm else _STEP_S))
        now = self.clock.now()
        await self._customers(now)
        if not calm:
            await self._take_some(now)
            await self._switch(now)
            await self._end_a_process()
        await self._give_back(now, all_of_them=calm)
        await self.house.take_turns()
        await self._look_at_who_waited()

    async def _customers(self, now: datetime) -> None:
        while self.writes and self.writes[-1].at <= now:
            piece = self.writes.pop()
            await self.house.entrance.accept(people.CHANNEL.value, [piece.arrival(_NUMBER)])
            if piece.takes_back is None and piece.kind != REACTION:
                self.accepted.append(piece.key)

    async def _take_some(self, now: datetime) -> None:
        """Of those whose window is open, or whose turn has not come."""
        for chosen in await self.db.read(_with_mail):
            if chosen in self.open_stretches or self.dice.random() > _TAKEN:
                continue
            before = await self.db.read(_last_message, chosen)
            await self.house.ownership.take(chosen, by=_OPERATOR)
            until = now + timedelta(seconds=self.dice.uniform(1, 30))
            self.open_stretches[chosen] = (before, until, await self.db.read(_mail_of, chosen))

    async def _give_back(self, now: datetime, *, all_of_them: bool) -> None:
        for conversation_id, (before, until, waiting) in list(self.open_stretches.items()):
            if until > now and not all_of_them:
                continue
            last = await self.db.read(_last_message, conversation_id)
            found = await self.db.read(conversations.get, conversation_id)
            if found.state is HandoverState.HUMAN and found.owner != PHONE:
                await self.house.ownership.release(conversation_id, by=_OPERATOR)
            del self.open_stretches[conversation_id]
            stretch = Stretch(conversation_id=conversation_id, after=before, until=last, waiting=waiting)
            self.stretches.append(stretch)

    async def _switch(self, now: datetime) -> None:
        if self.on_again_at is not None and now >= self.on_again_at:
            self.on_again_at = None
            await self.house.ownership.switch_agent(self.agent, AgentStatus.ACTIVE)
        elif self.on_again_at is None and self.dice.random() < _SWITCHED:
            self.on_again_at = now + timedelta(seconds=self.dice.uniform(1, 6))
            self.switched += 1
            await self.house.ownership.switch_agent(self.agent, AgentStatus.INACTIVE)

    async def _end_a_process(self) -> None:
        """In a turn that is due, at a place of its way."""
        for each in await self.db.read(mailbox.conversations_waiting, self.clock.now(), self.house.holder):
            if self.dice.random() > _CUT:
                continue
            place = self.dice.choice(_PLACES)
            with _ending_at(place), _nothing_is_put_back(), contextlib.suppress(Cut):
                await self.house.turns.take(each.conversation_id)
                continue
            self.ends[place] = self.ends.get(place, 0) + 1
            self.house.restart()

    async def _look_at_who_waited(self) -> None:
        """Whoever a person took just now waits for no window any more."""
        for conversation_id, (_, _, waiting) in self.open_stretches.items():
            left = waiting & await self.db.read(_mail_of, conversation_id)
            if left and not await self.db.read(_held_up, conversation_id):
                self.kept_waiting += len(left)


@contextlib.contextmanager
def _nothing_is_put_back() -> Iterator[None]:
    """A process that is killed writes nothing down."""
    put_back = joining.put_back
    joining.put_back = lambda *_: None  # type: ignore[assignment]
    try:
        yield
    finally:
        joining.put_back = put_back


def _with_mail(tx: Connection) -> list[ConversationId]:
    query = sa.select(mails.c.conversation_id).where(mails.c.state == "new").group_by(mails.c.conversation_id)
    return list(tx.execute(query.order_by(sa.func.min(mails.c.id))).scalars())


def _mail_of(tx: Connection, conversation_id: str) -> frozenset[int]:
    query = sa.select(mails.c.id).where(mails.c.conversation_id == conversation_id, mails.c.state == "new")
    return frozenset(tx.execute(query).scalars())


def _held_up(tx: Connection, conversation_id: str) -> bool:
    """Its lowest mail failed, and is not tried again yet."""
    query = sa.select(mails.c.attempts).where(mails.c.conversation_id == conversation_id, mails.c.state == "new")
    return bool(tx.execute(query.order_by(mails.c.id).limit(1)).scalar())


def _last_message(tx: Connection, conversation_id: str) -> int:
    query = sa.select(sa.func.max(messages.c.id)).where(messages.c.conversation_id == conversation_id)
    return int(tx.execute(query).scalar() or 0)


async def bench(chosen: argparse.Namespace) -> Result:
    structlog.configure(processors=[_silent], cache_logger_on_first_use=False)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_SABOTAGES[chosen.sabotage]() if chosen.sabotage else contextlib.nullcontext())
        db = stack.enter_context(throwaway.database(chosen.database))
        day = _begin(db, chosen)
        bursts_written = len({(piece.phone, piece.burst) for piece in day.writes})
        while day.writes:
            await day.step()
        if day.on_again_at is not None:
            await day.house.ownership.switch_agent(day.agent, AgentStatus.ACTIVE)
        say(f"{len(day.accepted)} messages, {sum(day.ends.values())} processes ended; waiting until all is settled.")
        settled = day.clock.now() + timedelta(seconds=_AFTERWARDS_S)
        while day.clock.now() < settled:
            await day.step(calm=True)
        judged = await db.read(judging.judge, day.accepted, day.stretches, chosen.window)
    return _result(chosen, day, judged, bursts_written, time.monotonic() - began)


class _Silent(structlog.DropEvent):
    """Nobody reads the log of a simulated day."""


def _silent(*_: Any) -> Any:
    raise _Silent


def _begin(db: Database, chosen: argparse.Namespace) -> Day:
    vault, clock = Vault(new_key()), Clock(_START)
    agent = db.write_now(_fill, vault, chosen.window)
    return Day(
        chosen=chosen,
        db=db,
        clock=clock,
        house=_Frail(db, vault, clock),
        agent=agent,
        dice=random.Random(f"bursts/{chosen.seed}"),
        writes=people.all_written(chosen.seed, chosen.customers, chosen.bursts, chosen.window, _START),
    )


class _Frail(House):
    """Its dialogue does not get over some words."""

    def _build(self) -> None:
        super()._build()
        dialogue: Any = self.turns._dialogue
        answer = dialogue.answer

        async def answer_or_fail(question: Any) -> Any:
            if POISON in question.text:
                raise RuntimeError(POISON)
            return await answer(question)

        dialogue.answer = answer_or_fail


def _fill(tx: Connection, vault: Vault, window_s: float) -> str:
    agent = agents.ensure_default(tx, _START)
    account = Account(
        id=accounts.new_account_id(),
        channel=people.CHANNEL,
        provider_id=_NUMBER,
        name="Shop",
        agent_id=agent.id,
        emulated=True,
        max_bot_messages_per_hour=100_000,
        channel_settings=ChannelSettings(join_within_s=window_s, stale_after_s=0),
    )
    accounts.add(tx, vault, account, token="token", secrets=(), now=_START)
    operators.add(tx, _OPERATOR, Role.ADMIN, _START)
    staff.set_presence(tx, _OPERATOR, Presence.ONLINE, _START)
    staff.set_capacity(tx, _OPERATOR, 1000)
    return agent.id


@contextlib.contextmanager
def _without(module: Any, name: str, instead: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, instead)
    try:
        yield
    finally:
        setattr(module, name, before)


_SABOTAGES: dict[str, Any] = {
    "no-fence": lambda: _without(gathering, "finish_with", lambda *_: True),
    "no-split": lambda: _without(bursts, "TRIED_TOGETHER", 10**6),
    "no-end": lambda: _without(gathering, "end", lambda *_: None),
    "no-limit": lambda: _without(bursts, "LONGEST", 10**6),
}
#: What is wrong where it is not 0.
_PROMISES = {
    "lost": "messages were lost",
    "twice": "times words were heard or answered again",
    "out_of_order": "times words were heard before earlier ones",
    "spoke_while_human": "messages of the assistant's while a person had the conversation",
    "not_split": "messages that waited when a person came were not recorded by themselves",
    "kept_waiting": "times a message waited on when a person had come",
    "wrongly_joined": "turns of words that the rule keeps apart",
}


def _result(chosen: argparse.Namespace, day: Day, judged: Judged, bursts_written: int, took_s: float) -> Result:
    measured: dict[str, Any] = {
        "bench": "bursts",
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "customers": chosen.customers,
        "window_s": chosen.window,
        "bursts": bursts_written,
        "messages": len(day.accepted),
        "ends": dict(sorted(day.ends.items())),
        "takes": len(day.stretches),
        "takes_of_open_windows": sum(bool(stretch.waiting) for stretch in day.stretches),
        "switched_off": day.switched,
        "parked": judged.parked,
        "turns": judged.turns,
        "joined_turns": judged.joined_turns,
        "messages_per_turn": round(judged.texts_answered / max(judged.turns, 1), 2),
        "turns_per_burst": round(judged.turns / max(bursts_written, 1), 2),
        "lost": sum(judged.lost_of.values()),
        "lost_why": dict(judged.lost_of),
        "twice": judged.twice,
        "out_of_order": judged.out_of_order,
        "spoke_while_human": judged.spoke_while_human,
        "not_split": judged.not_split,
        "kept_waiting": day.kept_waiting,
        "wrongly_joined": judged.wrongly_joined,
        "longest_wait_in_windows": round(judged.longest_wait_s / chosen.window, 2),
        "seconds": round(took_s, 1),
    }
    broken = [f"{measured[name]} {what}" for name, what in _PROMISES.items() if measured[name]]
    if judged.longest_wait_s > 4 * chosen.window + _STEP_S:
        broken.append(f"somebody waited {judged.longest_wait_s} s in a window of {chosen.window} s")
    return Result(figures=measured, broken=broken)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench bursts", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--bursts", type=int, default=6, help="of each customer")
    parser.add_argument("--window", type=float, default=4.0, help="the account's quiet window, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--sabotage", choices=sorted(_SABOTAGES), help="remove this guard")
    return entry.run(bench(parser.parse_args(argv)))
