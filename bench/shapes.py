"""The two shapes of the embedded default side by side: gateway and worker in two processes, or all in one `rasa run`.

For each shape, on a state folder of its own, with Meta's stand-in: seconds until a webhook is accepted and
until its answer has arrived; then webhooks of many customers at a steady rate while dialogues run (open-loop,
see `ack`): acknowledgement, answers a second that arrived meanwhile, resident memory of the product's own
processes. The shapes are taken in turn, as often as --rounds says, each round from a new start.

What bounds the figures: everything shares this machine. Memory is the sum of resident sets, so pages that
processes share count in each; the parent of `./baton run` and the emulator are left out. Training
is not in the start: there is a model already.

Breaks (exit 1): an accepted message that is not kept exactly once, or was answered twice, in either shape.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from app import models, settings
from app.processes import SOCKET_VARIABLE, bind
from app.settings import ROOT, Settings
from bench.harness import entry, processes, state
from bench.harness.clients import Emulator
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.journal import Journal
from bench.harness.processes import Child
from bench.harness.state import Cast
from bench.load import counting, customers, memory, posting

SHAPES = ("two_processes", "one_process")
_START_S = 240.0
_ANSWER_S = 240.0
#: Of the caller's environment: a bench must not run on the user's own state, addresses or database.
_NOT_INHERITED = {
    "HOST", "PORT", "EMULATOR_PORT", "GRAPH_URL", "DATABASE_URL", "REDIS_URL", "BATON_HOME",
    "BATON_KEY", "META_APP_SECRET", "META_VERIFY_TOKEN",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """A state folder, its addresses, and the emulator beside it."""

    settings: Settings
    env: Mapping[str, str]
    emulator: Emulator
    journal: Journal
    http: aiohttp.ClientSession
    account: str

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def webhook(self) -> str:
        return f"{self.settings.address}/webhooks/whatsapp/webhook"


async def measure(chosen: argparse.Namespace) -> Result:
    if models.newest(ROOT / "models") is None:
        raise CannotMeasure("There is no model in models/. `./baton rasa train` makes one.")
    found: dict[str, list[dict[str, Any]]] = {shape: [] for shape in SHAPES}
    broken: list[str] = []
    for n in range(chosen.rounds):
        for shape in SHAPES if n % 2 == 0 else reversed(SHAPES):
            say(f"Round {n + 1} of {chosen.rounds}: {shape} …")
            async with _place() as place:
                figures, faults = await _measure_one(place, shape, chosen, seed=chosen.seed * 100 + n)
            found[shape].append(figures)
            broken += [f"{shape}: {fault}" for fault in faults]
    return Result(
        figures={
            "bench": "shapes",
            "rate_per_s": chosen.rate,
            "seconds": chosen.seconds,
            "rounds": chosen.rounds,
            **{shape: {"median": _median(each), "rounds": each} for shape, each in found.items()},
        },
        broken=broken,
    )


async def _measure_one(
    place: Place, shape: str, chosen: argparse.Namespace, *, seed: int
) -> tuple[dict[str, Any], list[str]]:
    began = time.monotonic()
    async with _started(place, shape) as children:
        await _accepts(place, children)
        accepting = time.monotonic() - began
        await _first_answer(place)
        first_answer = time.monotonic() - began
        count = int(chosen.rate * chosen.seconds)
        webhooks = await customers.webhooks(
            place.emulator,
            place.account,
            place.settings.app_secret,
            count=count,
            customers=min(chosen.customers, count),
            seed=seed,
            scripted=False,
        )
        before = await _answers_so_far(place)
        started = time.monotonic()
        posted = await posting.post(place.webhook, webhooks, rate=chosen.rate, home=place.home, env=os.environ)
        answered = await _answers_so_far(place) - before
        took = time.monotonic() - started
        resident = memory.sum_mb([child.process.pid for child in children])
        with contextlib.closing(counting.Ledger(place.settings)) as ledger:
            not_kept, left = await ledger.not_kept(posted), await ledger.at_work()
        doubled = counting.answers(await place.journal.whole(), posted, scripted=False).doubled
    figures = {
        "accepting_s": round(accepting, 2),
        "first_answer_s": round(first_answer, 2),
        **posting.acknowledgement(posted),
        "answers_per_s": round(answered / took, 1),
        "left_to_do": left,
        "resident_mb": resident,
        "not_kept": not_kept,
        "doubled": doubled,
    }
    faults = [f"{not_kept} accepted messages are not kept"] if not_kept else []
    return figures, faults + ([f"{doubled} answers too many"] if doubled else [])


@contextlib.asynccontextmanager
async def _place() -> AsyncIterator[Place]:
    async with contextlib.AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-bench-", ignore_cleanup_errors=True)))
        with contextlib.closing(bind("127.0.0.1", 0)) as probe:
            port = str(probe.getsockname()[1])
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        env = {
            **inherited,
            "BATON_HOME": str(home),
            "PORT": port,
            "EMULATOR_PORT": "5006" if port != "5006" else "5007",
        }
        chosen, cast = settings.read(env), Cast()
        await asyncio.to_thread(state.prepare, chosen, cast)
        file = state.write_emulator_settings(chosen, cast, {})
        log = home / "emulator.log"
        emulator = await processes.start("emulator", ["emulator", "--port", "0", "--settings", file], env=env, log=log)
        stack.push_async_callback(emulator.stop)
        url = (await emulator.said("Emulator: ", _START_S)).split()[1]
        env["EMULATOR_PORT"] = url.rsplit(":", 1)[1]
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)))
        yield Place(
            settings=chosen,
            env=env,
            emulator=Emulator(http, url),
            journal=Journal(http, url),
            http=http,
            account=cast.numbers[0].provider_id,
        )


@contextlib.asynccontextmanager
async def _started(place: Place, shape: str) -> AsyncIterator[list[Child]]:
    """Of the product what thinks and what listens; stopped again, the worker first."""
    async with contextlib.AsyncExitStack() as stack:
        children = []
        for name, arguments in _commands(place, shape):
            fds, env = [], dict(place.env)
            if name == "gateway":
                listening = stack.enter_context(contextlib.closing(bind("127.0.0.1", place.settings.port)))
                fds, env = [listening.fileno()], {**env, SOCKET_VARIABLE: str(listening.fileno())}
            child = await processes.start(name, arguments, env=env, log=place.home / f"{name}.log", fds=fds)
            stack.push_async_callback(child.stop)
            children.append(child)
        yield children


def _commands(place: Place, shape: str) -> list[tuple[str, list[str]]]:
    if shape == "two_processes":
        return [("gateway", ["app.gateway"]), ("worker", ["app.worker"])]
    files = ["--credentials", "credentials.yml", "--endpoints", "endpoints.yml", "--model", "models"]
    address = ["--interface", "127.0.0.1", "--port", str(place.settings.port)]
    return [("rasa run", ["rasa", "run", *files, *address])]


async def _accepts(place: Place, children: Sequence[Child]) -> None:
    """As a webhook would see it: the route is there and the house is open."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and all(child.process.returncode is None for child in children):
        with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
            async with place.http.get(f"{place.settings.address}/webhooks/whatsapp/") as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.02)
    raise CannotMeasure("No webhook was accepted." + "".join(child.tail() for child in children))


