"""Random paths through the real SQL: after each step the database must stand where the pure model says.

Many paths share a transaction, each with a conversation of its own; people and the assistant are set anew for each.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy.engine import Connection

from bench.exploring import moves
from bench.exploring.moves import Guards, Move
from bench.exploring.sql import Stage
from bench.exploring.world import RULES, World
from conversation.errors import Refused
from store.database import Database

_START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
_AT_ONCE = 25  # paths a transaction
_GUARDS = Guards()


@dataclass(kw_only=True)
class Walked:
    paths: int = 0
    steps: int = 0
    refusals: int = 0
    seconds: float = 0.0
    met: Counter[str] = field(default_factory=Counter)
    apart: list[str] = field(default_factory=list)  # where model and database parted, with the way there


def walk(db: Database, *, paths: int, steps: int, seed: int, told: Callable[[int], None] = lambda _: None) -> Walked:
    walked = Walked()
    stage = db.write_now(Stage.made, RULES, _START)
    clock = itertools.count(1)
    for first in range(0, paths, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, paths))
        part = db.write_now(_walk_some, stage, numbers, steps, seed, clock)
        for name in ("paths", "steps", "refusals"):
            setattr(walked, name, getattr(walked, name) + getattr(part, name))
        walked.met += part.met
        walked.apart += part.apart
        told(walked.paths)
        if len(walked.apart) > 5:
            break
    return walked


def _walk_some(tx: Connection, stage: Stage, numbers: range, steps: int, seed: int, clock: Iterator[int]) -> Walked:
    walked = Walked()
    for number in numbers:
        dice = random.Random(f"explore/{seed}/{number}")
        walked.paths += 1
        _walk_one(tx, stage, dice, steps, clock, walked)
    return walked


def _walk_one(
    tx: Connection, stage: Stage, dice: random.Random, steps: int, clock: Iterator[int], walked: Walked
) -> None:
    world = World(rules=dice.randrange(len(RULES)))
    stage.begin(tx, world, _time(clock))
    way: list[Move] = []
    for _ in range(steps):
        move = _draw(dice, world)
        way.append(move)
        said, world = _said_by_model(world, move)
        says = _said_by_sql(tx, stage, move, _time(clock))
        walked.steps += 1
        walked.met[move.what] += 1
        walked.refusals += said != "done"
        here, there = visible(world), stage.visible(tx)
        if said != says or here != there:
            differs = {name: (here[name], there[name]) for name in here if here[name] != there[name]}
            walked.apart.append(f"{' > '.join(map(str, way))}: model {said}, database {says}, {differs}")
            return


def _draw(dice: random.Random, world: World) -> Move:
    """What machines and customers do is as likely as what people order, of which there is more."""
    by_who: dict[str, list[Move]] = {}
    for move in moves.moves(world):
        by_who.setdefault(move.who, []).append(move)
    who = dice.choices(list(by_who), weights=[_WEIGHT.get(who, 2) for who in by_who])[0]
    return dice.choice(by_who[who])


_WEIGHT = {"ana": 6, "ben": 4, "phone": 1, "assistant": 1, "rule": 1, "worker": 5, "gateway": 5, "customer": 4}


def _said_by_model(world: World, move: Move) -> tuple[str, World]:
    try:
        then = moves.after(world, move, _GUARDS)
    except Refused as refused:
        return refused.code, world
    return ("done", then) if then is not None else ("no", world)


def _said_by_sql(tx: Connection, stage: Stage, move: Move, now: datetime) -> str:
    try:
        return "done" if stage.carry_out(tx, move, now) else "no"
    except Refused as refused:
        return refused.code


def visible(world: World) -> dict[str, Any]:
    """What the database can say of it too."""
    return {
        "state": world.state,
        "status": world.status,
        "owner": world.owner,
        "ownership": world.number,
        "nobody_answers": world.nobody_answers,
        "waiting": world.waiting,
        "last_owner": world.last_owner,
        "unread": world.unread,
        "request": world.request,
        "deadlines": world.deadlines,
        "mail": world.mail,
        "rows": tuple(row.state.value for row in world.rows),
    }


def _time(clock: Iterator[int]) -> datetime:
    return _START + timedelta(seconds=next(clock))
