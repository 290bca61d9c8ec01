"""One runtime on a state folder. Who holds it has an exclusive lock; its gateway and worker need none of their own.

A gateway or a worker started by hand shares the folder with others started so, and never with a whole runtime.
The command line takes no lock: it may always look and order.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.processes import HOUSE_VARIABLE
from app.settings import Settings
from conversation.errors import BadInput

NAME = "running.lock"
RUN, RASA_RUN, RESTORE, PART = "./baton run", "rasa run", "./baton restore", "a gateway or worker started by hand"
#: Somebody may be asking who runs here, which holds the lock for a moment.
_PATIENCE_S = 0.5


class AlreadyRunning(BadInput):
    """Another runtime has this state folder."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"Baton is already running with the state in {home}. Stop it first, or give this one another BATON_HOME."
        )


@dataclass(frozen=True, kw_only=True)
class Running:
    """Who holds the folder: `what` is one of those above."""

    what: str
    pid: int

    @property
    def is_this_process(self) -> bool:
        return self.pid == os.getpid()


def take(home: Path, what: str) -> IO[str]:
    """Keeps a second runtime off this state folder, for as long as the file stays open."""
    lock = _opened(home)
    if not _locked(lock, fcntl.LOCK_EX):
        lock.close()
        raise AlreadyRunning(home)
    lock.truncate(0)
    lock.write(json.dumps({"what": what, "pid": os.getpid()}))
    lock.flush()
    return lock


@contextlib.contextmanager
def shared(chosen: Settings) -> Iterator[None]:
    """For a gateway or a worker. Nothing to do under a parent that holds the folder: it names its house to them; nor
    on a database that any number of them may use."""
    if os.environ.get(HOUSE_VARIABLE) or not chosen.database_url.startswith("sqlite"):
        yield
        return
    with _opened(chosen.home) as lock:
        if not _locked(lock, fcntl.LOCK_SH):
            raise AlreadyRunning(chosen.home)
        yield


def running(home: Path) -> Running | None:
    """Who runs with this folder; None where nobody does. Of parts by hand it is said only that they are there."""
    if not (home / NAME).exists():
        return None
    with _opened(home) as lock:
        if not _is_held(lock):
            return None
        if _try(lock, fcntl.LOCK_SH):
            return Running(what=PART, pid=0)
        lock.seek(0)
        try:
            told = json.loads(lock.read())
            return Running(what=str(told["what"]), pid=int(told["pid"]))
        except (ValueError, LookupError, TypeError):  # it is just writing this, or is of an older version
            return Running(what=RUN, pid=0)


def _opened(home: Path) -> IO[str]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return open(home / NAME, "a+")


def _locked(lock: IO[str], kind: int) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while not _try(lock, kind):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _is_held(lock: IO[str]) -> bool:
    if _try(lock, fcntl.LOCK_EX):
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    return True


def _try(lock: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
