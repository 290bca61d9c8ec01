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
import uuid
import warnings
from pathlib import Path
from typing import Any

import structlog
import yaml

from app import lifeline, logs, models, settings, wiring
from app.processes import HOUSE_VARIABLE
from app.settings import ROOT, Settings
from runtime.actors import Actors, stop
from runtime.settings import RuntimeSettings
from runtime.turn import LeaseLost, Turns
from store import leases
from store.leases import Lease

log = structlog.get_logger()

LEASE = "dialogue"
_DRAIN_S = 8.0
_MODEL_STEP_S = 2.0


class Worker:
    """Runs conversations on the event loop it is awaited on. Also lives in a thread of `rasa run`: see `host.py`."""

    def __init__(self, house: wiring.House, *, name: str) -> None:
        from runtime.rasa_dialogue import RasaDialogue  # brings TensorFlow

        self._house, self._name = house, name
        self._settings = house.settings
        self.dialogue = RasaDialogue(house.db, house.settings.runtime)
        self._heart = Heartbeat(house.settings.runtime)

    async def run(self, stopping: asyncio.Event) -> None:
        """Until told to stop, or until another worker has the lease (then it raises `LeaseLost`)."""
        lease = await self._acquire(stopping)
        if lease is None:
            return
        house, chosen = self._house, self._house.settings.runtime
        turns = Turns(
            house.db, self.dialogue, house.channels, house.clock, chosen, lease, unseen=logs.discretion.hiding
        )
        actors = Actors(house.db, turns, house.wake, house.clock, chosen)
        tasks = {
            asyncio.create_task(actors.run(), name="actors"),
            asyncio.create_task(self._renew(lease), name="lease"),
            asyncio.create_task(self._follow_models(), name="models"),
            asyncio.create_task(self._heart.beat(), name="heartbeat"),
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
            await house.db.write(leases.give_back, lease, house.clock.now())

    async def _acquire(self, stopping: asyncio.Event) -> Lease | None:
        """Only one worker thinks: waits for another's lease to end, at once where our parent saw that one end."""
        house = os.environ.get(HOUSE_VARIABLE) or self._name
        holder, told = f"{house}/{self._name}", False
        while not stopping.is_set():
            lease = await self._house.db.write(
                leases.acquire,
                LEASE,
                holder,
                now=self._house.clock.now(),
                ttl_s=self._settings.runtime.lease_s,
                house=house,
            )
            if lease is not None:
                return lease
            if not told:
                log.warning("waiting_for_another_worker")
                told = True
            await asyncio.sleep(0.5)
        return None

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self._settings.runtime.lease_s / 3)
            renewed = await self._house.db.write(
                leases.renew, lease, now=self._house.clock.now(), ttl_s=self._settings.runtime.lease_s
            )
            if not renewed:
                raise LeaseLost("another worker has taken over")

    async def _follow_models(self) -> None:
        """Loads the newest model, aside; one that does not load leaves the one before it answering."""
        loaded: models.Found | None = None
        endpoints = self._settings.project / "endpoints.yml"
        actions = actions_package(self._settings)
        while True:
            newest = models.newest(self._settings.models)
            if newest is not None and newest != loaded and newest.settled():
                loaded = newest
                try:
                    await asyncio.to_thread(
                        self.dialogue.load, newest.path, endpoints if endpoints.exists() else None, actions
                    )
                    announce("ready")
                except Exception as error:
                    log.error("model_not_loaded", model=newest.path.name, exc_info=error)
                    announce("model_failed")
                self._house.wake.ring()
            await asyncio.sleep(_MODEL_STEP_S if loaded else 0.2)


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
    """Tells our parent, who reads our standard output a line at a time."""
    print(what, flush=True)


async def _main(project: Path | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    async with wiring.opened(settings.read(project=project)) as house:
        await Worker(house, name=uuid.uuid4().hex[:12]).run(stopping)


def enter(project: Path | None) -> None:
    """The project's own modules come first, as under `rasa run`; ours are imported already."""
    home = project or ROOT
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
    logs.set_up("worker")
    lifeline.hold()
    _quieten()
    # The writer's thread lets go of Python's lock at each statement, while it holds the database: what it waits to
    # have it back from the thinking thread, the gateway waits too.
    sys.setswitchinterval(0.0001)
    enter(project.resolve() if project else None)
    asyncio.run(_main(project.resolve() if project else None))
    # TensorFlow's and Rasa's threads have nothing left to lose; waiting for them only delays a restart.
    os._exit(0)


if __name__ == "__main__":
    main()
