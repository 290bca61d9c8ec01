"""What a run came to: its figures, and each promise that did not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.crashes import judge, places
from bench.crashes.judge import Evidence, Judged
from bench.crashes.killer import Kill
from bench.crashes.places import Place
from bench.harness import figures
from bench.harness.entry import CannotMeasure, Result
from bench.harness.scripted import ASKED


@dataclass(frozen=True, kw_only=True)
class Run:
    """What was done to the product. `in_vain`: strikes at places not reached; `ended`: processes that went by
    themselves; `settled`: nothing was left to do when it was judged."""

    seed: int
    database: str
    witness: str
    sabotage: str | None
    planned: Sequence[Place]
    kills: Sequence[Kill]
    in_vain: int
    ended: int
    seconds: float
    settled: bool


def of(run: Run, evidence: Evidence) -> Result:
    measured = {**_of_run(run), **_of_judge(judge.judge(evidence)), **_of_meta(evidence)}
    measured["recovery_ms"] = _recovery(run.kills, evidence)
    broken = broken_promises(measured)
    missing = places.missing(Counter(kill.place for kill in run.kills), run.planned)
    if missing and not broken:  # without its guard a process may never come to where it would stand
        raise CannotMeasure(f"Nothing was killed at {', '.join(missing)}: the place was never reached.")
    return Result(figures=measured, broken=broken)


def _of_run(run: Run) -> dict[str, Any]:
    hits = Counter(kill.place for kill in run.kills)
    return {
        "bench": "crash",
        "seed": run.seed,
        "database": run.database,
        "witness": run.witness,
        "sabotage": run.sabotage,
        "kills": len(run.kills),
        "hits": {place.value: hits[place] for place in Place},
        "tried_in_vain": run.in_vain,
        "ended_by_themselves": run.ended,
        "seconds": round(run.seconds, 1),
        "settled": run.settled,
    }


def _of_judge(judged: Judged) -> dict[str, Any]:
    return {
        "messages": judged.accepted + judged.refused,
        "accepted": judged.accepted,
        "refused": judged.refused,
        "lost": judged.lost,
        "lost_of": _some(judged.lost_of),
        "twice": judged.twice,
        "twice_of": _some(judged.twice_of),
        "disordered": judged.disordered,
        "disordered_of": _some(judged.disordered_of),
        "unanswered": judged.unanswered,
        "gaps": judged.gaps[:20],
        "unknown": judged.unknown,
        "not_shown": judged.not_shown,
        "parked": judged.parked,
        "resent": judged.resent,
        "arrived_twice": judged.arrived_twice,
        "came_late": judged.came_late,
        "acts_of": _some(judged.acts_of),
        "acted_again": judged.acted_again,
    }


def _some(counted: Mapping[str, int]) -> dict[str, int]:
    return {what: n for what, n in counted.items() if n}


def _of_meta(evidence: Evidence) -> dict[str, Any]:
    taken = Counter(message for post in evidence.posts if post.taken for message in post.messages)
    return {
        "webhooks_repeated": sum(post.attempt > 1 for post in evidence.posts),
        "messages_accepted_again": sum(n - 1 for n in taken.values()),
    }


def _recovery(kills: Sequence[Kill], evidence: Evidence) -> dict[str, Any]:
    """From a kill until the process that was started in its stead is up, and until it did its first work."""
    killed = {
        victim: [kill for kill in kills if kill.place.victim == victim and kill.place is not Place.OVERTAKEN]
        for victim in ("gateway", "worker")
    }
    accepts = [post.ended_ns for post in evidence.posts if post.taken]
    turns = [int(asked[1]) for request in evidence.requests if (asked := ASKED.search(request.text or ""))]
    first_work = {"gateway": ("next_accept", accepts), "worker": ("next_turn", turns)}
    times: dict[str, Any] = {}
    for victim, of_it in killed.items():
        name, happened = first_work[victim]
        times[f"{victim}_up"] = figures.times_ms((kill.up_ns - kill.killed_ns) / 1e6 for kill in of_it)
        times[name] = figures.times_ms(judge.recovery_ms((kill.killed_ns for kill in of_it), happened))
    return times


def broken_promises(measured: Mapping[str, Any]) -> list[str]:
    promises = {
        "lost": "accepted messages have not exactly one effect",
        "twice": "messages were sent or answered twice",
        "disordered": "answers or tracker events are out of order",
        "not_shown": "missing answers are not shown as unknown",
        "parked": "messages were parked",
        "refused": "messages never got a 200",
    }
    broken = [f"{measured[name]} {what}" for name, what in promises.items() if measured[name]]
    if measured["witness"] == "on" and measured["unanswered"]:
        broken.append(f"{measured['unanswered']} accepted messages were not answered")
    broken += [f"{n} turns acted outside the database: {what}" for what, n in measured["acts_of"].items()]
    return broken
