"""`./baton run`: the parent. Starts emulator, gateway and worker, trains where needed, and ends them cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from app import emulation, first_run, llm_settings, models, restore, restore_request, state_lock, training
from app.child import Child, say
from app.first_run import FirstRun
from app.processes import HOUSE_VARIABLE, SOCKET_VARIABLE, bind
from app.restore_request import Request
from app.settings import ROOT, Settings, read
from conversation.errors import BadInput
from runtime.within import within
from store import accounts, migrations
from store.database import Database

_LOOK_FOR_RESTORES_S = 0.3


class Run:
    def __init__(self, chosen: Settings, *, emulator: bool) -> None:
        self._chosen, self._emulator = chosen, emulator
        self._env = {**os.environ, HOUSE_VARIABLE: secrets.token_hex(6), "BATON_HOME": str(chosen.home)}
        if emulator:
            self._env = llm_settings.with_one_more(self._env, chosen.emulator_url)
        self._children: dict[str, tuple[Child, asyncio.Task[Any]]] = {}
        self._moving = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._model_came = asyncio.Event()

    async def main(self) -> None:
        chosen = self._chosen
        lock = state_lock.take(chosen.home, state_lock.RUN)
        restore_request.forget(chosen.home)
        listening = _bind(chosen)
        if self._emulator:
            _check_port(chosen.emulator_port, "EMULATOR_PORT")
        first, self._told = self._prepare()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stopping.set)
        try:
            if self._emulator:
                self._keep(emulation.child(chosen, self._told, self._env))
            self._keep(self._gateway_child(listening))
            passing = [asyncio.create_task(task) for task in (self._until_up(first), self._think())]
            await self._serve_restores()
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
        finally:
            say("\nStopping …")
            for child in ("worker", "gateway", "emulator"):
                await self._stop(child)
            listening.close()
            lock.close()
            say("Stopped. Everything accepted is kept.")

    def _prepare(self, demo_token: str | None = None) -> tuple[FirstRun, dict[str, Any]]:
        """What a state folder must have; and what the emulator is to be told of it."""
        chosen = self._chosen
        db, vault = Database(chosen.database_url), chosen.vault()
        try:
            migrations.upgrade(db)
            first = db.write_now(first_run.prepare, vault, emulator=self._emulator, demo_token=demo_token)
            known = db.read_now(
                lambda tx: [(a, accounts.credentials(tx, vault, a.id)) for a in accounts.all_of(tx) if a.emulated]
            )
            return first, emulation.told(chosen, first, known)
        finally:
            db.close()

    # --- children

    def _keep(self, child: Child) -> None:
        self._children[child.name] = child, asyncio.create_task(child.keep(), name=child.name)

    async def _stop(self, name: str) -> Child | None:
        """The child that was running. The worker goes before the gateway: what it is answering is still sent."""
        child, task = self._children.pop(name, (None, None))
        if child is None or task is None:
            return None
        task.cancel()
        await child.stop()
        await asyncio.gather(task, return_exceptions=True)
        return child

    def _gateway_child(self, listening: socket.socket) -> Child:
        env = {**self._env, SOCKET_VARIABLE: str(listening.fileno())}
        return Child("gateway", [sys.executable, "-m", "app.gateway"], env=env, fds=(listening.fileno(),))

    def _worker_child(self) -> Child:
        project = ["--project", str(self._chosen.project)] if self._chosen.project != ROOT else []
        command = [sys.executable, "-m", "app.worker", *project]
        child = Child("worker", command, env=training.project_env(self._chosen, self._env))
        child.on_line = self._on_worker
        return child

    async def _until_up(self, first: FirstRun) -> None:
        chosen, began = self._chosen, time.monotonic()
        await _answers(f"{chosen.address}/api/v1/health")
        say(f"Accepting webhooks at {chosen.address}/webhooks/whatsapp/webhook ({time.monotonic() - began:.1f} s).")
        if self._emulator:
            await _answers(f"{chosen.emulator_url}/emulator/health")
            say(f"Phones to try it on: {chosen.emulator_url}/ (a stand-in for Meta; nothing leaves this machine).")
        say(f"The desk, where people answer: {chosen.address}/desk (sign in with a token, or a name and a password).")
        if first.token is not None:
            say(f"Your login, shown this once: operator {first_run.FIRST_OPERATOR}, token {first.token}")

    # --- the model

    async def _think(self) -> None:
        """Trains where there is no model or it is out of date, while webhooks are accepted; then keeps a worker."""
        chosen = self._chosen
        missing = models.newest(chosen.models) is None
        if not missing:
            await self._keep_worker()
        if models.is_stale(chosen.project, chosen.models):
            why = "There is no trained model yet" if missing else "The training data has changed"
            say(f"{why}: training now, about half a minute. Messages are accepted meanwhile, and answered after.")
            await training.train(chosen, self._env)
        if missing:
            await self._keep_worker()
        began = time.monotonic()
        while not self._model_came.is_set() and models.newest(chosen.models) is not None:
            with contextlib.suppress(asyncio.TimeoutError):
                await within(10, self._model_came.wait())
            if not self._model_came.is_set():
                say(f"Loading the model … {time.monotonic() - began:.0f} s")

    async def _keep_worker(self) -> None:
        async with self._moving:
            self._keep(self._worker_child())

    def _on_worker(self, line: str) -> None:
        what, _, model = line.partition(" ")
        if what == "ready":
            again = self._model_came.is_set()
            say(f"The assistant answers by the new model, {model}." if again else "The assistant answers.")
            self._model_came.set()
        elif what == "model_failed":
            say(f"A model could not be loaded: {model}. The log above says why.")
            self._model_came.set()
        elif what == "model_unused":
            newer, _, pinned = model.partition(" ")
            say(f"{newer} is newer and not used: {pinned} is pinned. `./baton model use --newest` takes the newest.")

    # --- restoring a backup

    async def _serve_restores(self) -> None:
        """Until told to stop."""
        while not self._stopping.is_set():
            request = restore_request.asked(self._chosen.home)
            if request is not None:
                await self._restore(request)
            with contextlib.suppress(asyncio.TimeoutError):
                await within(_LOOK_FOR_RESTORES_S, self._stopping.wait())

    async def _restore(self, request: Request) -> None:
        """Nobody has the database open meanwhile. Webhooks that come wait at our listening socket."""
        async with self._moving:
            say("Restoring a backup. Webhooks that come meanwhile wait.")
            stopped = [await self._stop(name) for name in ("worker", "gateway")]
            try:
                done = await asyncio.to_thread(restore.exchange, self._chosen, request.folder)
                await self._read_anew()
            except Exception as error:
                say(f"Nothing was restored: {error}")
                restore_request.answer(self._chosen.home, request, error=str(error) or type(error).__name__)
            else:
                say("Restored.")
                restore_request.answer(self._chosen.home, request, done=done)
            for child in reversed([child for child in stopped if child is not None]):
                self._keep(child)

    async def _read_anew(self) -> None:
        """Secrets and accounts are those of the backup; an emulator that knows others is started anew."""
        self._chosen = read(project=self._chosen.project)
        before = self._told
        _, self._told = self._prepare(demo_token=before["demo"]["token"])
        if self._emulator and self._told != before:
            await self._stop("emulator")
            self._keep(emulation.child(self._chosen, self._told, self._env))


def _bind(chosen: Settings) -> socket.socket:
    try:
        return bind(chosen.host, chosen.port)
    except OSError as error:
        raise BadInput(
            f"Port {chosen.port} on {chosen.host} can't be used ({error.strerror})."
            " Stop what uses it, or set PORT to another."
        ) from error


def _check_port(port: int, name: str) -> None:
    try:
        bind("127.0.0.1", port).close()
    except OSError as error:
        raise BadInput(
            f"Port {port} can't be used ({error.strerror}). Stop what uses it, or set {name} to another."
        ) from error


async def _answers(url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)


def main(*, emulator: bool, project: Path | None) -> None:
    chosen = read(project=project)
    asyncio.run(Run(chosen, emulator=emulator).main())
