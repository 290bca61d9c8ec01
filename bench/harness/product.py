"""The whole product as real processes: emulator, gateway, worker, on free ports and a state folder of their own.

    async with product.running(Options(cast=Cast(...), dialogue="scripted")) as product:
        await product.emulator.say(number, customer, "hello")
        answer = await product.operators.take(conversation_id)
        requests = await product.journal.whole()

Whatever happens, every process that was started is stopped and the folder removed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from app import models, settings
from app.processes import SOCKET_VARIABLE, bind
from app.settings import Settings
from bench.harness import points, processes, state
from bench.harness.clients import Emulator, Operators
from bench.harness.entry import CannotMeasure, say
from bench.harness.journal import Journal
from bench.harness.points import Points
from bench.harness.processes import Child
from bench.harness.state import Cast

#: Of the caller's environment; a bench must not run on the user's own state, addresses or database.
_NOT_INHERITED = (
    "HOST", "PORT", "EMULATOR_PORT", "GRAPH_URL", "DATABASE_URL", "REDIS_URL",
    "BATON_HOME", "BATON_KEY", "META_APP_SECRET", "META_VERIFY_TOKEN",
)  # fmt: skip
_START_S = 60.0
_MODEL_S = 180.0


@dataclass(frozen=True, kw_only=True)
class Options:
    cast: Cast = field(default_factory=Cast)
    dialogue: str = "scripted"  # or "rasa", with the model in models/
    sabotage: str | None = None  # a guard to remove, see sabotage.py
    worker: bool = True  # False: messages are accepted and wait
    project: Path | None = None  # another Rasa project; with dialogue "rasa" it must have been trained
    emulator: Mapping[str, Any] = field(default_factory=dict)  # more of its settings
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Product:
    settings: Settings
    options: Options
    emulator: Emulator
    operators: Operators
    journal: Journal
    points: Points
    http: aiohttp.ClientSession
    children: Mapping[str, Child]  # "emulator", "gateway", "worker"

    @property
    def address(self) -> str:
        return self.settings.address


@contextlib.asynccontextmanager
async def running(options: Options) -> AsyncIterator[Product]:
    """Up and answering: the gateway accepts, the worker has its dialogue, the journal is followed."""
    async with contextlib.AsyncExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="baton-bench-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        listening = stack.enter_context(contextlib.closing(_free_socket()))
        env = _environment(options, home, listening)
        chosen = settings.read(env, project=options.project)
        _check_model(options, chosen)
        token = await asyncio.to_thread(state.prepare, chosen, options.cast)
        stops = await stack.enter_async_context(points.listening(home))
        file = state.write_emulator_settings(chosen, options.cast, options.emulator)
        children: dict[str, Child] = {}
        stack.push_async_callback(_stop_all, children)
        stack.callback(stops.let_all_go)  # before the processes are told to stop
        children["emulator"] = await processes.start(
            "emulator", ["emulator", "--port", "0", "--settings", file], env=env, log=home / "emulator.log"
        )
        url = (await children["emulator"].said("Emulator: ", _START_S)).split()[1]
        env["EMULATOR_PORT"] = url.rsplit(":", 1)[1]
        await _start_ours(children, options, env, home, stops.socket_path, listening.fileno())
        http = await stack.enter_async_context(_session())
        await _answers(http, f"{chosen.address}/api/v1/health", children["gateway"])
        journal = Journal(http, url)
        following = asyncio.create_task(journal.follow(), name="journal")
        stack.push_async_callback(_cancelled, following)
        if options.worker:
            await children["worker"].said("ready", _MODEL_S if options.dialogue == "rasa" else _START_S)
        yield Product(
            settings=chosen,
            options=options,
            emulator=Emulator(http, url),
            operators=Operators(http, chosen.address, token),
            journal=journal,
            points=stops,
            http=http,
            children=children,
        )


async def _start_ours(
    children: dict[str, Child], options: Options, env: Mapping[str, str], home: Path, socket_path: str, listening: int
) -> None:
    patches = ["--points", socket_path, *(["--sabotage", options.sabotage] if options.sabotage else [])]
    children["gateway"] = await processes.start(
        "gateway",
        [*patches, "app.gateway"],
        env={**env, SOCKET_VARIABLE: str(listening)},
        log=home / "gateway.log",
        fds=[listening],
    )
    if options.worker:
        project = ["--project", str(options.project)] if options.project else []
        children["worker"] = await processes.start(
            "worker",
            [*patches, "--dialogue", options.dialogue, "app.worker", *project],
            env=env,
            log=home / "worker.log",
        )


def _environment(options: Options, home: Path, listening: socket.socket) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    port = str(listening.getsockname()[1])
    # Only has to differ from PORT until the emulator has told its own.
    other = "5006" if port != "5006" else "5007"
    return {**mine, "BATON_HOME": str(home), "PORT": port, "EMULATOR_PORT": other, **options.environment}


def _check_model(options: Options, chosen: Settings) -> None:
    if options.worker and options.dialogue == "rasa" and models.newest(chosen.models) is None:
        raise CannotMeasure(f"There is no model in {chosen.models}. `./baton rasa train` makes one.")


def _free_socket() -> socket.socket:
    return bind("127.0.0.1", 0)


def _session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60))


async def _answers(http: aiohttp.ClientSession, url: str, child: Child) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and child.process.returncode is None:
        # The socket listens before the gateway is up, so a request may wait there.
        with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
            async with http.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.05)
    raise CannotMeasure(f"The gateway does not answer.{child.tail()}")


async def _stop_all(children: Mapping[str, Child]) -> None:
    """The worker first, then the gateway, so that what is under way can end; the emulator has nothing to finish."""
    for name in ("worker", "gateway"):
        if name in children:
            await children[name].stop()
            if (code := children[name].process.returncode) not in (0, -signal.SIGTERM):
                say(f"The {name} ended with exit {code}.{children[name].tail()}")
    if "emulator" in children:
        children["emulator"].kill()
        await children["emulator"].stop()


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
