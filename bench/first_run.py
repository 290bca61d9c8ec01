"""What somebody who never saw the project waits for: a fresh clone, `./baton run`, and the first answer on the phone.

A `git clone` of this repository into a new folder with a BATON_HOME of its own; the first `./baton run` makes
the environment, trains, starts everything. A customer's message is posted, through the emulator, as soon as
webhooks are accepted, which is before there is a model; its answer counts when it arrives at the emulator. Then
Ctrl-C, and the same again, warm.

`download_s` stands apart: without --skip-download the packages are fetched into an empty cache (2.5 GB
unpacked, through whatever connection this is), the environment is removed and made again from the now full
cache, and the difference is called the download. With --skip-download this machine's own uv cache and Python
are used and `download_s` is null; if that cache was empty, `environment_s` holds the download too. All seconds
under `first` and `warm` count from the start of `./baton run`.

What bounds the figures: training and TensorFlow's first import, both one processor's work; the clone's files are in
this machine's page cache. Not measured: a machine without git or Python, a slow disk.

Breaks (exit 1): the message accepted before the model was there got no answer or more than one; webhooks were
not accepted before the model was trained; Ctrl-C left something running."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.first_run import DEMO_NUMBER
from app.processes import bind
from app.settings import ROOT
from bench.harness import entry
from bench.harness.clients import Emulator
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.journal import Journal, Request
from bench.load import clone as clones
from bench.load import customers
from bench.load.clone import Clone, Running

#: Seconds.
TARGETS = {"first_answer_s": 90.0, "warm_accepting_s": 3.0}
_ENVIRONMENT_S = 1800.0
_START_S = 120.0
_ANSWER_S = 600.0
_QUESTION = "what are your opening hours?"
#: Of the caller's environment: a newcomer has none of it.
_NOT_INHERITED = {
    "HOST", "PORT", "EMULATOR_PORT", "GRAPH_URL", "DATABASE_URL", "REDIS_URL", "BATON_HOME",
    "BATON_KEY", "META_APP_SECRET", "META_VERIFY_TOKEN", "VIRTUAL_ENV", "BATON_CALLER_DIR",
    "PYTHONPATH",
}  # fmt: skip


async def measure(chosen: argparse.Namespace) -> Result:
    with tempfile.TemporaryDirectory(prefix="baton-first-run-", ignore_cleanup_errors=True) as folder:
        clone = await asyncio.to_thread(_clone, Path(folder), chosen)
        download_s = None if chosen.skip_download else await _download(clone)
        say("The first `./baton run` …")
        first, broken = await _first(clone)
        say("The same again, warm …")
        warm, more = await _warm(clone)
    reached = {"first_answer_s": first["first_answer_s"], "warm_accepting_s": warm["accepting_s"]}
    figures = {
        "bench": "first-run",
        "measured": "working tree" if chosen.working_tree else "last commit",
        "packages": "this machine's uv cache" if chosen.skip_download else "downloaded",
        "download_s": download_s,
        "first": first,
        "warm": warm,
        "targets": {name: {"target": wanted, "met": reached[name] <= wanted} for name, wanted in TARGETS.items()},
    }
    return Result(figures=figures, broken=[*broken, *more])


async def _first(clone: Clone) -> tuple[dict[str, Any], list[str]]:
    broken = []
    async with clones.running(clone) as running:
        environment = await running.until("the environment", clones.environment_is_there(clone), _ENVIRONMENT_S)
        accepting = await running.until("webhooks accepted", clones.answers(running, clone.health), _START_S)
        await running.until("phones to write from", clones.answers(running, clone.phones), _START_S)
        async with _Customers(running) as phones:
            await phones.say("5511900000001")
            trained_before = running.said("Trained in") is not None
            first_answer = await phones.answered("5511900000001", _ANSWER_S)
            trained = running.said("Trained in")
            # Once somebody who wrote later is answered, the first one's turn is certainly over.
            await phones.say("5511900000002")
            await phones.answered("5511900000002", _ANSWER_S)
            count = await phones.count("5511900000001")
        code, left = await clones.stop(running)
    if count != 1:
        broken.append(f"the message accepted while there was no model got {count} answers")
    if trained_before or trained is None:
        broken.append("webhooks were not accepted before the model was trained")
    broken += left
    figures = {
        "environment_s": environment,
        "accepting_s": accepting,
        "trained_s": trained,
        "first_answer_s": first_answer,
        "answered_while_loading": count == 1,
        "exit_after_ctrl_c": code,
    }
    return figures, broken


async def _warm(clone: Clone) -> tuple[dict[str, Any], list[str]]:
    async with clones.running(clone) as running:
        accepting = await running.until("webhooks accepted", clones.answers(running, clone.health), _START_S)
        await running.until("phones to write from", clones.answers(running, clone.phones), _START_S)
        async with _Customers(running) as phones:
            await phones.say("5511900000003")
            first_answer = await phones.answered("5511900000003", _ANSWER_S)
        code, broken = await clones.stop(running)
    return {"accepting_s": accepting, "first_answer_s": first_answer, "exit_after_ctrl_c": code}, broken


class _Customers:
    """Phones at the emulator that `./baton run` started, and what arrives at them."""

    def __init__(self, running: Running) -> None:
        url = f"http://127.0.0.1:{running.clone.emulator_port}"
        self._running = running
        self._emulator, self._journal = Emulator(running.http, url), Journal(running.http, url)
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> _Customers:
        self._following = asyncio.create_task(self._journal.follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._following is not None
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)

    async def say(self, phone: str) -> None:
        said = await self._emulator.say(DEMO_NUMBER, phone, _QUESTION)
        if said["status"] != 200:
            raise CannotMeasure(f"A webhook was answered {said['status']}.{self._running.tail()}")

    async def answered(self, phone: str, timeout_s: float) -> float:
        found = await self._journal.arrived(DEMO_NUMBER, lambda r: _is_to(r, phone), timeout_s)
        if found is None:
            raise CannotMeasure(f"No answer within {timeout_s:.0f} s.{self._running.tail()}")
        return self._running.since_start(found.received_ns / 1e9)

    async def count(self, phone: str) -> int:
        return sum(_is_to(request, phone) for request in await self._journal.whole())


def _is_to(request: Request, phone: str) -> bool:
    return request.to == phone and customers.is_answer(request)


def _clone(folder: Path, chosen: argparse.Namespace) -> Clone:
    target = folder / "clone"
    _git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(target))
    if chosen.working_tree:
        for name in _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
            if name and (ROOT / name).is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target / name)
    port, emulator_port = _free_ports()
    env = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    env |= {"PORT": str(port), "EMULATOR_PORT": str(emulator_port), "BATON_HOME": str(folder / "state")}
    if not chosen.skip_download:
        env["UV_CACHE_DIR"] = str(folder / "uv-cache")
    return Clone(folder=target, env=env, port=port, emulator_port=emulator_port)


async def _download(clone: Clone) -> float:
    """The environment twice, out of an empty cache and out of a full one: the difference is the download."""
    say("Fetching the packages into an empty cache …")
    cold = await _make_environment(clone)
    await asyncio.to_thread(shutil.rmtree, clone.folder / ".venv")
    warm = await _make_environment(clone)
    await asyncio.to_thread(shutil.rmtree, clone.folder / ".venv")
    return round(cold - warm, 2)


async def _make_environment(clone: Clone) -> float:
    """By the command that needs nothing else."""
    began = time.monotonic()
    command = ["./baton", "run", "--help"]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=clone.folder, env=clone.env, capture_output=True, text=True, timeout=_ENVIRONMENT_S
    )
    if done.returncode != 0:
        raise CannotMeasure(f"The environment could not be made:\n{done.stderr[-2000:]}")
    return time.monotonic() - began


def _free_ports() -> tuple[int, int]:
    with contextlib.closing(bind("127.0.0.1", 0)) as one, contextlib.closing(bind("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise CannotMeasure("git is not installed.") from None
    except subprocess.CalledProcessError as error:
        raise CannotMeasure(f"git {arguments[0]} failed: {error.stderr.strip()}") from None
    return done.stdout


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench first-run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--skip-download", action="store_true", help="take the packages from this machine's uv cache")
    made.add_argument("--working-tree", action="store_true", help="with the changes that are not committed yet")
    return entry.run(measure(made.parse_args(argv)))
