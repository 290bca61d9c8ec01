"""A message that ends the process each time it is tried is parked; its neighbours are answered; a person decides."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bench.harness import customers, product
from bench.harness.customers import Customer
from bench.harness.processes import ROOT
from bench.harness.product import Options, Product
from bench.harness.scripted import POISON_VARIABLE
from bench.harness.state import Cast
from runtime.settings import RuntimeSettings

_PATIENCE_S = 90.0
NUMBER = Cast().numbers[0].provider_id


async def until(fact: Callable[[], Awaitable[Any]], what: str) -> Any:
    deadline = time.monotonic() + _PATIENCE_S
    while not (value := await fact()):
        assert time.monotonic() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.1)
    return value


class Parent:
    """Starts the worker again whenever it ends, as `./baton run` does, and counts."""

    def __init__(self, running: Product) -> None:
        self._running = running
        self.deaths = 0

    async def keep(self) -> None:
        while True:
            await self._running.children["worker"].process.wait()
            self.deaths += 1
            await self._running.restart("worker")


@contextlib.asynccontextmanager
async def parent(running: Product) -> AsyncIterator[Parent]:
    made = Parent(running)
    task = asyncio.create_task(made.keep())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def baton(running: Product, *arguments: str) -> str:
    """`./baton …` beside the running product; what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli",
        *arguments,
        cwd=ROOT,
        env=dict(running.starting.env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), _PATIENCE_S)
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.mark.slow
async def test_a_message_that_ends_the_process_is_parked_alone_and_answered_when_it_is_tried_again(
    tmp_path: Path,
) -> None:
    poison = tmp_path / "poison"
    poison.touch()
    environment = {POISON_VARIABLE: str(poison), "BATON_ALONE_S": "2"}
    victim, *neighbours = [Customer(phone=f"55119000000{n:02}", number=NUMBER) for n in range(4)]
    async with product.running(Options(environment=environment)) as running, parent(running) as keeper:
        await customers.meet(running, [victim, *neighbours])
        began_ns = time.monotonic_ns()

        async def parked() -> list[Any]:
            with contextlib.suppress(OSError):
                return list((await running.operators.ask("GET", "mail/parked")).body["items"])
            return []

        # when one message is poison, others are being answered at the same time, and the customer writes on
        for neighbour in neighbours:
            await neighbour.say(running, "think=300 before")
        await victim.say(running, "die of this")
        await victim.say(running, "still there?")
        for neighbour in neighbours:
            await neighbour.say(running, "after")

        # then it alone is parked, having ended as many processes as it may
        items = await until(parked, "the poison is parked")
        assert [(item["conversation_id"], item["text"]) for item in items] == [(victim.conversation_id, "die of this")]
        assert items[0]["crashed"] == keeper.deaths == RuntimeSettings().tries
        await until(lambda: answered(running, victim, "still there?", began_ns), "the next message of its customer")
        for neighbour in neighbours:
            for words in ("before", "after"):
                await until(functools.partial(answered, running, neighbour, words, began_ns), f"a neighbour's {words}")
        listed = json.loads(await baton(running, "mail", "list", "--json"))
        assert (listed["id"], listed["text"]) == (items[0]["id"], "die of this")
        assert not await answered(running, victim, "die of this", began_ns)

        # and when the poison is gone and a person says so, it is answered
        poison.unlink()
        await baton(running, "mail", "retry", str(listed["id"]))
        await until(lambda: answered(running, victim, "die of this", began_ns), "the message that was parked")
        assert await parked() == []
        assert keeper.deaths == RuntimeSettings().tries


async def answered(running: Product, customer: Customer, words: str, after_ns: int) -> bool:
    requests = await running.journal.whole()
    return any(r.to == customer.phone and r.received_ns > after_ns and words in (r.text or "") for r in requests)
