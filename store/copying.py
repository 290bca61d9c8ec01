"""A consistent copy of a SQLite database that others are writing to."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

#: Pages copied between two looks at the clock: the copy holds no lock that a writer waits for, only Python's.
_PAGES = 500


class Unsound(ValueError):
    """The file is no sound SQLite database."""


def copy(source: Path, target: Path) -> None:
    """Everything committed before now, as one file for its owner alone; `target` must not be there.

    One read transaction around all steps: without it SQLite would start anew at each commit of another process, and
    never end under load. Writers go on; only the write-ahead log grows meanwhile.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(_opened(source)) as reading, contextlib.closing(_opened(target)) as writing:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=_PAGES, sleep=0.001)
        reading.execute("ROLLBACK")
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    _sync(target)


def check(path: Path) -> None:
    """Raises `Unsound` where a page is broken, an index is wrong, or it is something else altogether."""
    try:
        with contextlib.closing(_opened(path)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Unsound(str(error)) from error
    if found != "ok":
        raise Unsound(found)


def close_log(path: Path) -> None:
    """Brings everything into the one file, so that it can be put away; nobody else may have it open."""
    try:
        with contextlib.closing(_opened(path)) as database:
            mode = database.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Unsound(str(error)) from error
    if mode != "delete":
        raise Unsound("somebody else has it open")


def _opened(path: Path) -> sqlite3.Connection:
    made = sqlite3.connect(path, isolation_level=None, timeout=15.0)
    made.execute("PRAGMA synchronous=FULL")
    return made


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
