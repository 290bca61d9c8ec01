"""What the worker tells of its model, for `./baton model`, the health page and whoever asks. One writer: the worker."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import whole_file

NAME = "model-report.json"


@dataclass(frozen=True, kw_only=True)
class Report:
    folder: str = ""
    pid: int = 0
    answering: str | None = None
    last: str | None = None  # what answered last, also in an earlier run
    before: str | None = None  # what answered before that one: where `model back` goes
    loading: str | None = None
    number: str = ""  # of the choice it was made by
    failed: Mapping[str, str] = field(default_factory=dict)  # name: why it can't be loaded
    unused: str | None = None  # newer than the pinned one, and not used because of the pin

    @property
    def is_now(self) -> bool:
        """Whether the worker that wrote it still runs."""
        return self.pid > 0 and _alive(self.pid)


def read(home: Path) -> Report:
    """An empty one where no worker has written any."""
    try:
        return Report(**json.loads((home / NAME).read_text()))
    except (OSError, ValueError, TypeError):
        return Report()


def write(home: Path, report: Report) -> None:
    whole_file.write(home / NAME, json.dumps(dataclasses.asdict(report)))


def shown(home: Path) -> dict[str, Any]:
    """For people and machines that watch: what answers now, and what could not be loaded."""
    report = read(home)
    if not report.is_now:
        return {"answering": None, "loading": None, "failed": []}
    return {"answering": report.answering, "loading": report.loading, "failed": sorted(report.failed)}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
