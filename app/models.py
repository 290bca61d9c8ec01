"""Trained models on disk: which is the newest, and whether the training data has changed since."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

#: What a model is made of, in a Rasa project.
_SOURCES = ("config.yml", "domain.yml", "domain", "data", "components")


_ENDING = ".tar.gz"


@dataclass(frozen=True, kw_only=True)
class Found:
    path: Path
    written_at: float
    size: int

    @property
    def name(self) -> str:
        """As people say it."""
        return self.path.name.removesuffix(_ENDING)

    def settled(self) -> bool:
        """Whether nobody is still writing it."""
        return time.time() - self.written_at > 0.5


def all_of(folder: Path) -> list[Found]:
    """The one written last first."""
    found = []
    for path in folder.glob(f"*{_ENDING}"):
        try:
            stat = path.stat()
        except FileNotFoundError:  # replaced just now
            continue
        found.append(Found(path=path, written_at=stat.st_mtime, size=stat.st_size))
    return sorted(found, key=lambda each: (each.written_at, each.path.name), reverse=True)


def newest(folder: Path) -> Found | None:
    return next(iter(all_of(folder)), None)


def is_stale(project: Path, folder: Path) -> bool:
    """Whether there is no model, or something it is made of was changed, added or removed after it was written."""
    model = newest(folder)
    return model is None or latest_change(project) > model.written_at


def latest_change(project: Path) -> float:
    times = [0.0]
    for name in _SOURCES:
        path = project / name
        if path.is_dir():
            times += [p.stat().st_mtime for p in (path, *path.rglob("*")) if _counts(p)]
        elif path.exists():
            times.append(path.stat().st_mtime)
    return max(times)


def _counts(path: Path) -> bool:
    """A folder's own time moves when a file is removed from it; and when Python first writes what it has compiled."""
    return "__pycache__" not in path.parts and not (path / "__pycache__").exists()
