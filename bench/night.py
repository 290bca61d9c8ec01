"""A day and a night of a shop by a clock wound by hand: who was ever left with nobody to touch their conversation?

24 simulated hours and the next opening: thousands of customers on three accounts (two with opening hours), teams that
give work out in turn, operators who come, go, vanish without a word and are removed, an assistant that is switched off
for half the night, restarts, and processes that end in a turn, in its transaction, and between a claim and its answer.
The runtime's own pieces on a real database; only Rasa and Meta are stood in for, and nobody waits.

`stranded`: at the end, open conversations that nobody and nothing will touch, rules whose time came without effect, and
customers who wrote and were neither answered nor handed on. `longest_untold_s`: the longest from a customer's message
until anything at all was said to them (who waits for a person and was told so has been told). `pending_alone`: how many
ever waited for a person while nobody was online. Exit 1 where `stranded` is not 0.

--sabotage no-deadlines (no rule is carried out), no-vanish (who is gone is not looked for): must be found.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from bench.harness import entry
from bench.harness.entry import Result, say
from bench.nights import judging
from bench.nights.house import ASKS, DECLINES, Clock, House
from bench.nights.judging import Judged
from bench.nights.people import Person
from bench.services import throwaway
from conversation import handover_settings
from conversation.account import Account, Channel, WhilePending
from conversation.agent import AgentStatus
from conversation.arrivals import Inbound
from conversation.contact import Address, AddressKind
from conversation.conversation import HandoverState
from conversation.people import Assignment, Role
from store import accounts, agents, mailbox, operators, people, teams
from store.database import Database
from store.tables import conversations
from store.vault import Vault, new_key

#: A Monday, nine in the morning in São Paulo.
_START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
_DAY, _AFTERWARDS = timedelta(hours=24), timedelta(hours=5)
_WORKDAYS = {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
_ACCOUNTS: tuple[dict[str, Any], ...] = (
    {"hours": _WORKDAYS, "team": "front", "ask_rating": True},
    {"team": "back", "silence_s": 0, "auto_return_s": 0, "announce_arrival": "message"},
    {"hours": _WORKDAYS, "silence_to": "assistant", "sticky_s": 0, "announce_return": "message"},
)
_SABOTAGES = ("no-deadlines", "no-vanish")
_PENDING = sa.select(conversations.c.id).where(conversations.c.state == HandoverState.PENDING.value)


@dataclass(kw_only=True)
class Night:
    chosen: argparse.Namespace
    db: Database
    clock: Clock
    house: House
    staff: list[Person]
    agent: str
    dice: random.Random
    writes: list[tuple[datetime, str, str, str]]  # when, on which account, who, what; the latest first
    alone: set[str] = field(default_factory=set)
    mids: int = 0

    async def step(self) -> None:
        self.clock.wind(timedelta(minutes=self.chosen.step))
        now = self.clock.now()
        await self._customers(now)
        await self._mishap(now)
        await self.house.take_turns()
        if self.dice.random() < 0.05:
            await self.house.cut_in_send()
        if self.chosen.sabotage != "no-deadlines":
            await self.house.deadlines.look()
        for person in self.staff:
            await person.live(self.house, self.db, now, self.dice)
        await self.house.deliver()
        if not any(person.there for person in self.staff):
            self.alone |= set(await self.db.read(_waiting))

    async def _customers(self, now: datetime) -> None:
        while self.writes and self.writes[-1][0] <= now:
            _, account, phone, text = self.writes.pop()
            self.mids += 1
            inbound = Inbound(
                account=account,
                addresses=(Address(kind=AddressKind.PHONE, value=phone),),
                provider_id=f"wamid.in.{self.mids}",
                kind="text",
                sent_at=now,
                text=text,
            )
            await self.house.entrance.accept("whatsapp", [inbound])

    async def _mishap(self, now: datetime) -> None:
        """Now and then a process ends, in good order or not."""
        chance = self.dice.random()
        waiting = await self.db.read(mailbox.conversations_waiting, now, self.house.holder)
        if chance < 0.04 and waiting:
            await self.house.cut_in_turn(waiting[0].conversation_id)
        elif chance < 0.08 and waiting:
            await self.house.cut_in_commit(waiting[0].conversation_id)
        elif chance < 0.12:
            self.house.restart()

    async def switch(self, status: AgentStatus) -> None:
        await self.house.ownership.switch_agent(self.agent, status)


async def bench(chosen: argparse.Namespace) -> Result:
    structlog.configure(processors=[_silent], cache_logger_on_first_use=False)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        db = stack.enter_context(throwaway.database(chosen.database))
        night = _begin(db, chosen)
        if chosen.sabotage == "no-vanish":
            stack.enter_context(_nobody_is_missed())
        off, on = _START + timedelta(hours=11), _START + timedelta(hours=18)
        end = _START + _DAY + _AFTERWARDS
        told = 0
        while night.clock.now() < end:
            before = night.clock.now()
            await night.step()
            for at, status in ((off, AgentStatus.INACTIVE), (on, AgentStatus.ACTIVE)):
                if before < at <= night.clock.now():
                    await night.switch(status)
            hours = int((night.clock.now() - _START) / timedelta(hours=1))
            if hours >= told + 4:
                told = hours
                say(f"{hours} h: {len(night.writes)} messages to come, {night.house.cuts} processes cut off")
        there = {person.name for person in night.staff if person.there}
        judged = await db.read(judging.judge, night.clock.now(), there)
    return _result(chosen, night, judged, time.monotonic() - began)


class _Silent(structlog.DropEvent):
    """Nobody reads the log of a simulated night."""


def _silent(*_: Any) -> Any:
    raise _Silent


def _begin(db: Database, chosen: argparse.Namespace) -> Night:
    vault, clock = Vault(new_key()), Clock(_START)
    dice = random.Random(f"night/{chosen.seed}")
    staff = _staff(dice, max(4, chosen.conversations // 250))
    agent = db.write_now(_fill, vault, staff)
    return Night(
        chosen=chosen,
        db=db,
        clock=clock,
        house=House(db, vault, clock),
        staff=staff,
        agent=agent,
        dice=dice,
        writes=_writes(dice, chosen.conversations),
    )


def _staff(dice: random.Random, count: int) -> list[Person]:
    """A day shift, a late one that ends in the night, the next morning's; some vanish, some are removed."""
    staff = []
    for n in range(count):
        late = n % 4 == 3
        comes = _START + timedelta(hours=6 if late else 0)
        goes = _START + timedelta(hours=13 if late else 9)
        at = comes + (goes - comes) * dice.uniform(0.3, 0.8)
        staff.append(
            Person(
                name=f"person{n:02d}",
                comes=comes,
                goes=goes,
                vanishes_at=at if n % 4 in (1, 3) else None,
                removed_at=at if n % 4 == 2 else None,
            )
        )
    morning = _START + _DAY
    return [
        *staff,
        *(Person(name=f"morning{n:02d}", comes=morning, goes=morning + timedelta(hours=9)) for n in range(count)),
    ]


