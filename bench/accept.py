"""How many webhooks a second become durable, beside a bare server that commits one row for each; and that none is lost.

Signed webhooks, a message each, come over HTTP with so many under way at any time, in turn to ours and to a bare
Sanic that commits each body as one row to the same disk (or the same PostgreSQL). The worker is off, so that accepting
alone is measured; one row more has it on. Ours commits the message, its mail, its notice, the unread count and the
window together, and what waits at the same time in one transaction; a 200 is sent after the commit. What a power cut
would leave is told as `durability`, asked of the open database.

Last, a share of the bodies is sent twice, the gateway is killed with SIGKILL in the middle, another is started, and
everything that got no 200 is sent again, as Meta does. Then every message that ever got a 200 is counted.

What bounds the figures: load generator, gateway and database share this machine; `gateway_cpu_ms` is the gateway's
part for a message. Not measured: a network, TLS, a reverse proxy, bodies with many messages, several gateways.

Breaks (exit 1): a message that got a 200 is not there with its mail (`lost`), or one is there more than once
(`twice`). With --sabotage one guard is out, and the same run must break."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.harness import entry, product, sabotage
from bench.harness.entry import Result, say
from bench.harness.product import Options, Product
from bench.load import bodies, counting, customers, memory, posting, raw
from bench.load.counting import Ledger
from bench.load.posting import Mark, Posted, Webhook
from bench.services import postgres
from store.database import Database

TARGET_PER_S = 1000
SABOTAGES = ("early-200", "no-key")
_WEBHOOK_PATH = "/webhooks/whatsapp/webhook"
#: More than can be accepted in a second.
_MOST_PER_S = 3000
_WARM_UP = 300
_KILLED_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where to post: our webhook, and the bare server beside it."""

    ours: str
    bare: str


async def measure(chosen: argparse.Namespace) -> Result:
    with postgres.wanted(chosen.database) as url:
        options = Options(worker=False, points=False, sabotage=chosen.sabotage, database=url)
        async with product.running(options) as running, raw.beside(running.settings.home, url) as bare:
            figures, broken = await _accepting_alone(running, bare, chosen)
    with_worker = None
    if chosen.with_worker:
        with postgres.wanted(chosen.database) as url:
            options = Options(dialogue=chosen.dialogue, points=False, database=url)
            async with product.running(options) as running:
                with_worker, more = await _with_the_worker(running, chosen)
        broken += more
    return Result(figures={**figures, "with_worker": with_worker}, broken=broken)


