"""A small real Rasa bot, trained once a session."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parent / "rasa_bot"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained in a process of its own, so that nothing of the training is left in this one."""
    project = tmp_path_factory.mktemp("bot") / "tiny"
    shutil.copytree(BOT, project)
    command = [sys.executable, "-m", "rasa", "train", "--out", "models", "--fixed-model-name", "tiny"]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return project / "models" / "tiny.tar.gz"


@pytest.fixture(scope="session")
def tiny_actions() -> Iterator[str]:
    """The bot's actions as an importable package."""
    sys.path.insert(0, str(BOT))
    yield "tiny_actions"
    sys.path.remove(str(BOT))
