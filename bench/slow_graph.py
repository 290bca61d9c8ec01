"""Graph API made slow: our acknowledgement must not move and nothing be lost, while stock Rasa stands still.

Ours: webhooks of as many customers, one each, at a steady rate (open-loop, see `ack`), at 0 ms, at each given
latency, and at 0 ms again, all in one run on the whole product; the stand-in for Meta delays each answer.
`ack_ratio` compares each latency with both rounds at 0 ms. After each phase the bench waits until all is
answered.

Stock Rasa in the same run, in turn: its own `facebook` channel and `rasa run actions`, the same model, a
Messenger Graph API as slow; `webhooks_per_s` with eight webhooks under way at any time, each of another
customer. Its client asks Graph four times a turn and blocks the event loop meanwhile, so more at once does not
help it.

What bounds the figures: all processes share this machine. Ours sends at most 64 requests at a time, two a
message (read receipt, answer): at 5 s that is about 6 answers a second, and `answer_ms` holds the wait for it;
the acknowledgement does not. Not measured: Graph API's own limits, connections that hang without an answer.

Breaks (exit 1): an accepted message that is not kept, was never answered, or was answered twice.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app import models, settings
from bench.harness import entry, figures, product
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options, Product
from bench.load import counting, customers, posting
from bench.load.counting import Ledger
from bench.load.posting import Posted
from bench.stock_rasa import facebook

_ANSWER_S = 60.0
#: What the product sends at a time, and for a message: for how long to wait before an answer counts as lost.
_SENDS_AT_ONCE, _SENDS_A_MESSAGE = 64, 3


async def measure(chosen: argparse.Namespace) -> Result:
    latencies = chosen.ms
    async with product.running(Options(dialogue=chosen.dialogue)) as running:
        with contextlib.closing(Ledger(running.settings)) as ledger:
            ours, broken = await _measure_ours(running, ledger, latencies, chosen)
        stock = await _measure_stock(running.settings.home, latencies, chosen) if chosen.stock else None
    figures_of_all: dict[str, Any] = {
        "bench": "slow-graph",
        "rate_per_s": chosen.rate,
        "seconds": chosen.seconds,
        "dialogue": chosen.dialogue,
        "seed": chosen.seed,
        "ours": ours,
        "stock": stock,
    }
    return Result(figures=figures_of_all, broken=broken)


async def _measure_ours(
    running: Product, ledger: Ledger, latencies: Sequence[int], chosen: argparse.Namespace
) -> tuple[list[dict[str, Any]], list[str]]:
    account = running.options.cast.numbers[0].provider_id
    if chosen.dialogue == "rasa":
        await customers.check_questions(running, account, timeout_s=_ANSWER_S)
    shown: list[dict[str, Any]] = []
    at_zero: list[Posted] = []
    slow: list[list[Posted]] = []
    broken: list[str] = []
    for n, latency in enumerate([0, *latencies, 0]):
        posted, phase, faults = await _phase(running, ledger, latency, chosen, seed=chosen.seed * 100 + n)
        shown.append(phase)
        broken += [f"at {latency} ms {fault}" for fault in faults]
        if latency:
            slow.append(posted)
        else:
            at_zero += posted
    for phase, posted in zip(shown[1:-1], slow, strict=True):
        phase["ack_ratio"] = _ratio(posted, at_zero)
    return shown, broken


async def _phase(
    running: Product, ledger: Ledger, latency: int, chosen: argparse.Namespace, *, seed: int
) -> tuple[list[Posted], dict[str, Any], list[str]]:
    """Posts at one latency, and waits until everything is answered and settled."""
    count, scripted = max(2, int(chosen.rate * chosen.seconds)), chosen.dialogue == "scripted"
    say(f"Graph API at {latency} ms: {count} webhooks at {chosen.rate:g} a second …")
    account, home = running.options.cast.numbers[0].provider_id, running.settings.home
    await running.emulator.faults(latency_ms=latency)
    webhooks = await customers.webhooks(
        running.emulator,
        account,
        running.settings.app_secret,
        count=count,
        customers=count,
        seed=seed,
        scripted=scripted,
    )
    url = f"{running.address}/webhooks/whatsapp/webhook"
    posted = await posting.post(url, webhooks, rate=chosen.rate, home=home, env=os.environ)
    needed = count * _SENDS_A_MESSAGE * latency / 1000 / _SENDS_AT_ONCE
    quiet = await ledger.quiet(timeout_s=_ANSWER_S + 3 * needed + count)
    requests = await running.journal.whole()
    found = counting.answers(requests, posted, scripted=scripted)
    not_kept = await ledger.not_kept(posted)
    arrived = counting.arrived_ns(requests, scripted=scripted)
    waits = [(arrived[p.webhook.key] - p.scheduled_ns) / 1e6 for p in posted if p.webhook.key in arrived]
    phase = {
        "latency_ms": latency,
        **posting.acknowledgement(posted),
        "answer_ms": figures.times_ms(waits),
        "not_kept": not_kept,
        **found.as_json(),
        "all_settled": quiet,
    }
    return posted, phase, _faults(not_kept, found)


async def _measure_stock(home: Path, latencies: Sequence[int], chosen: argparse.Namespace) -> list[dict[str, Any]]:
    model = models.newest(settings.ROOT / "models")
    if model is None:
        raise CannotMeasure("There is no model in models/. `./baton rasa train` makes one.")
    say("Stock Rasa: starting …")
    async with facebook.running(home, model.path) as stock:
        await stock.measure(latency_ms=0, seconds=0, at_once=2)  # the first turns are slower
        shown = []
        for latency in [0, *latencies]:
            say(f"Stock Rasa with its Graph API at {latency} ms …")
            shown.append(await stock.measure(latency_ms=latency, seconds=chosen.seconds, at_once=8))
        return shown


def _ratio(posted: Sequence[Posted], at_zero: Sequence[Posted]) -> dict[str, float] | None:
    slow, fast = (posting.acknowledgement(each)["ack_ms"] for each in (posted, at_zero))
    if not slow or not fast:
        return None
    return {name: round(slow[name] / fast[name], 2) for name in ("p50", "p95", "p99")}


def _faults(not_kept: int, found: counting.Answers) -> list[str]:
    counts = {
        "accepted messages are not in the database exactly once": not_kept,
        "accepted messages were never answered": found.lost,
        "answers too many arrived": found.doubled,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _latencies(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 100,5000") from None
    if not all(0 < ms <= 60_000 for ms in found):
        raise argparse.ArgumentTypeError("latencies are from 1 to 60000 ms; 0 ms is measured anyway")
    return found


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench slow-graph", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--ms", type=_latencies, default=[100, 5000], metavar="LIST", help="latencies, as 100,5000")
    made.add_argument("--seconds", type=float, default=20, help="of each phase")
    made.add_argument("--rate", type=float, default=10, help="webhooks a second to ours")
    made.add_argument("--dialogue", choices=("rasa", "scripted"), default="rasa")
    made.add_argument("--no-stock", dest="stock", action="store_false", help="leave stock Rasa out")
    made.add_argument("--seed", type=int, default=1)
    return entry.run(measure(made.parse_args(argv)))
