"""A process that has every n-th of the talks, and prints a line for each: run by `bench/same.py`, several at once."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
from pathlib import Path

from app import lifeline, logs
from bench.services import postgres
from bench.talks import sabotage


async def _have(chosen: argparse.Namespace, home: Path) -> None:
    from bench.talks import ours, stock
    from bench.talks.clock import OffsetClock, read_by_rasa
    from bench.talks.talk import Talks

    clock = OffsetClock()
    with read_by_rasa(clock), postgres.wanted(chosen.database) as database:
        async with stock.action_server(home) as url, ours.opened(home, chosen.model, clock, database) as our_desk:
            talks = Talks(stock.StockDesk(home, chosen.model, url), our_desk, clock)
            with sabotage.of(chosen.sabotage):
                for number in chosen.talks:
                    outcome = await talks.have(chosen.seed, number)
                    print(json.dumps(outcome.as_json(), ensure_ascii=False), flush=True)


def _arguments() -> argparse.Namespace:
    made = argparse.ArgumentParser(prog="bench.talks.share", description=__doc__)
    made.add_argument("--model", type=Path, required=True)
    made.add_argument("--database", required=True)
    made.add_argument("--seed", type=int, required=True)
    made.add_argument("--sabotage", choices=sorted(sabotage.SABOTAGES))
    made.add_argument("talks", type=int, nargs="+")
    return made.parse_args()


def main() -> None:
    chosen = _arguments()
    lifeline.hold()
    logs.set_up("bench", level="ERROR")
    import rasa.core.agent  # noqa: F401 -- Sanic, which it brings, changes asyncio's policy: not while a loop runs

    for name in ("rasa", "rasa_sdk"):  # an action that fails on purpose is a page each time
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as home:
        asyncio.run(_have(chosen, Path(home)))


if __name__ == "__main__":
    main()
