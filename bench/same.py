"""Random talks had with stock Rasa and with ours: every reply and every stored event must be the same.

Each talk is a seeded random customer's with the bench's own assistant (`bench/assistant`), which has one of
everything: forms that are filled, interrupted, rejected, left, checked by an action; slots of each type; both
fallbacks; rules with conditions; stories that only the right turns before them lead to; responses with variations,
conditions, pictures and payloads; actions that revert, restart, reset, follow up, fail, speak for the customer,
begin sessions. Sessions also expire, as a clock common to both is wound on. Stock is `Agent.handle_message` with its
SQL tracker store on SQLite and its action server over HTTP; ours is the worker's whole turn, from the accepted
message to the commit on SQLite, its live tracker thrown away now and then as if the process had been restarted; in
every second talk it lets go of events and writes snapshots long before that is worth it. One talk in 25 is long, in
one session. Both sides use one model, and draw the same lots where a response has variations.

Set aside are times, message ids, the model's id and our own metadata of a message. Where a session starts, stock
carries over every value a slot ever had and ours the last of each: there the slots that result are compared. Not
compared: what differs by design (typed `/intent`s, which ours takes for words; a conversation paused by an action,
which is ours to hand over; reminders that fall due; histories longer than what actions are shown).

Breaks (exit 1): any talk differed. Each is printed with its seed and the first difference; `--only N` has that one
again. --sabotage removes one guard: the same talks must then differ and the exit be 1.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.harness import entry, processes
from bench.harness.entry import Result, say
from bench.talks import desk, sabotage

_A_TALK_S = 300.0
_SHOWN = 10


async def measure(chosen: argparse.Namespace) -> Result:
    began = time.monotonic()
    model = desk.model(chosen.config)
    wanted = [chosen.only] if chosen.only is not None else list(range(chosen.conversations))
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as home:
        shares = [wanted[n :: chosen.jobs] for n in range(chosen.jobs)]
        works = [_share(chosen, model, share, Path(home) / f"share-{n}.log") for n, share in enumerate(shares) if share]
        outcomes = [outcome for share in await entry.together(*works) for outcome in share]
    different = [outcome for outcome in outcomes if outcome["difference"]]
    exercised: Counter[str] = Counter()
    for outcome in outcomes:
        exercised.update(outcome["exercised"])
    figures = {
        "bench": "same",
        "seed": chosen.seed,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "conversations": len(outcomes),
        "messages": sum(len(outcome["said"]) for outcome in outcomes),
        "stored_events": sum(outcome["events"] for outcome in outcomes),
        "different": len(different),
        "differences": [{key: each[key] for key in ("seed", "difference")} for each in different[:_SHOWN]],
        "exercised": dict(exercised.most_common()),
        "sabotage": chosen.sabotage,
        "seconds": round(time.monotonic() - began, 1),
    }
    broken = [f"{len(different)} of {len(outcomes)} talks went otherwise than with stock Rasa"] if different else []
    return Result(figures=figures, broken=broken)


async def _share(chosen: argparse.Namespace, model: Path, talks: Sequence[int], log: Path) -> list[dict[str, Any]]:
    """Has these talks in a process of their own."""
    arguments = ["bench.talks.share", "--model", str(model), "--seed", str(chosen.seed), "--database", chosen.database]
    arguments += ["--sabotage", chosen.sabotage] if chosen.sabotage else []
    child = await processes.start("talks", [*arguments, *map(str, talks)], env=desk.environment(), log=log)
    outcomes: list[dict[str, Any]] = []
    try:
        for n in range(len(talks)):
            outcome = json.loads(await child.said("{", _A_TALK_S))
            outcomes.append(outcome)
            if outcome["difference"]:
                say(f"Talk {outcome['seed']} differs: {outcome['difference']}\n  said: {outcome['said']}")
            elif n % 25 == 24:
                say(f"{n + 1} of a share of {len(talks)} talks were the same …")
    finally:
        await child.stop()
    return outcomes


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench same", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--conversations", type=int, default=100)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--only", type=int, metavar="N", help="the N-th talk of this seed alone")
    made.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes that have talks at once")
    made.add_argument("--database", default="sqlite", help="ours: sqlite, postgres (one is started), or a server's URL")
    made.add_argument("--config", default="config.yml", help="of bench/assistant: which pipeline and policies")
    made.add_argument("--sabotage", choices=sorted(sabotage.SABOTAGES), help="remove this guard")
    chosen = made.parse_args(argv)
    if chosen.conversations < 1 or chosen.jobs < 1:
        made.error("--conversations and --jobs must be at least 1")
    return entry.run(measure(chosen))
