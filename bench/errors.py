"""Every error of Meta's table, on the running product: what must follow from it, and what did.

For each code (and subcode) an account of its own: Ana is to be answered, the emulator refuses with that code, and Ben
writes on the same account meanwhile. Looked at, and written down for each:

  requests   how many were made for Ana's message, as the emulator received them
  final      what became of it: sent, refused; or waiting, where the wait is longer than the bench (5 minutes, an hour)
  wait_s     between her requests, at least; at most a quarter more, and what a busy machine takes
  others     whether Ben was answered meanwhile, or only once the account went on
  fault      whether the account showed that it can send nothing; it must be gone in the end
  alert      what people were told, by a webhook: that a message failed, or that the account has stopped

Beside these: a code nobody knows, tries used up, throttles more often than tries, a pair throttle three times (4, 16
and 64 seconds), a token set while all waits, and for WhatsApp failures that Meta tells of after its 200 (each twice).
What is expected stands in refusing/expected.py, written from Meta's documentation and not from our own table.

Exit 1 where anything differs. --only 190,131056 plays these codes alone. --sabotage removes a policy: throttle-burns
(a throttled message is tried and given up like any other), stop-burns (so is that of an account that can't send),
pair-stops (a pair throttle stops the whole account): the run must then exit 1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

from bench.harness import entry, product, sabotage
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options, Product
from bench.harness.state import Cast, Number
from bench.refusing import expected, listener, playing
from bench.refusing.books import Books
from bench.refusing.expected import Case
from bench.refusing.listener import Listener
from bench.refusing.playing import Seen
from bench.services import postgres

_CHANNELS = ("whatsapp", "messenger", "instagram")
_FIRST_ID = {"whatsapp": 100_000_000_100_001, "messenger": 200_000_000_100_001, "instagram": 17_841_000_000_100_001}
#: Accounts whose first answers are under way at a time: a wait of two seconds has to be seen on a busy machine.
_AT_ONCE = 8
_TELL_S = 60.0
_SETTINGS = {
    "BATON_READ_RECEIPTS": "off",  # they would be refused in the message's place
    "BATON_TYPING_AFTER_S": "60",
    "BATON_SEND_TRIES": str(expected.SEND_TRIES),
    "BATON_SEND_RETRY_S": str(expected.SEND_RETRY_S),
    "BATON_ALERT_LOCAL": "on",
}


async def bench(chosen: argparse.Namespace) -> Result:
    cases = [case for case in expected.cases(chosen.channel) if chosen.only is None or case.name in chosen.only]
    if not cases:
        raise CannotMeasure("There is no such code; they are named as in the table: 190, 10/2018278.")
    async with contextlib.AsyncExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        listening = await stack.enter_async_context(listener.listening())
        first = _FIRST_ID[chosen.channel]
        numbers = [Number(provider_id=str(first + n), channel=chosen.channel) for n in range(len(cases))]
        options = Options(
            cast=Cast(numbers=numbers), sabotage=chosen.sabotage, database=url, environment=_SETTINGS, points=False
        )
        running = await stack.enter_async_context(product.running(options))
        books = stack.enter_context(contextlib.closing(Books(running.settings)))
        return await _on(running, books, listening, cases, chosen)


async def _on(
    running: Product, books: Books, listening: Listener, cases: Sequence[Case], chosen: argparse.Namespace
) -> Result:
    rule = await running.operators.ask("POST", "alerts", {"means": "webhook", "target": listening.url})
    if rule.status >= 300:
        raise CannotMeasure(f"No rule for alerts could be made: {rule.body}")
    say(f"{len(cases)} errors on as many {chosen.channel} accounts …")
    began, at_once = time.monotonic(), asyncio.Semaphore(_AT_ONCE)
    accounts = [number.provider_id for number in running.options.cast.numbers]
    played = [
        playing.play(running, books, case, account, at_once) for case, account in zip(cases, accounts, strict=True)
    ]
    seen = await entry.together(*played)
    all_told = await books.all_told(_TELL_S)
    told = [
        listening.heard[each.conversation_id] + listening.heard[books.account_of(each.conversation_id)] for each in seen
    ]
    rows = [_row(case, each, heard) for case, each, heard in zip(cases, seen, told, strict=True)]
    for row in rows:
        say(_line(row))
    broken = [f"{row['code']} ({row['class']}): {', '.join(row['differs'])}" for row in rows if row["differs"]]
    if not all_told:
        broken.append("alerts were not told in time")
    figures = {
        "bench": "errors",
        "channel": chosen.channel,
        "database": "postgresql" if running.options.database else "sqlite",
        "sabotage": chosen.sabotage,
        "took_s": round(time.monotonic() - began, 1),
        "codes": len(rows),
        "as_expected": sum(not row["differs"] for row in rows),
        "rows": rows,
    }
    return Result(figures=figures, broken=broken)


def _row(case: Case, seen: Seen, told: list[str]) -> dict[str, Any]:
    return {
        "code": case.name,
        "class": case.kind,
        "expected": dict(expected.as_json(case.follows)),
        "got": {
            "requests": seen.requests,
            "final": seen.final,
            "wait_s": list(seen.waits_s),
            "others": seen.others,
            "fault": seen.fault,
            "alert": " and ".join(told) or None,
        },
        "differs": playing.differences(case, seen, told),
    }


def _line(row: dict[str, Any]) -> str:
    got = row["got"]
    waits = " ".join(f"{wait_s:g}" for wait_s in got["wait_s"]) or "-"
    verdict = f"DIFFERS: {', '.join(row['differs'])}; expected {row['expected']}" if row["differs"] else "as expected"
    return (
        f"{row['code']:28} {row['class']:14} {got['requests']} requests, {got['final']:8} wait {waits:18}"
        f" others {got['others'] or '-':6} fault {'yes' if got['fault'] else 'no':3}"
        f" alert {got['alert'] or '-':8} {verdict}"
    )


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench errors", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--channel", choices=_CHANNELS, default="whatsapp")
    made.add_argument("--only", type=lambda text: text.split(","), metavar="CODES", help="as 190,10/2018278")
    made.add_argument("--sabotage", choices=sabotage.OF_ERRORS)
    made.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    return entry.run(bench(made.parse_args(argv)))
