"""Trains a project's model, as `./baton rasa train` does it, and says how far it is."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from app import leaving_alone, models
from app.child import Child, held, say
from app.settings import ROOT, Settings


async def train(chosen: Settings, env: Mapping[str, str]) -> None:
    chosen.models.mkdir(parents=True, exist_ok=True)
    command = held("rasa", "train", "--out", str(chosen.models), "--config", str(_config(chosen)))
    training = Child("training", command, env=project_env(chosen, env), cwd=chosen.project)
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


def project_env(chosen: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """A project that is not ours gets nothing written into it: neither Rasa's cache nor Python's."""
    if chosen.project == ROOT:
        return dict(env)
    cached = str(_cache(chosen) / "rasa")
    return {**env, "RASA_CACHE_DIRECTORY": cached, leaving_alone.VARIABLE: str(chosen.project)}


def _config(chosen: Settings) -> Path:
    """Rasa writes into the `config.yml` it trains from: of a project that is not ours it gets a copy."""
    own = chosen.project / "config.yml"
    if chosen.project == ROOT:
        return own
    copy = _cache(chosen) / "config.yml"
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(own, copy)
    return copy


def _cache(chosen: Settings) -> Path:
    return chosen.home / "cache" / chosen.project.name


def _touch_newest(folder: Path) -> None:
    """`rasa train` leaves an old file where nothing that counts has changed: it is as good as new."""
    model = models.newest(folder)
    if model is not None:
        model.path.touch()
