"""Customers who write under two names become one at the worst moments: is nothing lost, and has one person it?

Each has two conversations with one account, of two names: a number and a user id of Meta's, or two numbers. A webhook
then tells that both are one person: a message, a report, a number in its other spelling, a change of number; or a
supervisor says so. What is under way in one of the two just then, in another process with connections of its own, is
the moment. The runtime's own pieces on a real database; only Rasa and Meta are stood in for. A process that is killed
loses what it had in memory, and its open transaction; what it left is found by another of its house, or of another
when its time is over.

`lost`: messages without one row in the one conversation, one verdict, one place in the history, and, where it is to be
answered, an answer that left. `twice`: kept, heard, answered or sent again. `owners`: times somebody else than the one
who has it could write, or nobody had what somebody had. `spoke_while_human`: requests of the assistant's claimed and
arrived while a person had it. `out_of_order`: words heard, or answered, before earlier ones. `old_names_dead`: ids
and names that do not lead to the one. `left_behind`: rows under an id that is no more. `not_merged`: customers who are
still two. Exit 1 unless all are 0 and each moment was reached.

--sabotage takes one guard out: mail-left-behind (mail of the one that goes is put away), ownership-not-moved (who had
the one that goes has nothing), no-fence (turns and claims begun before the merge count after it), no-withdraw (what
the assistant has queued is not asked about again), no-old-names (ids that are gone lead nowhere), not-where-it-is
(what became of a request is written down under the old id), no-lock (neither conversation is locked; --database
postgres).
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from bench.bursts import _silent
from bench.harness import entry
from bench.harness.entry import Result, say
from bench.harness.state import UNPACED
from bench.merging import judging, moments, sabotage
from bench.merging.course import OPERATORS, Course
from bench.merging.gateways import Gateway, Meta, Places, listening
from bench.merging.judging import Judged
from bench.nights.house import Clock
from bench.services import throwaway
from conversation.account import Account, Channel
from conversation.people import Presence, Role
from store import accounts, agents, operators
from store import people as staff
from store.database import Database
from store.vault import Vault, new_key

_START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


async def bench(chosen: argparse.Namespace) -> Result:
    began = time.monotonic()
    judged: dict[str, list[tuple[Course, Judged]]] = {name: [] for name in chosen.moments}
    with contextlib.ExitStack() as stack:
        stack.enter_context(sabotage.OF_MERGES[chosen.sabotage]() if chosen.sabotage else contextlib.nullcontext())
        db = stack.enter_context(throwaway.database(chosen.database))
        other = stack.enter_context(contextlib.closing(Database(db.url)))
        vault, clock, meta = Vault(new_key()), Clock(_START), Meta()
        db.write_now(_fill, vault)
        places = Places(meta)
        stack.enter_context(listening(places))
        gateways = [Gateway(name, each, vault, clock, meta, places) for name, each in (("a", db), ("b", other))]
        for number in range(chosen.customers):
            name = chosen.moments[number % len(chosen.moments)]
            account = moments.JOINING if name == "in_a_burst" else moments.PLAIN
            course = Course(
                number=number,
                moment=name,
                account=account,
                window_s=moments.WINDOWS[account],
                dice=random.Random(f"merge/{chosen.seed}/{number}"),
                gateways=gateways,
                meta=meta,
                places=places,
            )
            judged[name].append((course, await _run(course, db)))
            if number % 200 == 199:
                say(f"{number + 1} of {chosen.customers} customers")
    return _result(chosen, judged, time.monotonic() - began)


async def _run(course: Course, db: Database) -> Judged:
    before = len(course.meta.arrived)
    course.reported = before
    course.places.reached.clear()
    try:
        await moments.MOMENTS[course.moment](course)
        await course.looks_who_has_it()
        await course.goes_on()
    except Exception as problem:  # what follows from it is judged all the same
        course.errors.append(
            f"{course.moment} {course.number} ({course.way}): {type(problem).__name__}: {problem}"[:300]
        )
        course.places.clear()
    return await db.write(judging.judge, course, course.meta.arrived[before:])


def _fill(tx: Connection, vault: Vault) -> None:
    agent = agents.ensure_default(tx, _START)
    for provider_id, window_s in moments.WINDOWS.items():
        account = Account(
            id=accounts.new_account_id(),
            channel=Channel.WHATSAPP,
            provider_id=provider_id,
            name="Shop",
            agent_id=agent.id,
            emulated=True,
            max_bot_messages_per_hour=100_000,
            resend_unknown=True,
            channel_settings=dataclasses.replace(UNPACED, join_within_s=window_s, stale_after_s=0),
        )
        accounts.add(tx, vault, account, token="token", secrets=(), now=_START)
    for name in OPERATORS:
        operators.add(tx, name, Role.OPERATOR, _START)
        staff.set_presence(tx, name, Presence.ONLINE, _START)
        staff.set_capacity(tx, name, 1000)


#: What is wrong where it is not 0.
_PROMISES = {
    "not_merged": "customers are still two",
    "lost": "messages were lost",
    "twice": "times something was kept, heard, answered or sent again",
    "owners": "times it was not one person's",
    "spoke_while_human": "requests of the assistant's while a person had it",
    "out_of_order": "times words came before earlier ones",
    "old_names_dead": "ids or names lead nowhere",
    "left_behind": "rows are under an id that is no more",
}


def _measured(found: Sequence[tuple[Course, Judged]]) -> dict[str, int]:
    return {
        "customers": len(found),
        "reached": sum(course.reached for course, _ in found),
        "merges": sum(judged.merges for _, judged in found),
        "not_merged": sum(judged.merges != 1 for _, judged in found),
        "lost": sum(sum(judged.lost_of.values()) for _, judged in found),
        "twice": sum(sum(judged.twice_of.values()) for _, judged in found),
        "owners": sum(len(course.owners) for course, _ in found),
        "spoke_while_human": sum(judged.spoke_while_human for _, judged in found),
        "out_of_order": sum(judged.out_of_order for _, judged in found),
        "old_names_dead": sum(judged.old_names_dead for _, judged in found),
        "left_behind": sum(sum(judged.left_behind_in.values()) for _, judged in found),
    }


def _result(chosen: argparse.Namespace, by_moment: dict[str, list[tuple[Course, Judged]]], took_s: float) -> Result:
    everyone = [each for found in by_moment.values() for each in found]
    per_moment = {name: _measured(found) for name, found in by_moment.items() if found}
    whole = _measured(everyone)
    why = {
        name: dict(sum((Counter({w: n for w, n in getattr(j, name).items() if n}) for _, j in everyone), Counter()))
        for name in ("lost_of", "twice_of", "left_behind_in")
    }
    errors = [error for course, _ in everyone for error in course.errors]
    measured: dict[str, Any] = {
        "bench": "merge",
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        **whole,
        "messages": sum(len(course.said) for course, _ in everyone),
        "answered": sum(judged.answered for _, judged in everyone),
        "recorded": sum(judged.recorded for _, judged in everyone),
        "ways": dict(sorted(Counter(course.way for course, _ in everyone).items())),
        **{name: found for name, found in why.items() if found},
        "owners_why": [why for course, _ in everyone for why in course.owners][:5],
        "moments": per_moment,
        "errors": len(errors),
        "first_errors": errors[:5],
        "seconds": round(took_s, 1),
    }
    broken = [f"{measured[name]} {what}" for name, what in _PROMISES.items() if measured[name]]
    broken += [f"the moment {name} was never reached" for name, found in per_moment.items() if not found["reached"]]
    broken += [f"a course did not come to its end: {error}" for error in errors[:5]]
    return Result(figures=measured, broken=broken)


def _moments(text: str) -> list[str]:
    found = text.split(",")
    if unknown := [each for each in found if each not in moments.MOMENTS]:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]}; there are {', '.join(moments.MOMENTS)}")
    return found


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench merge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=950, help="their moments come in turns")
    parser.add_argument("--moments", type=_moments, default=list(moments.MOMENTS), help="some only, as idle,in_turn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--sabotage", choices=sorted(sabotage.OF_MERGES), help="remove this guard")
    chosen = parser.parse_args(argv)
    if chosen.sabotage == "no-lock" and chosen.database == "sqlite":
        parser.error("SQLite has one writer: without its locks nothing is different. Use --database postgres.")
    structlog.configure(processors=[_silent], cache_logger_on_first_use=False)
    return entry.run(bench(chosen))
