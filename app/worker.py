"""The process that thinks: the model, the actors, the timers. Ingest does not wait for it, and outlives it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import structlog
import yaml

from app import leaving_alone, lifeline, light, logs, parts, settings, state_lock, wiring
from app.follow_models import ModelFollower
from app.processes import HOUSE_VARIABLE
from app.settings import ROOT, Settings
from conversation.agent import Provider
from conversation.errors import BatonError
from runtime.actors import Actors, stop
from runtime.erasing import keep_forgetting
from runtime.settings import RuntimeSettings
from runtime.trying_out import serve
from runtime.turn import Turns
from store import agents
from store.database import DatabaseUnavailable

log = structlog.get_logger()

_DRAIN_S = 8.0
#: So often it is looked whether an agent has come to think with a language model.
_WARM_UP_S = 10.0


class Worker:
    """Runs conversations on the event loop it is awaited on. Also lives in a thread of `rasa run`: see `host.py`."""

    def __init__(self, house: wiring.House) -> None:
        from runtime.llm.thinker import Thinker  # brings Rasa
        from runtime.rasa_dialogue import RasaDialogue  # brings TensorFlow

        self._house = house
        self._thinker = Thinker(house.db, house.vault, house.clock, house.settings.runtime, house.llm)
        self.dialogue = RasaDialogue(house.db, house.settings.runtime, self._thinker)
        self._heart = Heartbeat(house.settings.runtime)

    async def run(self, stopping: asyncio.Event) -> None:
        """Until told to stop."""
        house, chosen = self._house, self._house.settings.runtime
        turns = Turns(
            house.db, self.dialogue, house.channels, house.clock, chosen, house.holder, unseen=logs.discretion.hiding
        )
        follower = ModelFollower(house, self.dialogue, actions=actions_package(house.settings), announce=announce)
        actors = Actors(house.db, turns, house.wake, house.clock, chosen, house.holder, self._thinker.waiting)
        tasks = {
            asyncio.create_task(actors.run(), name="actors"),
            asyncio.create_task(follower.run(), name="models"),
            asyncio.create_task(self._heart.beat(), name="heartbeat"),
            asyncio.create_task(keep_forgetting(house.bus, self.dialogue.forget), name="erased"),
            asyncio.create_task(serve(house.db, house.bus, house.clock, self.dialogue), name="tried out"),
            asyncio.create_task(_until_actions_are_stuck(), name="stuck actions"),
            asyncio.create_task(_warm_up(house), name="language models' clients"),
            asyncio.create_task(stopping.wait(), name="stopping"),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await actors.drain(_DRAIN_S)
            for task in tasks:
                with contextlib.suppress(Exception):
                    await stop(task)  # type: ignore[arg-type]


async def _warm_up(house: wiring.House) -> None:
    """The clients of language models are there before the first of their agents is asked."""
    while True:
        with contextlib.suppress(DatabaseUnavailable):
            for provider in await house.db.read(agents.providers):
                if provider is not Provider.RASA:
                    await house.llm.warm_up(provider)
        await asyncio.sleep(_WARM_UP_S)


class ActionsStuck(Exception):
    """So many threads are lost to actions that never come back that this process should be replaced."""


async def _until_actions_are_stuck() -> None:
    from runtime import custom_actions  # brings Rasa

    while custom_actions.stuck() < custom_actions.THREADS // 2:  # noqa: ASYNC110 - threads end whenever they like
        await asyncio.sleep(1.0)
    raise ActionsStuck(f"{custom_actions.stuck()} custom actions have blocked their threads for good")


class Heartbeat:
    """Ends the process when its loop stands still: a turn that can't be cancelled must not hold up the others."""

    def __init__(self, chosen: RuntimeSettings) -> None:
        self._stuck_s = chosen.stuck_s
        self._last = time.monotonic()

    async def beat(self) -> None:
        self._last = time.monotonic()
        threading.Thread(target=self._watch, name="heartbeat", daemon=True).start()
        while True:
            self._last = time.monotonic()
            await asyncio.sleep(1.0)

    def _watch(self) -> None:
        while True:
            time.sleep(1.0)
            if time.monotonic() - self._last > self._stuck_s:
                log.critical("worker_stuck", seconds=self._stuck_s)
                faulthandler.dump_traceback(all_threads=True)
                os._exit(70)


def actions_package(chosen: Settings) -> str | None:
    """The package whose custom actions run in the worker: named in `endpoints.yml`, else the project's own `actions`
    where no `action_endpoint` is set, as Rasa would otherwise fail at the first one."""
    path = chosen.project / "endpoints.yml"
    endpoints: dict[str, Any] = (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}
    named = (endpoints.get("runtime") or {}).get("actions")
    if named:
        return str(named)
    has_own = (chosen.project / "actions").is_dir() or (chosen.project / "actions.py").exists()
    return "actions" if has_own and not endpoints.get("action_endpoint") else None


def announce(what: str) -> None:
    """Tells our parent, who reads our standard output a line at a time; where there is none, whoever started us."""
    if HOUSE_VARIABLE in os.environ:
        print(what, flush=True)
    elif what.startswith("ready "):
        parts.ready(f"ready: the assistant answers by the model {what.partition(' ')[2]}")


async def _main(project: Path | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    chosen = settings.read(project=project)
    with state_lock.shared(chosen):
        async with wiring.opened(chosen) as house:
            await Worker(house).run(stopping)


def enter(project: Path | None) -> None:
    """The project's own modules come first, as under `rasa run`; ours are imported already."""
    home = project or ROOT
    if home != ROOT:
        leaving_alone.install(home)
    os.chdir(home)
    if str(home) not in sys.path:
        sys.path.insert(0, str(home))
    if project is not None and project != ROOT and str(ROOT) in sys.path:
        sys.path.remove(str(ROOT))
        sys.path.append(str(ROOT))


def _quieten() -> None:
    """Sanic asks for every deprecation of everybody's to be shown, when it is imported; Rasa imports it."""
    import sanic.app  # noqa: F401

    warnings.simplefilter("ignore")


def main() -> None:
    parser = argparse.ArgumentParser(prog="app.worker")
    parser.add_argument("--project", type=Path)
    project: Path | None = parser.parse_args().project
    faulthandler.enable()  # whatever ends us from below Python says where
    logs.set_up("worker", for_good=True)
    lifeline.hold()
    if light.wanted():
        light.install()
    _quieten()
    # The writer's thread lets go of Python's lock at each statement, while it holds the database: what it waits to
    # have it back from the thinking thread, the gateway waits too.
    sys.setswitchinterval(0.0001)
    enter(project.resolve() if project else None)
    try:
        asyncio.run(_main(project.resolve() if project else None))
    except BatonError as error:
        sys.exit(str(error))
    except ActionsStuck as error:
        log.critical("actions_stuck", error=str(error))
        os._exit(70)  # an ordinary end would wait for the threads
    # TensorFlow's and Rasa's threads have nothing left to lose; waiting for them only delays a restart.
    os._exit(0)


if __name__ == "__main__":
    main()
