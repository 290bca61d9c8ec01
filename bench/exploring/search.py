"""Breadth first through every world there is: the first way to a broken promise is a shortest one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.exploring import moves, promises
from bench.exploring.moves import Guards, Move
from bench.exploring.world import RULES, World
from conversation.errors import Refused


class Step(NamedTuple):
    """A world, and how it was first reached."""

    world: World
    before: int = 0
    move: Move | None = None


@dataclass(kw_only=True)
class Found:
    """`ways`: to the first world that breaks a promise, for each promise."""

    states: int = 0
    transitions: int = 0
    refusals: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    ways: dict[str, list[Move]] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)  # moves by name: what the search has seen happen

    @property
    def unowned(self) -> int:
        return self.broken[promises.UNOWNED]

    @property
    def violations(self) -> int:
        return sum(self.broken.values()) - self.unowned


#: Told now and then how far it is, and how many worlds wait to be looked at.
Told = Callable[["Found", int], None]


def explore(guards: Guards, *, messages: int = 3, stop_at: str | None = None, told: Told | None = None) -> Found:
    """All of it, or until `stop_at` is broken. What lies behind a broken promise is not looked at."""
    found = Found()
    steps = [Step(World(rules=number, to_come=messages)) for number in range(len(RULES))]
    known = {step.world.key() for step in steps}
    while found.states < len(steps) and (stop_at is None or stop_at not in found.ways):
        here = found.states
        world = steps[here].world
        found.states += 1
        if _check(found, steps, here):
            continue
        for move, then in _next(world, guards, found):
            key = then.key()
            if key not in known:
                known.add(key)
                steps.append(Step(then._replace(number=0), here, move))
        if told is not None and not found.states % 1000:
            told(found, len(steps) - found.states)
    return found


def _check(found: Found, steps: list[Step], here: int) -> bool:
    broken = list(promises.broken(steps[here].world))
    for promise in broken:
        found.broken[promise] += 1
        found.ways.setdefault(promise, _way(steps, here))
    return bool(broken)


def _next(world: World, guards: Guards, found: Found) -> Iterator[tuple[Move, World]]:
    for move in moves.moves(world):
        try:
            then = moves.after(world, move, guards)
        except Refused:
            found.refusals += 1
            continue
        if then is not None:
            found.transitions += 1
            found.met[move.what] += 1
            yield move, then


def _way(steps: list[Step], place: int) -> list[Move]:
    way: list[Move] = []
    while (move := steps[place].move) is not None:
        way.append(move)
        place = steps[place].before
    return way[::-1]
