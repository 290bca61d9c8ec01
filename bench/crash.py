"""Gateway and worker are killed (kill -9) at every place on a message's path; nothing accepted is lost or done twice.

Customers write numbered messages to several numbers all the time. Meanwhile both processes are killed again and again,
side by side, each time at a named place where they verifiably stand, and started again at once as their parent would:

  before_accept, in_accept, after_accept          of a webhook: nothing committed, in the transaction, no 200 yet
  after_begin, in_turn, in_commit, after_commit   of a turn: begun, answered, in the transaction, committed
  after_claim, mid_request, before_result         of a send: not made yet, not answered yet, the answer not written down
  overtaken                                       a worker is stopped in a turn (SIGSTOP) until another, of another
                                                  house, has taken its conversation over; it then goes on

Webhooks without a 200 come again, as from Meta. Some status reports are late, some doubled, some dropped, and a few
requests are cut off after they arrived. Each turn also acts outside the database. Nothing of the database is killed.

In the end, when all is settled, the emulator's record of what arrived and the database are held against each other:

`lost`        accepted messages (Meta got its 200) without exactly one row, verdict and turn in the tracker
`twice`       second requests for one outbox row that the witness rule does not explain, second answers to one message
`disordered`  answers that arrived before the answer to an earlier message; trackers that heard them in another order
`unanswered`  accepted messages with an answer, or a part of it, that never arrived; `gaps` says what became of each
`not_shown`   such answers that are not shown as `unknown` to people
`acts`        what was done outside: not at all, under two keys for one message, or again for no reason
`resent`      sends of unknown fate made once more, as no witness had seen them (`arrived_twice`: it was merely silent)

Exit 1 where a promise broke. --witness off: nothing is sent once more; each gap must then be shown as `unknown`.
--sabotage takes one guard out: the same run must then see it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence

from bench.crashes import fleet, judge, places, posts, report
from bench.crashes.fleet import Writer
from bench.crashes.judge import Evidence
from bench.crashes.killer import Killer
from bench.crashes.ledger import Ledger
from bench.crashes.posts import Posts
from bench.crashes.report import Run
from bench.harness import customers, entry, product, sabotage, state
from bench.harness.customers import Customer
from bench.harness.entry import Result, say
from bench.harness.product import Options, Product
from bench.harness.state import Cast
from bench.services import postgres

_WITNESS_S = 2.0
#: Patience made short, so that a minute here is an hour there.
_SHORT = {
    "BATON_WITNESS_S": _WITNESS_S,
    "BATON_RETRY_AFTER_S": 0.1,
    "BATON_SEND_RETRY_S": 0.2,
    "BATON_LEASE_S": 3,
    "BATON_ALONE_S": 2,
    "BATON_REQUEST_TIMEOUT_S": 10,
}
#: As Meta would, but not for days.
_META = {"retry_first_ms": 200, "retry_longest_ms": 1000, "retry_times": 1000, "delivered_after_ms": 50}
_STATUSES = {"late_ms": int(_WITNESS_S * 1500), "late_rate": 0.1, "doubled_rate": 0.15, "dropped_rate": 0.1}
_CUT_RATE = 0.01
_SETTLE_S = 120.0
_CALM = {"statuses": "normal", "drop_rate": 0.0, "hold": False}


async def bench(chosen: argparse.Namespace) -> Result:
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        return await _on(url, chosen)


async def _on(url: str | None, chosen: argparse.Namespace) -> Result:
    cast = Cast(numbers=state.many(chosen.numbers, resend_unknown=chosen.witness == "on"))
    async with product.running(_options(cast, url, chosen)) as running:
        everyone = [
            Customer(phone=f"55119{n:08d}", number=cast.numbers[n % chosen.numbers].provider_id)
            for n in range(chosen.customers)
        ]
        await customers.meet(running, everyone)
        writers = fleet.made_of(everyone, seed=chosen.seed, per_s=chosen.rate)
        with contextlib.closing(Ledger(running.settings)) as ledger:
            killers = [
                Killer(
                    victim=victim,
                    product=running,
                    ledger=ledger,
                    writers=writers,
                    dice=random.Random(f"killer/{chosen.seed}/{victim}"),
                )
                for victim in ("gateway", "worker")
            ]
            async with posts.Posts(running).followed() as seen, _kept(killers):
                began = time.monotonic()
                await _live_and_die(running, killers, writers, chosen)
                took_s = time.monotonic() - began
                say(f"{_count(killers)} kills in {took_s:.0f} s; waiting until all is settled.")
                settled = await _settle(running, ledger, writers, witness=chosen.witness == "on")
            evidence = await _gather(running, ledger, seen, writers)
    return report.of(_run(chosen, killers, seconds=took_s, settled=settled), evidence)


def _options(cast: Cast, url: str | None, chosen: argparse.Namespace) -> Options:
    # With the witness an answer of unknown fate is waited for until it is settled; without, it never will be.
    pass_unknown_s = 20 if chosen.witness == "on" else 1
    environment = {name: str(value) for name, value in _SHORT.items()}
    environment["BATON_PASS_UNKNOWN_AFTER_S"] = str(pass_unknown_s)
    return Options(
        cast=cast, sabotage=chosen.sabotage, emulator=_META, environment=environment, database=url, acts=True
    )


async def _live_and_die(
    running: Product, killers: Sequence[Killer], writers: Sequence[Writer], chosen: argparse.Namespace
) -> None:
    """The customers write for as long as there are processes to be killed."""
    for number in running.options.cast.numbers:
        seed = f"{chosen.seed}/{number.provider_id}"
        await running.emulator.faults(
            account=number.provider_id, statuses=_STATUSES, drop_rate=_CUT_RATE, latency_ms=10, seed=seed
        )
    planned, stop = places.plan(chosen.seed, chosen.kills), asyncio.Event()
    living = [asyncio.create_task(writer.live(running, stop)) for writer in writers]
    telling = asyncio.create_task(_tell(killers, chosen.kills))
    try:
        await entry.together(*(killer.work(planned) for killer in killers))
    finally:
        stop.set()
        telling.cancel()
        await asyncio.gather(*living, telling, return_exceptions=True)


@contextlib.asynccontextmanager
async def _kept(killers: Sequence[Killer]) -> AsyncIterator[None]:
    """What ends by itself is started again too."""
    tasks = [asyncio.create_task(killer.keep()) for killer in killers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _settle(running: Product, ledger: Ledger, writers: Sequence[Writer], *, witness: bool) -> bool:
    """Waits until nothing is left to do. A witness is known to be healthy by reports on later sends, so where a send
    is of unknown fate somebody goes on writing."""
    for number in running.options.cast.numbers:
        await running.emulator.faults(account=number.provider_id, **_CALM)
    deadline, told = time.monotonic() + _SETTLE_S, ""
    while time.monotonic() < deadline:
        await asyncio.gather(*(writer.posted() for writer in writers))
        left, health = await ledger.unsettled(), await running.emulator.health()
        busy = left.mail or left.sends or health["retrying"] or health["statuses_pending"]
        if not busy and not (witness and left.unknown_on):
            return True
        told = f"{left.mail} mail, {left.sends} sends, unknown on {len(left.unknown_on)} numbers; Meta: {health}"
        for mute in left.unknown_on if witness and not busy else ():
            next(writer for writer in writers if writer.customer.number == mute).write(running)
        await asyncio.sleep(0.5)
    say(f"Not settled in {_SETTLE_S:.0f} s: {told}")
    return False


async def _gather(running: Product, ledger: Ledger, seen: Posts, writers: Sequence[Writer]) -> Evidence:
    return Evidence(
        said=[said for writer in writers for said in writer.said],
        posts=seen.all,
        requests=await running.journal.whole(),
        books=await ledger.books(),
        acts=judge.read_acts(running.acts),
    )


async def _tell(killers: Sequence[Killer], kills: int) -> None:
    while True:
        await asyncio.sleep(15)
        say(f"{_count(killers)} of {kills} kills")


def _count(killers: Sequence[Killer]) -> int:
    return sum(len(killer.kills) for killer in killers)


def _run(chosen: argparse.Namespace, killers: Sequence[Killer], *, seconds: float, settled: bool) -> Run:
    return Run(
        seed=chosen.seed,
        database="sqlite" if chosen.database == "sqlite" else "postgresql",
        witness=chosen.witness,
        sabotage=chosen.sabotage,
        planned=places.plan(chosen.seed, chosen.kills),
        kills=[kill for killer in killers for kill in killer.kills],
        in_vain=sum(sum(killer.missed.values()) for killer in killers),
        ended=sum(killer.ended for killer in killers),
        seconds=seconds,
        settled=settled,
    )


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench crash", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--witness", choices=("on", "off"), default="on")
    parser.add_argument("--sabotage", choices=sabotage.OF_CRASHES, help="remove this guard")
    parser.add_argument("--customers", type=int, default=15)
    parser.add_argument("--numbers", type=int, default=3)
    parser.add_argument("--rate", type=float, default=4.0, help="messages a second, of all customers together")
    return entry.run(bench(parser.parse_args(argv)))
