"""The assistant the talks are had with: its model, trained once for each state of its files."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.settings import ROOT
from bench.harness.entry import CannotMeasure, say

FOLDER = ROOT / "bench" / "assistant"
ACTIONS = "bench.assistant.actions"
#: What Rasa trains on; the actions and the customers' sayings are not part of a model.
_SOURCES = ("domain.yml", "data")
_TRAINING_S = 600.0


def model(config: str = "config.yml") -> Path:
    """Trained now if it was not before, and kept in the state folder under the hash of what it is made of."""
    folder = Path(os.environ.get("BATON_HOME") or ROOT / "var") / "bench"
    path = (folder / f"desk-{_fingerprint(config)}.tar.gz").absolute()
    if not path.exists():
        say(f"Training the bench's assistant ({config}); it is kept for next time …")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _train(config, path)
    return path


@cache
def sayings() -> dict[str, Any]:
    """What customers say: `openings`, `asked` and `odd`; see the file."""
    return dict(yaml.safe_load((FOLDER / "customer.yml").read_text("utf-8")))


def environment() -> dict[str, str]:
    """For processes of the talks: nothing in it points at a state folder or a database."""
    mine = {name: value for name, value in os.environ.items() if name not in ("BATON_HOME", "DATABASE_URL")}
    return {**mine, "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def _fingerprint(config: str) -> str:
    made_of = [FOLDER / config]
    for source in _SOURCES:
        path = FOLDER / source
        made_of += sorted(path.rglob("*.yml")) if path.is_dir() else [path]
    seen = hashlib.sha256()
    for path in made_of:
        seen.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return seen.hexdigest()[:16]


def _train(config: str, path: Path) -> None:
    """In a process and a folder of its own; the model appears whole, under a name nobody has yet looked at."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-", dir=path.parent) as scratch:
        arguments = ["rasa", "train", "--config", str(FOLDER / config), "--domain", str(FOLDER / "domain.yml")]
        arguments += ["--data", str(FOLDER / "data"), "--out", scratch, "--fixed-model-name", "desk"]
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=scratch,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=_TRAINING_S,
        )
        if done.returncode:
            raise CannotMeasure(
                f"The bench's assistant could not be trained:\n{done.stdout[-800:]}{done.stderr[-800:]}"
            )
        shutil.move(Path(scratch) / "desk.tar.gz", path)
