"""What the API's own description says is asked of the running API, and what it does not say: no 5xx, no surprise.

    ./baton bench schema --seed 1 --examples 20

The whole product runs on its own state, with customers who have written. Of each operation in /api/v1/openapi.json,
schemathesis makes requests that fit its description, and requests that do not; most are about things that are there.
Each is sent signed out, as an operator, as a supervisor and as an admin. Then come what no description has: signs that
no database keeps, numbers that no row can have, bodies that are no JSON.

  cases         requests that were sent
  five_xx       answered with 5xx (503 and 502 where they are described are not), or not at all
  undocumented  a status, a kind of content, or a content that the description does not have
  accepted_bad  bodies that violate the description and were taken
  unguarded     taken from somebody signed out, where a role is needed

Breaks (exit 1) where one of them is not 0; each kind of fault is shown once, on stderr. --sabotage plants a fault, and
the run must break: odd-input-fails (a canned reply with an emoji in its name is a 500), odd-status (what is not there
is answered with 418), any-body (a body that does not fit is taken for an empty one), no-token (who comes without one is
taken for who came last). --only TEXT asks only operations with this in their address."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from bench.harness import entry, product, sabotage, state
from bench.harness.entry import Result, say
from bench.harness.product import Options, Product
from bench.harness.state import Cast
from bench.schemas.asking import Asking, told_of
from bench.services import postgres

_CUSTOMERS = 4
_FAILURES = 5
_FIGURES = ("five_xx", "undocumented", "accepted_bad", "unguarded")


async def measure(chosen: argparse.Namespace) -> Result:
    cast = Cast(numbers=[*state.many(1), *state.many(1, channel="messenger"), *state.many(1, channel="instagram")])
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        options = Options(cast=cast, points=False, database=url, sabotage=chosen.sabotage)
        async with product.running(options) as running:
            await _talk(running, cast)
            asking = Asking(running.address, running.operators.token, seed=chosen.seed, examples=chosen.examples)
            operations = await asyncio.to_thread(asking.all, say if chosen.loud else lambda _: None, chosen.only)
            if asking.found.five_xx:
                say(_why(running.settings.home / "gateway.log"))
    found = asking.found
    for line in told_of(found):
        say(line)
    counts = {name: getattr(found, name) for name in _FIGURES}
    figures = {
        "bench": "schema",
        "seed": chosen.seed,
        "examples": chosen.examples,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "sabotage": chosen.sabotage,
        "operations": operations,
        "cases": found.cases,
        "statuses": {str(status): count for status, count in sorted(found.statuses.items())},
        **counts,
    }
    return Result(figures=figures, broken=[f"{name} is {count}" for name, count in counts.items() if count])


def _why(log: Path) -> str:
    """What the gateway says of its failures: the first few."""
    lines = log.read_text("utf-8", "replace").splitlines()
    return "\n".join([line for line in lines if "api_failed" in line][:_FAILURES])


async def _talk(running: Product, cast: Cast) -> None:
    """Something to ask about: conversations, one of them with a person, and a wish for one."""
    for number in cast.numbers:
        for customer in range(_CUSTOMERS):
            await running.emulator.say(number.provider_id, f"{5511990000001 + customer}", "hello")
    conversations = await running.operators.conversations()
    await running.operators.take(conversations[0]["id"])
    await running.operators.ask("POST", f"conversations/{conversations[1]['id']}/request", {})
    await running.operators.ask("POST", f"conversations/{conversations[0]['id']}/notes", {"text": "a note"})
    await running.operators.ask("POST", "canned", {"shortcut": "hi", "language": "en", "text": "Hello!"})


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench schema", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--seed", type=int, default=1)
    made.add_argument(
        "--examples", type=int, default=10, help="of each operation, that fit it, and as many that do not"
    )
    made.add_argument("--sabotage", choices=sabotage.OF_SCHEMAS)
    made.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    made.add_argument("--only", default="", metavar="TEXT")
    made.add_argument("--loud", action="store_true", help="says which operation is asked")
    return entry.run(measure(made.parse_args(argv)))