def _fill(tx: Connection, vault: Vault, staff: Sequence[Person]) -> str:
    agent = agents.ensure_default(tx, _START)
    teams.add(tx, "front", Assignment.ROUND_ROBIN, _START)
    teams.add(tx, "back", Assignment.LEAST_BUSY, _START)
    for number, settings in enumerate(_ACCOUNTS):
        account = Account(
            id=accounts.new_account_id(),
            channel=Channel.WHATSAPP,
            provider_id=_number(number),
            name=f"Shop {number}",
            agent_id=agent.id,
            emulated=True,
            while_pending=WhilePending.SILENT if number == 1 else WhilePending.ASSISTANT,
            handover=handover_settings.read(settings),
        )
        accounts.add(tx, vault, account, token="token", secrets=(), now=_START)
    for number, person in enumerate(staff):
        operators.add(tx, person.name, Role.OPERATOR, _START)
        people.set_capacity(tx, person.name, 12)
        teams.join(tx, ("front", "back")[number % 2], person.name)
    return agent.id


def _number(account: int) -> str:
    return str(100_000_000_000_001 + account)


def _writes(dice: random.Random, count: int) -> list[tuple[datetime, str, str, str]]:
    """Everybody writes a few times within a few hours, more by day than by night; a third asks for a person."""
    found = []
    for n in range(count):
        account, phone = _number(dice.randrange(len(_ACCOUNTS))), f"5511{n:09d}"
        hour = dice.choices(range(24), weights=[4] * 9 + [3] * 5 + [1] * 10)[0]
        at = _START + timedelta(hours=hour, seconds=dice.randrange(3600))
        asks = dice.random() < 0.34
        for m in range(dice.randint(1, 5)):
            chance = dice.random()
            text = ASKS if asks and m in (1, 3) else DECLINES if asks and chance < 0.05 else f"m{m}"
            found.append((min(at, _START + _DAY), account, phone, text))
            at += timedelta(seconds=dice.expovariate(1 / 1800))
    return sorted(found, reverse=True)


@contextlib.contextmanager
def _nobody_is_missed() -> Any:
    absent = people.absent
    people.absent = lambda *_: []  # type: ignore[assignment]
    try:
        yield
    finally:
        people.absent = absent


def _waiting(tx: Connection) -> Sequence[str]:
    found: Sequence[str] = tx.execute(_PENDING).scalars().all()
    return found


def _result(chosen: argparse.Namespace, night: Night, judged: Judged, took_s: float) -> Result:
    stranded = sum(judged.stranded.values())
    measured: dict[str, Any] = {
        "bench": "night",
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "conversations": chosen.conversations,
        "messages": night.mids,
        "operators": len(night.staff),
        "vanished": sum(person.vanishes_at is not None for person in night.staff),
        "removed": sum(person.removed for person in night.staff),
        "restarts": night.house.restarts,
        "cuts": night.house.cuts,
        "seconds": round(took_s, 1),
        "ever_pending": judged.ever_pending,
        "pending_alone": len(night.alone),
        "stranded": stranded,
        "stranded_why": dict(judged.stranded),
        "longest_untold_s": judged.longest_untold_s,
        "untold_at_the_end": judged.untold,
        "standing": dict(judged.standing),
    }
    broken = [f"{count} conversations: {why}" for why, count in judged.stranded.items()]
    return Result(figures=measured, broken=broken)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench night", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--conversations", type=int, default=5000)
    parser.add_argument("--step", type=float, default=2.0, help="how far the clock is wound at a time, in minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--sabotage", choices=_SABOTAGES, help="remove this guard")
    return entry.run(bench(parser.parse_args(argv)))
