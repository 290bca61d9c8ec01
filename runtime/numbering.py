"""Gives notices their numbers, in the order of commits. Every gateway can; one at a time does."""

from __future__ import annotations

import asyncio

import structlog

from runtime import wake
from runtime.wake import Wake
from store import feed
from store.database import Database

log = structlog.get_logger()

#: A lost ring costs so much time.
_LOOK_S = 0.5


async def number_all(db: Database) -> int:
    """Now, and not before whoever does it just now has done so: what is committed has its number afterwards."""
    if db.is_sqlite or not await db.read(feed.has_unnumbered):
        return 0
    return await db.write(feed.number, wait=True)


class Numbering:
    def __init__(self, db: Database, bells: Wake) -> None:
        self._db, self._wake = db, bells

    async def run(self) -> None:
        """Until cancelled. On SQLite there is nothing to do."""
        if self._db.is_sqlite:
            await asyncio.Event().wait()
        with self._wake.listening() as bell:
            while True:
                await self._number()
                await wake.wait(bell, _LOOK_S)

    async def _number(self) -> None:
        try:
            while await self._db.read(feed.has_unnumbered):
                if not await self._db.write(feed.number):
                    return  # another does it, and rings when it is done
                self._wake.ring()
        except Exception as error:  # it is tried again, and costs time only
            log.warning("notices_not_numbered", error=type(error).__name__)
