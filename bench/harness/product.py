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
import secrets
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

from app import llm_settings, models, settings
from app.processes import HOUSE_VARIABLE, SOCKET_VARIABLE, bind
from app.settings import Settings
from bench.harness import points, processes, state
from bench.harness.clients import Emulator, Operators
from bench.harness.entry import CannotMeasure, say
from bench.harness.journal import Journal
from bench.harness.points import Points
from bench.harness.processes import Child
from bench.harness.scripted import ACTS_VARIABLE
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
    points: bool = True  # False: nothing is asked at the named points, where even a look for a mark would cost
    project: Path | None = None  # another Rasa project; with dialogue "rasa" it must have been trained
    emulator: Mapping[str, Any] = field(default_factory=dict)  # more of its settings
    environment: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None  # a PostgreSQL's URL, see services/postgres.py; None: SQLite in the run's own folder
    emulated_by_token: bool = False  # accounts with tokens of their own reach the emulator too: GRAPH_URL
    port: int = 0  # the gateway's; 0: any that is free
    acts: bool = False  # the scripted dialogue writes down outside the database what it does, see scripted.py


@dataclass(frozen=True, kw_only=True)
class Product:
    settings: Settings
    options: Options
    emulator: Emulator
    operators: Operators
    journal: Journal
    points: Points
    http: aiohttp.ClientSession
    children: dict[str, Child]  # "emulator", "gateway", "worker"
    starting: Starting

    @property
    def address(self) -> str:
        return self.settings.address

    @property
    def acts(self) -> Path:
        return _acts(self.settings.home)

    async def restart(self, name: str) -> Child:
        """Starts a gateway or worker that has ended again, as our parent would; back when it is up."""
        await self.children[name].stop()
        return await self._start(name)

    async def start_beside(self, name: str) -> Child:
        """Starts another of a house of its own, as on another machine, and gives the former one: nobody stops that."""
        former, self.starting.houses[name] = self.children[name], secrets.token_hex(6)
        await self._start(name)
        return former

    async def _start(self, name: str) -> Child:
        self.children[name] = child = await self.starting.start(name)
        if name == "gateway":
            await _answers(self.http, f"{self.address}/api/v1/health", child)
        else:
            await child.said("ready", self.starting.ready_s)
        return child


@dataclass(frozen=True, kw_only=True)
class Starting:
    """How gateway and worker are started. They inherit one listening socket, so no webhook finds nobody there."""

    options: Options
    env: Mapping[str, str]
    home: Path
    points: str
    listening: int
    #: Processes that are of another house than the rest.
    houses: dict[str, str] = field(default_factory=dict)

    @property
    def ready_s(self) -> float:
        return _MODEL_S if self.options.dialogue == "rasa" else _START_S

    async def start(self, name: str) -> Child:
        options, log = self.options, self.home / f"{name}.log"
        patches = ["--sabotage", options.sabotage] if options.sabotage else []
        patches += ["--points", self.points] if options.points else []
        env = {**self.env, HOUSE_VARIABLE: self.houses.get(name, self.env[HOUSE_VARIABLE])}
        if name == "gateway":
            env[SOCKET_VARIABLE] = str(self.listening)
            return await processes.start(name, [*patches, "app.gateway"], env=env, log=log, fds=[self.listening])
        project = ["--project", str(options.project)] if options.project else []
        arguments = [*patches, "--dialogue", options.dialogue, "app.worker", *project]
        return await processes.start(name, arguments, env=env, log=log)


@contextlib.asynccontextmanager
async def running(options: Options) -> AsyncIterator[Product]:
    """Up and answering: the gateway accepts, the worker has its dialogue, the journal is followed."""
    async with contextlib.AsyncExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="baton-bench-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        listening = stack.enter_context(contextlib.closing(_socket(options.port)))
        env = _environment(options, home, listening)
        chosen = settings.read(env, project=options.project)
        _take_model_along(options, chosen)
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
        if options.emulated_by_token:
            env["GRAPH_URL"] = url
        env = llm_settings.with_one_more(env, url)
        starting = Starting(options=options, env=env, home=home, points=stops.socket_path, listening=listening.fileno())
        for name in ("gateway", *(["worker"] if options.worker else [])):
            children[name] = await starting.start(name)
        http = await stack.enter_async_context(_session())
        await _answers(http, f"{chosen.address}/api/v1/health", children["gateway"])
        journal = Journal(http, url)
        following = asyncio.create_task(journal.follow(), name="journal")
        stack.push_async_callback(_cancelled, following)
        if options.worker:
            await children["worker"].said("ready", starting.ready_s)
        yield Product(
            settings=chosen,
            options=options,
            emulator=Emulator(http, url),
            operators=Operators(http, chosen.address, token),
            journal=journal,
            points=stops,
            http=http,
            children=children,
            starting=starting,
        )


def inherited() -> dict[str, str]:
    """The caller's environment, without what would lead to the user's own Baton."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}


def _environment(options: Options, home: Path, listening: socket.socket) -> dict[str, str]:
    port = str(listening.getsockname()[1])
    # Only has to differ from PORT until the emulator has told its own.
    other = "5006" if port != "5006" else "5007"
    acts = {ACTS_VARIABLE: str(_acts(home))} if options.acts else {}
    ours = {"BATON_HOME": str(home), "PORT": port, "EMULATOR_PORT": other, HOUSE_VARIABLE: secrets.token_hex(6)}
    ours |= {"BATON_API_PER_S": "100000", "BATON_API_BURST": "100000"}  # one operator plays all of them
    database = {"DATABASE_URL": options.database} if options.database else {}
    return {**inherited(), **ours, **acts, **database, **options.environment}


def _acts(home: Path) -> Path:
    return home / "acts"


def _take_model_along(options: Options, chosen: Settings) -> None:
    """Models of somebody else's project are kept with the state, which is new in every run."""
    found = models.newest(options.project / "models") if options.project and options.dialogue == "rasa" else None
    if found is not None:
        chosen.models.mkdir(parents=True, exist_ok=True)
        shutil.copy2(found.path, chosen.models)


def _check_model(options: Options, chosen: Settings) -> None:
    if options.worker and options.dialogue == "rasa" and models.newest(chosen.models) is None:
        raise CannotMeasure(f"There is no model in {chosen.models}. `./baton rasa train` makes one.")


def _socket(port: int) -> socket.socket:
    try:
        return bind("127.0.0.1", port)
    except OSError as taken:
        raise CannotMeasure(f"Port {port} cannot be had: {taken}") from taken


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
