"""Operators take conversations at the worst moments; not one request of the assistant's may arrive after.

Many conversations at once, each in rounds: a customer writes; at a seeded moment an operator takes (now and then by
replying); customers may write on; the operator releases; the next round's message must be answered again. The moments:

  idle                        nothing is under way
  in_turn                     the dialogue has answered, nothing is committed: the turn is held there
  in_commit                   the turn's transaction is open: the take waits for the database
  between_claim_and_request   a send is claimed, its request not begun: held there, at times longer than a take waits
  in_request                  the emulator has the request and has not answered it
  sender_stopped              apart from the rest, --stopped times: a send is claimed, its request not begun, and the
                              whole process that sends stands still (SIGSTOP), at times until the claim's own time is
                              over; the take comes from another process, as the command line's does

Where a take fell is counted by what was true when it was sent (`missed`: the place was left, or not reached, by then).
`leaked`: bot requests of any kind that the emulator received (its clock, which is ours) after we had read the answer of
the take and before we sent the release, beyond the `in_flight` the answer named. `stale`: answers asked for before that
which arrived after the release. `lost`: accepted messages without a verdict in the end. `doubled`: a second request for
one outbox row, or a second answer to one message. `unanswered`: conversations given back that stayed silent.
`waited`: takes committed while a claimed send was held, and answered, with nothing in flight, once that had gone on.
`waits`: of all orders, those that found something under way and waited for it: how many, their share, how long.
--graph-ms 0,100,5000: Graph API as slow as that, an equal share of the takes at each, one after the other.
--channel messenger or instagram: the same there. Both tell us of our own sends; half of the accounts have theirs before
the send's own answer. `own_taken_for_person`: sends of ours that were taken for a person's in the channel's inbox.
Exit 1 where one of the promises broke.

--sabotage removes one guard (no-fence, no-gate-at-claim, no-wait): the same run must then report leaks and exit 1.
With own-echo-is-a-person our sends are not known again: there is then nothing left to take, and the run says so.
--dialogue scripted (the default) puts a dialogue in Rasa's place that answers what it is told after a short think, so
that the moments are hit; all else is the product. --dialogue rasa uses the trained model; `stale` is then not known.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.harness import (
    customers,
    entry,
    figures,
    moments,
    product,
    sabotage,
    silence,
    state,
    stopping,
    strangers,
    waiting,
)
from bench.harness.clients import Answered
from bench.harness.customers import Customer
from bench.harness.entry import Result, say
from bench.harness.moments import MISSED, Moment, Ordered, Place
from bench.harness.product import Options, Product
from bench.harness.silence import Judged, Silence
from bench.harness.state import Cast
from bench.services import postgres

_SABOTAGES = (*sabotage.OF_SILENCE, *sabotage.OF_ECHOES)
_ANSWER_S = 60.0
_SETTLE_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Round:
    """All that is decided about a take before it happens; the same seed gives the same rounds."""

    number: int
    moment: Moment
    by_reply: bool
    writes_on: bool  # the customer writes to the operator too
    hasty: bool  # released at once, so that what is left of the answer may try to leave after it
    watch_ms: float


@dataclass(kw_only=True)
class Tally:
    orders: list[Ordered] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    unanswered: int = 0
    own_taken_for_person: int = 0
    errors: list[str] = field(default_factory=list)


def plan(seed: int, takes: int) -> list[Round]:
    return [_draw(random.Random(f"takeover/{seed}/{number}"), number) for number in range(takes)]


def _draw(dice: random.Random, number: int) -> Round:
    return Round(
        number=number,
        moment=moments.draw(dice),
        by_reply=dice.random() < 0.08,
        writes_on=dice.random() < 0.3,
        hasty=dice.random() < 0.2,
        watch_ms=dice.uniform(10, 60),
    )


async def bench(chosen: argparse.Namespace) -> Result:
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        return await _on(url, chosen)


async def _on(url: str | None, chosen: argparse.Namespace) -> Result:
    rounds = plan(chosen.seed, chosen.takes)
    cast = Cast(numbers=state.many(chosen.conversations, channel=chosen.channel))
    everyone = [
        Customer(phone=f"55119{n:08d}", number=number.provider_id, channel=number.channel)
        for n, number in enumerate(cast.numbers)
    ]
    options = Options(cast=cast, dialogue=chosen.dialogue, sabotage=chosen.sabotage, database=url)
    began = time.monotonic()
    async with product.running(options) as running:
        numbers = [number.provider_id for number in cast.numbers]
        await strangers.tell_first_of_own_sends(running, numbers)
        await customers.meet(running, everyone)
        tally = Tally(own_taken_for_person=await strangers.own_taken_for_person(running))
        if tally.own_taken_for_person:
            rounds = []  # persons seem to have them all
        say(f"{len(everyone)} conversations ({time.monotonic() - began:.1f} s); {len(rounds)} takes begin.")
        began = time.monotonic()
        telling = asyncio.create_task(_tell(tally, len(rounds)))
        try:
            for n, latency_ms in enumerate(chosen.graph_ms):
                await strangers.tell_first_of_own_sends(running, numbers, latency_ms=latency_ms)
                await _take_all(running, everyone, rounds[n :: len(chosen.graph_ms)], chosen.seed, latency_ms, tally)
            await strangers.tell_first_of_own_sends(running, numbers, latency_ms=0)
            with stopping.Sender.of(running) as sender:
                for number in range(chosen.stopped if rounds else 0):
                    await _stopped_round(running, sender, everyone[number % len(everyone)], chosen.seed, number, tally)
        finally:
            telling.cancel()
        took_s = time.monotonic() - began
        found = await customers.verdicts(running, everyone)
        tally.own_taken_for_person = await strangers.own_taken_for_person(running)
        judged = silence.judge(await running.journal.whole(), tally.silences)
        discarded = running.children["worker"].count_in_log("turn_discarded")
        waits_ms = waiting.waits_ms(running.children["gateway"].log)
    counts = {
        "answered": found.answered,
        "recorded": found.recorded,
        "lost": found.lost,
        "discarded_turns": discarded,
    }
    return _result(chosen, tally, judged, counts, waits_ms, took_s)


async def _take_all(
    running: Product, everyone: Sequence[Customer], rounds: Sequence[Round], seed: int, latency_ms: int, tally: Tally
) -> None:
    settle_s = _SETTLE_S + 4 * latency_ms / 1000  # a receipt and two messages, one after the other
    await entry.together(
        *(
            _converse(running, customer, rounds[n :: len(everyone)], seed, settle_s, tally)
            for n, customer in enumerate(everyone)
        )
    )


async def _converse(
    running: Product, customer: Customer, rounds: Sequence[Round], seed: int, settle_s: float, tally: Tally
) -> None:
    for each in rounds:
        dice = random.Random(f"words/{seed}/{each.number}")
        await _round(running, customer, each, dice, settle_s, tally)


async def _stopped_round(
    running: Product, sender: stopping.Sender, customer: Customer, seed: int, number: int, tally: Tally
) -> None:
    """The sender stands still between claim and request, and goes on when the seed says."""
    dice = random.Random(f"stopped/{seed}/{number}")
    for_s = dice.choice((dice.uniform(0.1, 1.5), dice.uniform(3.3, 3.8), dice.uniform(5.3, 6.0)))
    async with entry.beside(customer.say(running, customers.words(running, dice, f"s{number} m0", says=2))):
        ordered = await sender.take(running, customer, for_s)
    tally.orders.append(ordered)
    _check(ordered.answer, "take", tally)
    await customer.settle(running, _SETTLE_S)
    released = await running.operators.release(customer.conversation_id)
    _check(released, "release", tally)
    tally.silences.append(_silence(customer, ordered, released))


def _silence(customer: Customer, ordered: Ordered, released: Answered) -> Silence:
    return Silence(
        numbers=frozenset({customer.number}),
        from_ns=ordered.answer.answered_ns,
        until_ns=released.sent_ns,
        in_flight=ordered.answer.in_flight,
        place=ordered.place,
    )


async def _round(
    running: Product, customer: Customer, each: Round, dice: random.Random, settle_s: float, tally: Tally
) -> None:
    moment, began_ns = each.moment, time.monotonic_ns()
    async with moments.standing(running, moment.place, customer) as stand:
        text = customers.words(running, dice, f"r{each.number} m0", think_ms=moment.think_ms, says=moment.says)
        # Beside, for a conversation held in its commit keeps everybody's webhooks waiting for the database.
        async with entry.beside(customer.say(running, text)):
            if moment.place is Place.IDLE:
                tally.unanswered += not await customer.is_answered(running, began_ns, _ANSWER_S)
                await customer.settle(running, settle_s)
            await stand.reached()
            ordered = await moments.order(
                stand, moment, lambda: _take(running, customer, each), lambda: _is_taken(running, customer)
            )
    tally.orders.append(ordered)
    _check(ordered.answer, "take", tally)
    if each.writes_on:
        await customer.say(running, customers.words(running, dice, f"r{each.number} m1"))
    # After `in_flight` the announced request may still be on its way: no haste then.
    if not each.hasty or ordered.answer.in_flight:
        await customer.settle(running, settle_s)
        await asyncio.sleep(each.watch_ms / 1000)
    released = await running.operators.release(customer.conversation_id)
    _check(released, "release", tally)
    tally.silences.append(_silence(customer, ordered, released))


async def _take(running: Product, customer: Customer, each: Round) -> Answered:
    if each.by_reply:
        return await running.operators.reply(customer.conversation_id, f"op: r{each.number}")
    return await running.operators.take(customer.conversation_id)


async def _is_taken(running: Product, customer: Customer) -> bool:
    found = await running.operators.ask("GET", f"conversations/{customer.conversation_id}")
    return found.status == 200 and found.body["state"] == "human"


def _check(answer: Answered, what: str, tally: Tally) -> None:
    if answer.status != 200:
        tally.errors.append(f"{what}: {answer.status} {answer.body}")


async def _tell(tally: Tally, takes: int) -> None:
    while True:
        await asyncio.sleep(10)
        say(f"{len(tally.orders)} of {takes} takes")


def _result(
    chosen: argparse.Namespace,
    tally: Tally,
    judged: Judged,
    counts: dict[str, int],
    waits_ms: Sequence[float],
    took_s: float,
) -> Result:
    orders = tally.orders
    places = Counter(ordered.place for ordered in orders)
    measured: dict[str, Any] = {
        "bench": "takeover",
        "channel": chosen.channel,
        "seed": chosen.seed,
        "dialogue": chosen.dialogue,
        "sabotage": chosen.sabotage,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "graph_ms": chosen.graph_ms,
        "takes": len(orders),
        "conversations": chosen.conversations,
        "seconds": round(took_s, 1),
        "leaked": judged.leaked,
        "leaked_at": {place: n for place, n in judged.leaked_at.items() if n},
        "leaked_kinds": dict(judged.leaked_kinds),
        "stale": judged.stale if chosen.dialogue == "scripted" else None,
        "doubled": judged.doubled,
        **counts,
        "unanswered": tally.unanswered,
        "own_taken_for_person": tally.own_taken_for_person,
        "waited": sum(ordered.waited for ordered in orders),
        "waits": {
            "takes": len(waits_ms),
            "share": round(len(waits_ms) / len(orders), 4) if orders else None,
            "ms": figures.times_ms(waits_ms),
        },
        "in_flight_answers": sum(ordered.answer.in_flight > 0 for ordered in orders),
        "after_in_flight": judged.after_in_flight,
        "places": {name: places[name] for name in (*(p.value for p in Place), stopping.PLACE, MISSED)},
        "take_ms": {place: figures.times_ms(times) for place, times in silence.latency_ms(orders).items()},
        "errors": tally.errors[:5],
    }
    return Result(figures=measured, broken=broken_promises(measured))


def broken_promises(measured: dict[str, Any]) -> list[str]:
    promises = {
        "leaked": "requests of the assistant's arrived after a take that said in_flight 0",
        "stale": "answers from before a take arrived after the release",
        "lost": "accepted messages have no verdict",
        "doubled": "requests were made twice",
        "unanswered": "messages got no answer after the release",
        "own_taken_for_person": "sends of ours were taken for a person's",
    }
    broken = [f"{measured[name]} {what}" for name, what in promises.items() if measured[name]]
    return broken + [f"a command failed: {error}" for error in measured["errors"]]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench takeover", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--takes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--channel", choices=state.CHANNELS, default="whatsapp")
    parser.add_argument("--conversations", type=int, default=40, help="at once")
    parser.add_argument("--sabotage", choices=_SABOTAGES, help="remove this guard")
    parser.add_argument("--dialogue", choices=("scripted", "rasa"), default="scripted")
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--graph-ms", type=_latencies, default=[0], metavar="LIST", help="as 0,100,5000")
    parser.add_argument("--stopped", type=int, help="takes while the sender stands still (one for each 200 others)")
    chosen = parser.parse_args(argv)
    if chosen.stopped is None:
        chosen.stopped = chosen.takes // 200
    return entry.run(bench(chosen))


def _latencies(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 0,100,5000") from None
    if not all(0 <= ms <= 60_000 for ms in found):
        raise argparse.ArgumentTypeError("latencies are from 0 to 60000 ms")
    return found
