"""Walks every path through the rules of handover and what surrounds them; and random ones through the real SQL.

Exhaustive, breadth first, over the pure table (`conversation/handover.py`) and a small model of the store: a customer
who writes three times, two operators who come, go and are removed, the assistant switched off and on, an echo from the
phone, every deadline at any moment, turns and sends with a crash wherever one may be; once for each of four sets of an
account's settings. In every world:

  second_owner   at most one person believes that it is theirs, and it is
  bot_after_*    no message of the assistant's is claimed on what was decided before a take, or before a switch-off
  handed_to_a_mute_assistant, request_outlives_its_wait, marked_without_waiting
  unowned        an open conversation always has somebody, or something, that touches it next

--sabotage takes one guard out of the model: the search must find what breaks, and prints the shortest way there.
--paths N walks N random paths, seeded, through the store on a real database too, which must stand where the model says
after every step, and refuse what it refuses. --database: sqlite, postgres (a server of our own) or a server's URL.
Exit 1 where a promise breaks, or model and database part.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from typing import Any

from bench.exploring import moves, paths, search
from bench.exploring.search import Found
from bench.harness import entry
from bench.harness.entry import Result, say
from bench.services import throwaway

_SHOWN = 5


async def bench(chosen: argparse.Namespace) -> Result:
    figures: dict[str, Any] = {"bench": "explore", "sabotage": chosen.sabotage}
    broken: list[str] = []
    if not chosen.paths or chosen.sabotage:
        found, seconds = await asyncio.to_thread(_explore, chosen)
        figures |= {**_figures(found), "messages": chosen.messages, "seconds": seconds}
        broken += _broken(found)
    if chosen.paths and not chosen.sabotage:
        walked, seconds = await asyncio.to_thread(_walk, chosen)
        figures |= {
            "paths": walked.paths,
            "steps": walked.steps,
            "refusals": walked.refusals,
            "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
            "seed": chosen.seed,
            "disagreements": len(walked.apart),
            "seconds": seconds,
        }
        broken += [f"model and database part: {way}" for way in walked.apart[:_SHOWN]]
    return Result(figures=figures, broken=broken)


def _explore(chosen: argparse.Namespace) -> tuple[Found, float]:
    guards = moves.SABOTAGES[chosen.sabotage] if chosen.sabotage else moves.Guards()
    began = time.monotonic()
    found = search.explore(guards, messages=chosen.messages, stop_at=_aim(chosen.sabotage), told=_told())
    return found, round(time.monotonic() - began, 1)


def _aim(sabotage: str | None) -> str | None:
    """What a sabotage is there to be found by; the search may stop there."""
    return moves.FOUND_BY[sabotage] if sabotage else None


def _told() -> search.Told:
    last = time.monotonic()

    def tell(found: Found, waiting: int) -> None:
        nonlocal last
        if time.monotonic() - last > 10:
            last = time.monotonic()
            say(f"{found.states} states, {found.transitions} transitions; {waiting} states wait")

    return tell


def _figures(found: Found) -> dict[str, Any]:
    return {
        "states": found.states,
        "transitions": found.transitions,
        "violations": found.violations,
        "unowned": found.unowned,
        "refusals": found.refusals,
        "violated": dict(found.broken),
        "ways": {promise: [str(move) for move in way] for promise, way in found.ways.items()},
    }


def _broken(found: Found) -> list[str]:
    return [f"{promise}: {' > '.join(map(str, way))}" for promise, way in found.ways.items()]


def _walk(chosen: argparse.Namespace) -> tuple[paths.Walked, float]:
    with throwaway.database(chosen.database) as db:
        began = time.monotonic()
        tell = _told_of_paths(chosen.paths)
        walked = paths.walk(db, paths=chosen.paths, steps=chosen.steps, seed=chosen.seed, told=tell)
        return walked, round(time.monotonic() - began, 1)


def _told_of_paths(all_of_them: int) -> Any:
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last > 10:
            last = time.monotonic()
            say(f"{done} of {all_of_them} paths")

    return tell


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench explore", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=3, help="how often the customer writes")
    parser.add_argument("--sabotage", choices=sorted(moves.SABOTAGES), help="remove this guard from the model")
    parser.add_argument("--paths", type=int, default=0, help="random paths through the real SQL, and no search")
    parser.add_argument("--steps", type=int, default=12, help="of each path")
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--seed", type=int, default=1)
    return entry.run(bench(parser.parse_args(argv)))
