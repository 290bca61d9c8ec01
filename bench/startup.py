"""Seconds from start to ready, processor time, and memory: gateway, worker, emulator, and stock `rasa run` beside them.

Each is started alone, several times in turn, on files this machine has in memory already. Ready is: the gateway
accepts webhooks; the worker, with TensorFlow and light (`BATON_LIGHT=1`), has its model loaded; the emulator says its
address; stock Rasa's `facebook` channel answers; its action server is healthy. Then gateway and worker answer messages
together, once with TensorFlow and once light, and their memory is read again.

What bounds the figures: imports, which are one processor's work. Memory is the resident set, so pages that processes
share count in each; a development environment also brings what tests need (scikit-learn imports pytest where it is
there). Not measured: a first start, which writes Python's caches; the DIET and TED pipeline.

Breaks (exit 1): an accepted message was not answered exactly once, with TensorFlow or light."""

from __future__ import annotations

import argparse
import functools
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import light, models
from app.settings import ROOT
from bench.harness import entry
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.processes import Child
from bench.harness.product import Options
from bench.load import alone, memory, sides

TARGET_LIGHT_MB = 250
_PATIENCE_S = 180.0
_QUESTION = "what are your opening hours?"
_WORKERS = {"worker": {light.VARIABLE: ""}, "light_worker": {light.VARIABLE: "1"}}
_ALL = ("emulator", "gateway", *_WORKERS, "stock_rasa_run", "stock_actions")

#: Starts something in a folder, and is entered when it is ready, with its process and the seconds that took.
Started = Callable[[Path], AbstractAsyncContextManager[tuple[Child, float]]]


@dataclass(frozen=True, kw_only=True)
class Start:
    seconds: float
    cpu_s: float | None
    resident_mb: float | None


async def measure(chosen: argparse.Namespace) -> Result:
    what = {name: started for name, started in _what(chosen.only).items() if name in chosen.only}
    found: dict[str, list[Start]] = {name: [] for name in what}
    for n in range(chosen.rounds + 1):
        for name, started in what.items():
            say(f"Start {n} of {chosen.rounds}: {name} …" if n else f"A first start, not counted: {name} …")
            start = await _start(started)
            found[name] += [start] if n else []
    answering: dict[str, Any] = {}
    broken: list[str] = []
    for name, environment in _WORKERS.items():
        if chosen.answers and name in chosen.only:
            answering[name], faults = await _answering(chosen.answers, environment)
            broken += [f"{name}: {fault}" for fault in faults]
    figures = {
        "bench": "startup",
        "rounds": chosen.rounds,
        "model": "light",
        "starts": {name: _median(starts) for name, starts in found.items()},
        "after_answers": answering,
        "target_light_worker_mb": TARGET_LIGHT_MB,
    }
    return Result(figures=figures, broken=broken)


def _what(wanted: Sequence[str]) -> dict[str, Started]:
    workers: dict[str, Started] = {
        name: functools.partial(alone.worker, environment) for name, environment in _WORKERS.items()
    }
    return {
        "emulator": alone.emulator,
        "gateway": alone.gateway,
        **workers,
        "stock_rasa_run": functools.partial(alone.stock_rasa, _model(wanted)),
        "stock_actions": alone.stock_actions,
    }


def _model(wanted: Sequence[str]) -> Path:
    """The newest model; whoever measures neither a worker nor Rasa needs none."""
    model = models.newest(ROOT / "models")
    if model is not None:
        return model.path
    if {*_WORKERS, "stock_rasa_run"} & set(wanted):
        raise CannotMeasure("There is no model in models/. `./baton rasa train` makes one.")
    return ROOT / "models"


async def _start(started: Started) -> Start:
    with tempfile.TemporaryDirectory(prefix="baton-bench-", ignore_cleanup_errors=True) as folder:
        async with started(Path(folder)) as (child, seconds):
            pid = child.process.pid
            return Start(seconds=seconds, cpu_s=memory.cpu_s(pid), resident_mb=memory.resident_mb(pid))


def _median(starts: Sequence[Start]) -> dict[str, Any]:
    def median(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(statistics.median(known), 2) if known else None

    return {
        "seconds": median([each.seconds for each in starts]),
        "cpu_s": median([each.cpu_s for each in starts]),
        "resident_mb": median([each.resident_mb for each in starts]),
    }


async def _answering(count: int, environment: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The whole product answers so many customers; what it then has in memory."""
    say(f"{count} answers, light …" if environment[light.VARIABLE] else f"{count} answers, with TensorFlow …")
    async with sides.ours(Options(dialogue="rasa", points=False, environment=environment)) as ours:
        groups = [[(f"5531{n:09d}", _QUESTION)] for n in range(count)]
        told = await sides.tell(ours, groups, sides.in_turn(8), timeout_s=_PATIENCE_S)
        resident = {name: memory.resident_mb(pid) for name, pid in ours.pids.items()}
    faults = [f"{n} {what}" for n, what in ((told.lost, "were lost"), (told.doubled, "came twice")) if n]
    return {"answered": told.answered, "resident_mb": resident}, faults


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not set(names) <= set(_ALL):
        raise argparse.ArgumentTypeError(f"each must be one of {', '.join(_ALL)}")
    return names


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench startup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--rounds", type=int, default=3, help="starts of each that count; one before them does not")
    made.add_argument("--answers", type=int, default=200, help="messages before memory is read again")
    made.add_argument("--only", type=_names, default=_ALL, metavar="LIST", help=",".join(_ALL))
    return entry.run(measure(made.parse_args(argv)))
