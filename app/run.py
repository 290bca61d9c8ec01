"""`./baton run`: the parent. Starts emulator, gateway and worker, trains where needed, and ends them cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from app import first_run, lifeline, models
from app.processes import HOUSE_VARIABLE, SOCKET_VARIABLE, bind
from app.settings import ROOT, Settings, read
from conversation.account import Account
from conversation.errors import BadInput
from store import accounts, migrations
from store.accounts import Credentials
from store.database import Database
from store.vault import Vault

_GRACE_S = 12.0
#: A child that ended sooner than this after its start waits longer before the next.
_HEALTHY_S = 20.0
_LONGEST_PAUSE_S = 30.0


def say(text: str) -> None:
    print(text, flush=True)


class Child:
    """A process of ours, kept running."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: dict[str, str], fds: tuple[int, ...] = (), cwd: Path = ROOT
    ) -> None:
        self.name, self._command, self._env, self._fds, self._cwd = name, command, env, fds, cwd
        self.process: asyncio.subprocess.Process | None = None
        self.on_line: Callable[[str], None] = lambda line: None
        self.stderr: int | None = None  # ours, unless it is to be read line by line with the rest

    async def keep(self) -> None:
        """Runs it, again whenever it ends, until cancelled."""
        pause = 0.5
        while True:
            began = time.monotonic()
            code = await self.once()
            pause = 0.5 if time.monotonic() - began > _HEALTHY_S else min(pause * 2, _LONGEST_PAUSE_S)
            say(f"The {self.name} ended (exit {code}); starting it again in {pause:.0f} s. Its log above says why.")
            await asyncio.sleep(pause)

    async def once(self) -> int:
        read_end, write_end = os.pipe()
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self._command,
                env={**self._env, lifeline.VARIABLE: str(read_end)},
                cwd=self._cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=self.stderr,
                pass_fds=(*self._fds, read_end),
                start_new_session=True,  # Ctrl-C reaches us alone; we tell the children in order
            )
        finally:
            os.close(read_end)
        try:
            assert self.process.stdout is not None
            async for line in self.process.stdout:
                self.on_line(line.decode(errors="replace").rstrip())
            return await self.process.wait()
        finally:
            os.close(write_end)

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), _GRACE_S)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


