"""Whose turn it is to write a SQLite file: fair between processes, which SQLite's own lock is not.

A process that writes much takes SQLite's lock again before one that waits has looked. Here who waits stands in the
door, and who comes back from the room finds the door taken.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

#: How often a waiting process looks.
_STEP_S = 0.0004


class TurnTimeout(Exception):
    """Another process has been writing for too long."""


class WritersTurn:
    """Two file locks beside the database. A process that ends, however it ends, has left both."""

    def __init__(self, database: Path, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._threads = threading.Lock()
        self._door = _open(database.with_name(database.name + ".door"))
        self._room = _open(database.with_name(database.name + ".room"))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Waits for the turn, in order of arrival between two processes; `TurnTimeout` if it does not come."""
        deadline = time.monotonic() + self._timeout_s
        with self._threads:
            _take(self._door, deadline)
            try:
                _take(self._room, deadline)
            finally:
                fcntl.flock(self._door, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(self._room, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._door)
        os.close(self._room)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _take(lock: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TurnTimeout("another process has been writing to the database for too long") from None
            time.sleep(_STEP_S)
