"""What goes on by itself goes on when the database does: a loop that can't reach it says so once, and looks again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog
from sqlalchemy.engine import Connection

from store.database import Database
from store.failures import DatabaseUnavailable

log = structlog.get_logger()

_LOOK_AGAIN_S = 0.25


async def written(db: Database, settle: Callable[[Connection], object]) -> None:
    """Commits what is known here only (what became of a request): not given up while the database is away."""
    outage, done = Outage(), False
    while not done:
        async with outage.survived():
            await db.write(settle)
            done = True


class Outage:
    """Knows whether the database was there at the last look."""

    def __init__(self) -> None:
        self.over = True

    @contextlib.asynccontextmanager
    async def survived(self) -> AsyncIterator[None]:
        """What is done inside is left where the database is gone, after a moment's wait."""
        try:
            yield
        except DatabaseUnavailable as error:
            if self.over:
                log.error("database_unavailable", error=str(error))
            self.over = False
            await asyncio.sleep(_LOOK_AGAIN_S)
        else:
            if not self.over:
                log.info("database_is_back")
            self.over = True