class Run:
    def __init__(self, chosen: Settings, *, emulator: bool) -> None:
        self._chosen, self._emulator = chosen, emulator
        self._env = {**os.environ, HOUSE_VARIABLE: secrets.token_hex(6), "BATON_HOME": str(chosen.home)}
        self._children: list[tuple[Child, asyncio.Task[Any]]] = []
        self._model_came = asyncio.Event()

    async def main(self) -> None:
        chosen = self._chosen
        lock = first_run.lock_home(chosen)
        listening = _bind(chosen)
        emulator_free = _check_port(chosen.emulator_port, "EMULATOR_PORT") if self._emulator else None
        first, known = self._prepare()
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopping.set)
        try:
            if emulator_free:
                self._keep(self._emulator_child(first, known))
            self._keep(self._gateway_child(listening))
            up = asyncio.create_task(self._until_up(first))
            thinking = asyncio.create_task(self._think())
            await stopping.wait()
            for task in (up, thinking):
                task.cancel()
            await asyncio.gather(up, thinking, return_exceptions=True)
        finally:
            say("\nStopping …")
            await self._stop_all()
            listening.close()
            lock.close()
            say("Stopped. Everything accepted is kept.")

    def _prepare(self) -> tuple[first_run.FirstRun, list[tuple[Account, Credentials]]]:
        chosen = self._chosen
        db, vault = Database(chosen.database_url), Vault(chosen.key)
        try:
            migrations.upgrade(db)
            first = db.write_now(first_run.prepare, vault, emulator=self._emulator)
            known = db.read_now(
                lambda tx: [(a, accounts.credentials(tx, vault, a.id)) for a in accounts.all_of(tx) if a.emulated]
            )
            return first, known
        finally:
            db.close()

    def _keep(self, child: Child) -> None:
        self._children.append((child, asyncio.create_task(child.keep(), name=child.name)))

    async def _stop_all(self) -> None:
        """The worker first, so that what it is answering can still be sent; the emulator last."""
        for child, task in reversed(self._children):
            task.cancel()
            await child.stop()
            await asyncio.gather(task, return_exceptions=True)

    def _gateway_child(self, listening: socket.socket) -> Child:
        env = {**self._env, SOCKET_VARIABLE: str(listening.fileno())}
        return Child("gateway", [sys.executable, "-m", "app.gateway"], env=env, fds=(listening.fileno(),))

    def _emulator_child(self, first: first_run.FirstRun, known: list[tuple[Account, Credentials]]) -> Child:
        chosen = self._chosen
        path = chosen.home / "emulator.json"
        told = {
            "webhook_base": chosen.address,
            "app_secret": chosen.app_secret,
            "verify_token": chosen.verify_token,
            "accounts": [_for_emulator(account, credentials) for account, credentials in known],
            "demo": {"url": chosen.address, "token": first.demo_token},
        }
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(told, file)
        port = str(chosen.emulator_port)
        return Child("emulator", _held("emulator", "--port", port, "--settings", str(path)), env=self._env)

    async def _until_up(self, first: first_run.FirstRun) -> None:
        chosen, began = self._chosen, time.monotonic()
        await _answers(f"{chosen.address}/api/v1/health")
        say(f"Accepting webhooks at {chosen.address}/webhooks/whatsapp/webhook ({time.monotonic() - began:.1f} s).")
        if self._emulator:
            await _answers(f"{chosen.emulator_url}/emulator/health")
            say(f"Phones to try it on: {chosen.emulator_url}/ (a stand-in for Meta; nothing leaves this machine).")
        if first.token is not None:
            say(f"Your login, shown this once: operator {first_run.FIRST_OPERATOR}, token {first.token}")

    async def _think(self) -> None:
        """Trains where there is no model or it is out of date, while webhooks are accepted; then keeps a worker."""
        chosen = self._chosen
        worker = Child("worker", self._worker_command(), env=self._worker_env(), cwd=ROOT)
        worker.on_line = self._on_worker
        missing = models.newest(chosen.models) is None
        if not missing:
            self._keep(worker)
        if models.is_stale(chosen.project, chosen.models):
            why = "There is no trained model yet" if missing else "The training data has changed"
            say(f"{why}: training now, about half a minute. Messages are accepted meanwhile, and answered after.")
            await self._train()
        if missing:
            self._keep(worker)
        began = time.monotonic()
        while not self._model_came.is_set() and models.newest(chosen.models) is not None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._model_came.wait(), 10)
            if not self._model_came.is_set():
                say(f"Loading the model … {time.monotonic() - began:.0f} s")

    async def _train(self) -> None:
        chosen = self._chosen
        chosen.models.mkdir(parents=True, exist_ok=True)
        command = _held("rasa", "train", "--out", str(chosen.models), "--config", str(self._config()))
        training = Child("training", command, env=self._worker_env(), cwd=chosen.project)
        lines: list[str] = []
        training.on_line, training.stderr = lines.append, asyncio.subprocess.STDOUT
        began = time.monotonic()
        running = asyncio.create_task(training.once())
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=10)
                if not running.done():
                    say(f"Training … {time.monotonic() - began:.0f} s")
        finally:
            await training.stop()
        if running.result() == 0:
            say(f"Trained in {time.monotonic() - began:.0f} s.")
            _touch_newest(chosen.models)
            return
        say("\n".join(lines[-15:]))
        say(
            "The training failed; the lines above say why. Messages are kept, and people can answer them."
            " Mend the training data and run `./baton rasa train`: the new model is picked up at once."
        )

    def _config(self) -> Path:
        """Rasa writes into the `config.yml` it trains from: of a project that is not ours it gets a copy."""
        own = self._chosen.project / "config.yml"
        if self._chosen.project == ROOT:
            return own
        copy = self._cache() / "config.yml"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(own, copy)
        return copy

    def _cache(self) -> Path:
        return self._chosen.home / "cache" / self._chosen.project.name

    def _worker_command(self) -> list[str]:
        chosen = self._chosen
        return [
            sys.executable,
            "-m",
            "app.worker",
            *(["--project", str(chosen.project)] if chosen.project != ROOT else []),
        ]

    def _worker_env(self) -> dict[str, str]:
        """A project that is not ours gets nothing written into it: neither Rasa's cache nor Python's."""
        if self._chosen.project == ROOT:
            return self._env
        cache = self._cache()
        return {
            **self._env,
            "RASA_CACHE_DIRECTORY": str(cache / "rasa"),
            "PYTHONPYCACHEPREFIX": str(cache / "python"),
        }

    def _on_worker(self, line: str) -> None:
        if line == "ready":
            say(
                "The assistant answers." if not self._model_came.is_set() else "The assistant answers by the new model."
            )
            self._model_came.set()
        elif line == "model_failed":
            say("A model could not be loaded; the log above says why. What was loaded before goes on answering.")
            self._model_came.set()


def _held(module: str, *arguments: str) -> list[str]:
    """A module that knows nothing of us, so that it too ends with its parent."""
    return [sys.executable, str(Path(lifeline.__file__).resolve()), module, *arguments]


def _for_emulator(account: Account, credentials: Credentials) -> dict[str, Any]:
    told: dict[str, Any] = {"channel": account.channel.value, "id": account.provider_id, "name": account.name}
    if credentials.secrets:
        told["app_secret"] = credentials.secrets[0]
    if credentials.token:
        told["token"] = credentials.token
    return told


def _bind(chosen: Settings) -> socket.socket:
    try:
        return bind(chosen.host, chosen.port)
    except OSError as error:
        raise BadInput(
            f"Port {chosen.port} on {chosen.host} can't be used ({error.strerror})."
            " Stop what uses it, or set PORT to another."
        ) from error


def _check_port(port: int, name: str) -> bool:
    try:
        bind("127.0.0.1", port).close()
    except OSError as error:
        raise BadInput(
            f"Port {port} can't be used ({error.strerror}). Stop what uses it, or set {name} to another."
        ) from error
    return True


def _touch_newest(folder: Path) -> None:
    """`rasa train` leaves an old file where nothing that counts has changed: it is as good as new."""
    model = models.newest(folder)
    if model is not None:
        model.path.touch()


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
