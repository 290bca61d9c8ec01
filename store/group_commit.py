"""SQLite's one writer thread: what waits is committed together, one `fsync` for a group.

Each member has a savepoint, so that one failing does not touch the others. PostgreSQL groups commits by itself.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy.engine import Connection, Engine

from store.failures import DatabaseClosed

T = TypeVar("T")

#: A group holds at most this many writes, so that nobody waits long behind it.
GROUP_SIZE = 256
#: … and begins no further one after this long, in seconds: accepting may gather more, for it pays for the commit and
#: for waiting on the other process, and everything else must not keep accepting waiting.
GROUP_S = {0: 0.15, 1: 0.008}

FIRST, NORMAL = 0, 1


class Turn(Protocol):
    """The right to write now; see `turns.py`."""

    def held(self) -> contextlib.AbstractContextManager[None]: ...

    def close(self) -> None: ...


class Writer:
    """Commits what waits as groups of one kind: accepting first, then in turns with the rest, so that neither starves
    the other."""

    def __init__(self, engine: Engine, turn: Turn) -> None:
        self._engine, self._turn = engine, turn
        self._waiting: tuple[deque[Any], deque[Any]] = (deque(), deque())  # by priority
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Connection], T], priority: int) -> concurrent.futures.Future[T]:
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        with self._changed:
            if self._closed:
                raise DatabaseClosed("the database is closed")
            self._waiting[priority].append((job, future))
            self._changed.notify()
        return future

    def stop(self) -> None:
        """Lets what is waiting finish."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        preferred = FIRST
        while True:
            with self._changed:
                while not any(self._waiting):
                    if self._closed:
                        return
                    self._changed.wait()
                priority = preferred if self._waiting[preferred] else 1 - preferred
                item = self._waiting[priority].popleft()
            self._commit_group(priority, item)
            preferred = 1 - priority

    def _commit_group(self, priority: int, item: Any) -> None:
        """This write and those like it that wait, for a few milliseconds: nobody waits long behind a group."""
        outcomes: list[tuple[Any, Any, BaseException | None]] = []
        members = [item]
        try:
            with self._engine.connect() as connection, self._turn.held():
                tx = connection.execution_options(writes=True)
                with tx.begin():
                    began = time.monotonic()
                    for job, future in members:  # grows while it is gone through
                        outcomes.append(_run_one(tx, job, future))
                        full = len(members) >= GROUP_SIZE or time.monotonic() - began > GROUP_S[priority]
                        following = None if full else self._next(priority)
                        if following is not None:
                            members.append(following)
        except BaseException as error:  # the commit itself failed: nobody's write is there
            outcomes = [(future, None, error) for _, future in members]
        for future, result, failure in outcomes:
            _resolve(future, result, failure)

    def _next(self, priority: int) -> Any:
        """The next write of this priority, if one waits."""
        with self._changed:
            return self._waiting[priority].popleft() if self._waiting[priority] else None


def _run_one(tx: Connection, job: Any, future: Any) -> tuple[Any, Any, BaseException | None]:
    """One member of a group, inside a savepoint: what it did is undone if it fails."""
    driver: Any = tx.connection.dbapi_connection  # SQLAlchemy's own savepoint is compiled anew each time
    driver.execute("SAVEPOINT member")
    try:
        result = job(tx)
    except Exception as error:
        driver.execute("ROLLBACK TO member")
        return future, None, error
    driver.execute("RELEASE member")
    return future, result, None


def _resolve(future: Any, result: Any, failure: BaseException | None) -> None:
    if future.cancelled():
        return
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)