async def _accepting_alone(running: Product, bare: str, chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    places = Places(ours=running.address + _WEBHOOK_PATH, bare=bare)
    most = int(_MOST_PER_S * chosen.seconds)
    say(f"Making {most * len(chosen.at_once) + chosen.killed} signed webhooks …")
    made = await _made(running, chosen, count=_WARM_UP + most * len(chosen.at_once) + chosen.killed)
    for url in (places.ours, places.bare):
        await _post(running, url, made[:_WARM_UP], at_once=8)
    steps, posted = [], list[Posted]()
    for n, at_once in enumerate(chosen.at_once):
        part = made[_WARM_UP + n * most : _WARM_UP + (n + 1) * most]
        step, accepted = await _step(running, places, part, at_once, chosen.seconds)
        steps.append(step)
        posted += accepted
    killed, tried = await _killed(running, made[-chosen.killed :], chosen)
    with contextlib.closing(Ledger(running.settings)) as ledger:
        found = await ledger.kept([*posted, *tried])
    figures = {
        "bench": "accept",
        "database": running.settings.database_url.partition(":")[0],
        "durability": await asyncio.to_thread(_durability, running.settings.database_url),
        "customers": chosen.customers,
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "target_per_s": TARGET_PER_S,
        "most_per_s": max(step["accepted_per_s"] for step in steps),
        "steps": steps,
        "killed": killed,
        **found.as_json(),
    }
    return figures, _broken(found)


async def _step(
    running: Product, places: Places, webhooks: Sequence[Webhook], at_once: int, seconds: float
) -> tuple[dict[str, Any], list[Posted]]:
    """Ours, then the bare server, for as long each."""
    say(f"{at_once} at once, {seconds:g} s each …")
    gateway = running.children["gateway"].process.pid
    before = memory.cpu_s(gateway)
    ours = await _post(running, places.ours, webhooks, at_once=at_once, seconds=seconds)
    after = memory.cpu_s(gateway)
    bare = await _post(running, places.bare, webhooks, at_once=at_once, seconds=seconds)
    accepted = max(1, sum(each.accepted for each in ours))
    rates = posting.accepted_per_s(ours), posting.accepted_per_s(bare)
    step = {
        "at_once": at_once,
        "accepted_per_s": rates[0],
        "raw_per_s": rates[1],
        "ratio_to_raw": round(rates[0] / rates[1], 3) if rates[1] else None,
        "refused": len(ours) - sum(each.accepted for each in ours),
        "ack_ms": posting.acknowledgement(ours)["ack_ms"],
        "raw_ack_ms": posting.acknowledgement(bare)["ack_ms"],
        "gateway_cpu_ms": round((after - before) * 1000 / accepted, 3) if before is not None and after else None,
    }
    return step, ours


async def _killed(
    running: Product, webhooks: Sequence[Webhook], chosen: argparse.Namespace
) -> tuple[dict[str, Any], list[Posted]]:
    """Bodies twice, a kill in the middle, and again what got no 200."""
    sent = bodies.with_repetitions(webhooks, share=chosen.repeated, seed=chosen.seed)
    dice = random.Random(chosen.seed)
    after = dice.randrange(len(sent) // 4, len(sent) // 2)
    gateway = running.children["gateway"]

    async def kill() -> None:
        """And another at once: who was not let in by the first waits at its door, which is our parent's."""
        gateway.kill()
        await gateway.process.wait()
        await running.restart("gateway")

    say(f"{len(sent)} webhooks, {len(sent) - len(webhooks)} of them repetitions; the gateway is killed after {after} …")
    url = running.address + _WEBHOOK_PATH
    first = await posting.post_in_turn(
        url,
        sent,
        at_once=_KILLED_AT_ONCE,
        home=running.settings.home,
        env=os.environ,
        mark=Mark(answered=after, do=kill),
    )
    known = {each.webhook.id for each in first if each.accepted}
    left = [webhook for webhook in sent if webhook.id not in known]
    second = await _post(running, url, left, at_once=_KILLED_AT_ONCE)
    figures = {
        "posted": len(first) + len(second),
        "accepted_before": sum(each.accepted for each in first),
        "under_way": sum(not each.accepted for each in first),
        "accepted_after": sum(each.accepted for each in second),
    }
    return figures, [*first, *second]


async def _with_the_worker(running: Product, chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The same while dialogues run: as many webhooks under way as in the middle of the steps."""
    at_once, account = sorted(chosen.at_once)[len(chosen.at_once) // 2], running.options.cast.numbers[0].provider_id
    count, scripted = int(chosen.seconds * 400), chosen.dialogue == "scripted"
    say(f"With the worker on: {count} webhooks, {at_once} at once …")
    webhooks = await customers.webhooks(
        running.emulator,
        account,
        running.settings.app_secret,
        count=count,
        customers=min(chosen.customers, count),
        seed=chosen.seed,
        scripted=scripted,
    )
    posted = await _post(running, running.address + _WEBHOOK_PATH, webhooks, at_once=at_once)
    with contextlib.closing(Ledger(running.settings)) as ledger:
        left, found = await ledger.at_work(), await ledger.kept(posted)
    figures = {
        "at_once": at_once,
        "dialogue": chosen.dialogue,
        "accepted_per_s": posting.accepted_per_s(posted),
        "ack_ms": posting.acknowledgement(posted)["ack_ms"],
        "left_to_do": left,
        **found.as_json(),
    }
    return figures, _broken(found)


async def _made(running: Product, chosen: argparse.Namespace, *, count: int) -> list[Webhook]:
    account, secret = running.options.cast.numbers[0].provider_id, running.settings.app_secret
    return await bodies.many(
        running.emulator, account, secret, count=count, customers=chosen.customers, seed=chosen.seed
    )


async def _post(
    running: Product, url: str, webhooks: Sequence[Webhook], *, at_once: int, seconds: float = 600.0
) -> list[Posted]:
    home = running.settings.home
    return await posting.post_in_turn(url, webhooks, at_once=at_once, seconds=seconds, home=home, env=os.environ)


def _durability(url: str) -> dict[str, Any]:
    with contextlib.closing(Database(url)) as db:
        return dict(db.durability())


def _broken(found: counting.Kept) -> list[str]:
    counts = {
        "messages were answered with 200 and are not in the database with their mail": found.lost,
        "messages are in the database more than once": found.twice,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _numbers(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 1,8,32") from None
    if not all(1 <= number <= 1000 for number in found):
        raise argparse.ArgumentTypeError("from 1 to 1000 at once")
    return found


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench accept", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--at-once", type=_numbers, default=[1, 8, 32, 128], metavar="LIST", help="as 1,8,32,128")
    made.add_argument("--seconds", type=float, default=5, help="of each step, to ours and to the bare server")
    made.add_argument("--database", default="sqlite", help="sqlite, postgres (one is started), or a server's URL")
    made.add_argument("--customers", type=int, default=500)
    made.add_argument("--killed", type=int, default=2000, help="webhooks of the part with the kill")
    made.add_argument("--repeated", type=float, default=0.2, help="share of those that are sent twice")
    made.add_argument("--dialogue", choices=("rasa", "scripted"), default="rasa", help="of the row with the worker on")
    made.add_argument("--no-worker", dest="with_worker", action="store_false", help="leave that row out")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--sabotage", choices=[name for name in SABOTAGES if name in sabotage.SABOTAGES])
    return entry.run(measure(made.parse_args(argv)))
