"""The product is away for hours while customers write; then it comes back, and nobody may have been forgotten.

Once for each outage, on an account of its own: customers talk and are answered, a person takes one of them; the product
ends. Then --customers write --each messages at moments spread over the whole time, some in the last minutes, and now
and then somebody of the shop answers from the channel's own inbox. The hours pass at once: what the product knows is
made that much older. WhatsApp repeats it all when the product is back, late and a little out of order. Messenger and
Instagram do not: an hour of failures ends the subscription, and what was written has to be asked for. The shapes:

  short            ten minutes: still subscribed, yet what was written is not told again
  hours            --hours of it
  told_meanwhile   as long; customers write while what was missed is fetched, and some of that is told by webhooks too
  again            as long; in the middle of catching up the product is killed: for ten minutes, or for a moment

`lost`: messages that are in no conversation of who wrote them. `twice`: messages kept, or answered, more than once.
`answered_stale`: answers to what was older than stale_after_s when it came. `stale_without_person`: such messages for
which nobody was asked, while nobody had the conversation. `unanswered_fresh`: younger ones with neither an answer nor a
person. `misordered`: pairs of one conversation taken up in the wrong order though they came in the right one.
`own_taken_for_person`: as in `takeover`. Exit 1 where one is not 0. `subscribed_s`, `caught_up_s`: after the return.

--sabotage removes one guard (no-catch-up, no-stale-rule, own-echo-is-a-person): the same run must then exit 1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

from bench.harness import entry, product, sabotage, state, strangers
from bench.harness.entry import Result, say
from bench.harness.product import Options, Product
from bench.harness.state import Cast
from bench.outages.books import Ledger
from bench.outages.judging import Judged
from bench.outages.plan import Outage, Shape, plan
from bench.outages.playing import Played, Player
from bench.services import postgres

#: The emulator's WhatsApp looks this often whether the product is back; Meta's own waits are longer.
_EMULATOR = {"retry_longest_ms": 2000}


async def bench(chosen: argparse.Namespace) -> Result:
    outages = plan(
        chosen.seed,
        chosen.times,
        hours=chosen.hours,
        customers=chosen.customers,
        each=chosen.each,
        shape=chosen.shape,
    )
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        cast = Cast(numbers=state.many(len(outages), channel=chosen.channel))
        options = Options(cast=cast, sabotage=chosen.sabotage, database=url, emulator=_EMULATOR, points=False)
        async with product.running(options) as running:
            ledger = stack.enter_context(contextlib.closing(Ledger(running.settings)))
            await strangers.tell_first_of_own_sends(running, [number.provider_id for number in cast.numbers])
            began = time.monotonic()
            rows = [await _one(running, ledger, outage) for outage in outages]
            written_elsewhere = {id_ for _, _, ids in rows for id_ in ids}
            own = await strangers.own_taken_for_person(running, written_elsewhere)
            took_s = time.monotonic() - began
    return _result(chosen, [(outage, played) for outage, played, _ in rows], own, took_s)


async def _one(running: Product, ledger: Ledger, outage: Outage) -> tuple[Outage, Played, set[str]]:
    player = Player(running, ledger, running.options.cast.numbers[outage.number], outage)
    played = await player.play()
    say(f"{outage.shape.value}, {outage.lasts_s / 3600:.1f} h: {_shown(outage, played)}")
    return outage, played, player.by_the_shop


def _shown(outage: Outage, played: Played) -> dict[str, Any]:
    return {
        "shape": outage.shape.value,
        "hours": round(outage.lasts_s / 3600, 2),
        "subscribed_s": played.subscribed_s,
        "caught_up_s": played.caught_up_s,
        "in_the_middle": played.in_the_middle,
        **vars(played.judged),
    }


def _result(chosen: argparse.Namespace, rows: Sequence[tuple[Outage, Played]], own: int, took_s: float) -> Result:
    total = Judged()
    for _, played in rows:
        total.add(played.judged)
    measured: dict[str, Any] = {
        "bench": "outage",
        "channel": chosen.channel,
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "customers": chosen.customers,
        "seconds": round(took_s, 1),
        **vars(total),
        "own_taken_for_person": own,
        "not_caught_up": sum(played.caught_up_s is None for _, played in rows),
        "outages": [_shown(outage, played) for outage, played in rows],
    }
    return Result(figures=measured, broken=broken_promises(measured))


def broken_promises(measured: dict[str, Any]) -> list[str]:
    promises = {
        "lost": "messages are in no conversation",
        "twice": "messages were kept or answered more than once",
        "answered_stale": "messages were answered by the assistant long after they were written",
        "unanswered_fresh": "messages of the last minutes got neither an answer nor a person",
        "stale_without_person": "late messages for which nobody was asked",
        "misordered": "messages were taken up before earlier ones",
        "own_taken_for_person": "sends of ours were taken for a person's",
        "not_caught_up": "outages from which the product did not come back",
    }
    return [f"{measured[name]} {what}" for name, what in promises.items() if measured[name]]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench outage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--channel", choices=state.CHANNELS, default="whatsapp")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=len(Shape), help="outages; their shapes in the seed's order")
    parser.add_argument("--shape", choices=[shape.value for shape in Shape], help="only this one")
    parser.add_argument("--customers", type=int, default=30)
    parser.add_argument("--each", type=int, default=3, help="messages; Meta tells only the last 20 of a conversation")
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--sabotage", choices=sabotage.OF_OUTAGES, help="remove this guard")
    return entry.run(bench(parser.parse_args(argv)))
