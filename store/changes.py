"""How a process learns that the database changed: SQLite counts other connections' commits, PostgreSQL tells by name.

Only a hint: whoever is told looks for itself, and looks now and then without being told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from store.database import Database
from store.line import Line, Tell

#: How often SQLite's counter is read: a few microseconds each time, and a machine with nothing to do is left to rest.
_SQLITE_STEP_S, _RESTING_STEP_S = 0.005, 0.02
#: After so long without a change nobody is in a hurry.
_RESTS_AFTER_S = 1.0


@contextlib.asynccontextmanager
async def told(db: Database, tell: Tell, line: Line | None = None) -> AsyncIterator[None]:
    """`tell` is called, on this loop, soon after each commit of anybody's for as long as the context is open.

    `line`: PostgreSQL's, where others use it too."""
    async with contextlib.AsyncExitStack() as stack:
        if db.is_sqlite:
            work = _count(db, tell)
        else:
            line = line or Line(db.engine)
            line.tell = tell
            stack.enter_context(db.telling_of_commits(line.committed))
            work = line.run()
        task = asyncio.create_task(work, name="changes")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _count(db: Database, tell: Tell) -> None:
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        clock = asyncio.get_running_loop().time
        seen, changed_at = None, clock()
        while True:
            version = cursor.execute("PRAGMA data_version", ()).fetchone()[0]
            if version != seen:
                seen, changed_at = version, clock()
                tell()
            is_busy = clock() - changed_at < _RESTS_AFTER_S
            await asyncio.sleep(_SQLITE_STEP_S if is_busy else _RESTING_STEP_S)
    finally:
        raw.close()