async def _first_answer(place: Place) -> None:
    phone = "5531999999999"
    said = await place.emulator.say(place.account, phone, customers.QUESTIONS[0])
    if said["status"] != 200:
        raise CannotMeasure(f"The first webhook was answered {said['status']}.")
    following = asyncio.create_task(place.journal.follow())
    try:
        answer = await place.journal.arrived(
            place.account, lambda r: r.to == phone and customers.is_answer(r), _ANSWER_S
        )
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    if answer is None:
        raise CannotMeasure(f"No answer within {_ANSWER_S:.0f} s; is the model in models/ up to date?")


async def _answers_so_far(place: Place) -> int:
    return sum(customers.is_answer(request) for request in await place.journal.whole())


def _median(rounds: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Of what is compared; the rounds themselves are beside it."""
    shown: dict[str, float | None] = {}
    for name in ("accepting_s", "first_answer_s", "answers_per_s", "resident_mb"):
        values = [each[name] for each in rounds]
        shown[name] = None if None in values else round(statistics.median(values), 2)
    for name in ("p50", "p99"):
        times = [each["ack_ms"][name] for each in rounds if each["ack_ms"]]
        shown[f"ack_{name}_ms"] = round(statistics.median(times), 2) if times else None
    return shown


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench shapes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--rate", type=float, default=50, help="webhooks a second")
    made.add_argument("--seconds", type=float, default=20)
    made.add_argument("--customers", type=int, default=200)
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--seed", type=int, default=1)
    return entry.run(measure(made.parse_args(argv)))
