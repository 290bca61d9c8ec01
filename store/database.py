"""One database, two kinds: SQLite with one writer at a time, PostgreSQL with as many as it likes.

Reads run in a small pool of threads. On SQLite every write goes through one thread, which commits what is
waiting together: one `fsync` for a group, a savepoint for each member, so that one failing does not touch the others.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from store.turns import WritersTurn

T = TypeVar("T")
Job = Callable[..., T]

#: A group holds at most this many writes, so that nobody waits long behind it.
GROUP_SIZE = 256
#: … and begins no further one after this long, in seconds: accepting may gather more, for it pays for the commit and
#: for waiting on the other process, and everything else must not keep accepting waiting.
GROUP_S = {0: 0.15, 1: 0.008}
#: How long a write may wait for another process's transaction before it fails, in seconds.
BUSY_TIMEOUT_S = 15.0
READERS = 4

FIRST, NORMAL = 0, 1


class DatabaseClosed(RuntimeError):
    """The database was closed while this was waiting for it."""


def engine_for(url: str) -> Engine:
    """An engine in 2.0 style. SQLite: WAL, `synchronous=FULL` (a power cut loses nothing), transactions begun by us."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, future=True, hide_parameters=True, pool_size=READERS + 4, pool_pre_ping=True)
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,  # an error must not quote customers
        connect_args={"timeout": 1.0, "check_same_thread": False},
        poolclass=sa.pool.QueuePool,
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver would begin too late, and deferred
    connection.execute("PRAGMA busy_timeout=1000")  # for what is not BEGIN: a new file being turned to WAL by another
    _turn_to_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite refuses this at once, whatever its timeout, while another does the same to a new file."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.001)


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        _begin_immediate(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    """Waits for a writer that does not know `turns.py` in steps of a millisecond; SQLite's own grow to 100 ms.

    By the driver itself: SQLAlchemy would make an error of its own of each refusal.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    driver: Any = connection.connection.dbapi_connection
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.001)


class Turn(Protocol):
    """The right to write now; see `turns.py`."""

    def held(self) -> contextlib.AbstractContextManager[None]: ...

    def close(self) -> None: ...


class _NobodyElse:
    """Where the database itself lets many write, or nobody else can."""

    def held(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def close(self) -> None:
        pass


def _turn_of(engine: Engine) -> Turn:
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    return WritersTurn(Path(file), BUSY_TIMEOUT_S) if file and file != ":memory:" else _NobodyElse()


class Database:
    """`read` and `write` run a function of a transaction, off the event loop; `now` variants run it here."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = engine_for(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._readers = concurrent.futures.ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._writer: _Writer | None = None
        self._writers: concurrent.futures.ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._turn = _turn_of(self.engine)

    async def read(self, job: Job[T], *args: Any, **kwargs: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self.read_now(job, *args, **kwargs)
        )

    async def write(self, job: Job[T], *args: Any, first: bool = False, **kwargs: Any) -> T:
        """The job's result, once it is committed. `first`: before whatever else is waiting (accepting webhooks)."""
        future = self._submit(lambda tx: job(tx, *args, **kwargs), FIRST if first else NORMAL)
        # A cancelled caller must not leave its write half known: the write goes on, only the waiting ends.
        return await asyncio.shield(asyncio.wrap_future(future))

    def read_now(self, job: Job[T], *args: Any, **kwargs: Any) -> T:
        with self.engine.connect() as connection, connection.begin():
            return job(connection, *args, **kwargs)

    def write_now(self, job: Job[T], *args: Any, **kwargs: Any) -> T:
        with self.engine.connect() as connection, self._turn.held():
            writing = connection.execution_options(writes=True)
            with writing.begin():
                return job(writing, *args, **kwargs)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.stop()
        if self._writers is not None:
            self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.engine.dispose()
        self._turn.close()

    def _submit(self, job: Job[T], priority: int) -> concurrent.futures.Future[T]:
        with self._lock:
            if self.is_sqlite:
                self._writer = self._writer or _Writer(self.engine, self._turn)
                return self._writer.submit(job, priority)
            if self._writers is None:
                self._writers = concurrent.futures.ThreadPoolExecutor(READERS + 4, thread_name_prefix="db-write")
            return self._writers.submit(self.write_now, job)


class _Writer:
    """SQLite's one writer thread. Commits what waits as groups of one kind: accepting first, then in turns with the
    rest, so that neither starves the other."""

    def __init__(self, engine: Engine, turn: Turn) -> None:
        self._engine, self._turn = engine, turn
        self._waiting: tuple[deque[Any], deque[Any]] = (deque(), deque())  # by priority
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T], priority: int) -> concurrent.futures.Future[T]:
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
    tx.exec_driver_sql("SAVEPOINT member")  # SQLAlchemy's own is compiled anew each time
    try:
        result = job(tx)
    except Exception as error:
        tx.exec_driver_sql("ROLLBACK TO member")
        return future, None, error
    tx.exec_driver_sql("RELEASE member")
    return future, result, None


def _resolve(future: Any, result: Any, failure: BaseException | None) -> None:
    if future.cancelled():
        return
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)
