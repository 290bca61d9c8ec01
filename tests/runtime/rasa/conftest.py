"""A small real Rasa bot, trained once a session."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from runtime.rasa_dialogue import RasaDialogue
from runtime.turn import Turns
from tests import services
from tests.house import Stage, WoundClock
from tests.made_once import made_once

kind = services.kind  # Rasa is slow, and knows nothing of the database
BOT = Path(__file__).parent / "bot"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained in a process of its own, so that nothing of the training is left in this one."""
    return made_once(tmp_path_factory, "tiny", _train) / "models" / "tiny.tar.gz"


def _train(project: Path) -> None:
    shutil.copytree(BOT, project)
    command = [sys.executable, "-m", "rasa", "train", "--out", "models", "--fixed-model-name", "tiny"]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.fixture(scope="session")
def tiny_actions() -> Iterator[str]:
    """The bot's actions as an importable package."""
    sys.path.insert(0, str(BOT))
    yield "tiny_actions"
    sys.path.remove(str(BOT))


@pytest.fixture
def clock() -> WoundClock:
    """Rasa stamps its events with the machine's time."""
    return WoundClock(datetime.now(timezone.utc))


@pytest.fixture
def dialogue(stage: Stage, tiny_model: Path, tiny_actions: str) -> RasaDialogue:
    made = RasaDialogue(stage.db, stage.settings)
    assert not made.ready
    made.load(tiny_model, None, tiny_actions)
    stage.channel.has_signs = False
    channels: Any = {"whatsapp": stage.channel}
    stage.turns = Turns(stage.db, made, channels, stage.clock, stage.settings, stage.holder)
    return made
