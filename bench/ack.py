"""How soon a webhook is answered at a steady rate while dialogues saturate the worker, beside the least it could cost.

Webhooks of many customers are posted open-loop: send times are fixed in advance, and a latency counts from the
scheduled time, so a server that stalls cannot hide it. In turns of equal length the same number goes to a bare
Sanic server that commits one row to the same disk, while the worker still works off what has piled up: same
machine, same load.

What bounds the figures: load generator, gateway, worker and Meta's stand-in share this machine's processors
(the generator's own lateness is given); the stand-in reports `sent` and `delivered` for each answer, as Meta
does, and those webhooks come on top of the rate. Not measured: a network, TLS, a reverse proxy, a body with
many messages.

Breaks (exit 1): an accepted message that is not in the database exactly once, or was answered twice. With
--drain also: one that was never answered."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Sequence

from bench.harness import entry, product
from bench.harness.entry import Result, say
from bench.harness.product import Options, Product
from bench.load import counting, customers, posting, raw
from bench.load.posting import Posted, Webhook

TARGET_P99_MS = 20.0
_ANSWER_S = 60.0


async def measure(chosen: argparse.Namespace) -> Result:
    scripted = chosen.dialogue == "scripted"
    async with (
        product.running(Options(dialogue=chosen.dialogue)) as running,
        raw.beside(running.settings.home) as raw_url,
    ):
        account = running.options.cast.numbers[0].provider_id
        if not scripted:
            await customers.check_questions(running, account, timeout_s=_ANSWER_S)
        count = max(chosen.rounds, int(chosen.rate * chosen.seconds))
        say(f"Preparing {count} messages of {chosen.customers} customers …")
        webhooks = await customers.webhooks(
            running.emulator,
            account,
            running.settings.app_secret,
            count=count,
            customers=min(chosen.customers, count),
            seed=chosen.seed,
            scripted=scripted,
        )
        with contextlib.closing(counting.Ledger(running.settings)) as ledger:
            ours, bare, answers_per_s, behind = await _rounds(running, raw_url, webhooks, ledger, chosen)
            if chosen.drain:
                say(f"Waiting for the {behind} that are still to be done …")
                await ledger.quiet(timeout_s=60 + behind * 0.5)
            not_kept = await ledger.not_kept(ours)
            found = counting.answers(await running.journal.whole(), ours, scripted=scripted)
    figures = {
        "bench": "ack",
        "rate_per_s": chosen.rate,
        "seconds": chosen.seconds,
        "customers": customers.phones_of(webhooks),
        "dialogue": chosen.dialogue,
        "seed": chosen.seed,
        **posting.acknowledgement(ours),
        "raw": posting.acknowledgement(bare),
        "ratio_to_raw": _ratios(ours, bare),
        "target_p99_ms": TARGET_P99_MS,
        "not_kept": not_kept,
        "answers_per_s_while_posting": answers_per_s,
        # Mail and requests still to be done when the posting was over: above zero the dialogues were saturated.
        "left_to_do": behind,
        "answered": found.answered,
        "doubled": found.doubled,
        "lost": found.lost if chosen.drain else None,
    }
    return Result(figures=figures, broken=_broken(not_kept, found, drained=chosen.drain))


async def _rounds(
    running: Product, raw_url: str, webhooks: Sequence[Webhook], ledger: counting.Ledger, chosen: argparse.Namespace
) -> tuple[list[Posted], list[Posted], float, int]:
    """Ours and the raw server in turn, each a part of the webhooks at a time."""
    home, url = running.settings.home, f"{running.address}/webhooks/whatsapp/webhook"
    ours: list[Posted] = []
    bare: list[Posted] = []
    answered, took = 0, 0.0
    behind = 0
    for n in range(chosen.rounds):
        part = webhooks[n * len(webhooks) // chosen.rounds : (n + 1) * len(webhooks) // chosen.rounds]
        say(f"Round {n + 1} of {chosen.rounds}: {len(part)} webhooks to ours, then to the raw server …")
        before, began = await _answers_so_far(running), time.monotonic()
        ours += await posting.post(url, part, rate=chosen.rate, home=home, env=os.environ)
        took += time.monotonic() - began
        answered += await _answers_so_far(running) - before
        behind = await ledger.at_work()
        bare += await posting.post(raw_url, part, rate=chosen.rate, home=home, env=os.environ)
    return ours, bare, round(answered / took, 1), behind


async def _answers_so_far(running: Product) -> int:
    return sum(customers.is_answer(request) for request in await running.journal.whole())


def _ratios(ours: Sequence[Posted], bare: Sequence[Posted]) -> dict[str, float | None]:
    first, second = posting.acknowledgement(ours)["ack_ms"], posting.acknowledgement(bare)["ack_ms"]
    if not first or not second:
        return {}
    return {name: round(first[name] / second[name], 2) for name in ("p50", "p99")}


def _broken(not_kept: int, found: counting.Answers, *, drained: bool) -> list[str]:
    broken = []
    if not_kept:
        broken.append(f"{not_kept} messages were answered with 200 and are not in the database exactly once")
    if found.doubled:
        broken.append(f"{found.doubled} answers too many arrived")
    if drained and found.lost:
        broken.append(f"{found.lost} accepted messages were never answered")
    return broken


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench ack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--rate", type=float, default=200, help="webhooks a second")
    made.add_argument(
        "--seconds", type=float, default=20, help="of ours, in all rounds together; the raw server's come on top"
    )
    made.add_argument("--customers", type=int, default=500)
    made.add_argument("--rounds", type=int, default=2)
    made.add_argument("--dialogue", choices=("rasa", "scripted"), default="rasa")
    made.add_argument("--drain", action="store_true", help="wait until everything is answered, and count what is not")
    made.add_argument("--seed", type=int, default=1)
    return entry.run(measure(made.parse_args(argv)))
