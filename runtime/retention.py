"""Deletes what has been kept for as long as it is to be kept: every few hours, a little at a time, by one gateway."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from conversation.errors import Unavailable
from runtime.clock import Clock
from runtime.outage import Outage
from store import doors, engines, pulses, settings
from store.database import Database
from store.retention import SWEEPS, Sweep

log = structlog.get_logger()

_STEP_S = 60.0
#: How often everything is gone through.
EVERY = timedelta(hours=6)
#: One that runs says so; what has said nothing for so long has ended with its process, and another goes on.
_AT_WORK = timedelta(minutes=5)
#: Between two transactions, so that nobody waits long behind them.
_PAUSE_S = 0.05
_DONE, _RUNNING = "retention", "retention:running"
SETTING = "retention"


class Retention:
    """When it was last done stands in the database, so a restart neither forgets it nor does it again."""

    def __init__(self, db: Database, clock: Clock, pause_s: float = _PAUSE_S) -> None:
        self._db, self._clock, self._pause_s = db, clock, pause_s

    async def run(self) -> None:
        """Until cancelled."""
        outage = Outage()
        while True:
            await asyncio.sleep(_STEP_S)
            async with outage.survived():
                await self.look()

    async def look(self) -> bool:
        """Whether it was due, nobody else was at it, and it is done now."""
        if not await self._db.write(_begin, self._clock.now()):
            return False
        await self.sweep()
        return True

    async def sweep(self) -> Counter[str]:
        """Everything that is too old, now; how many rows of each kind."""
        deleted: Counter[str] = Counter()
        days = (await self._db.read(settings.get, SETTING)).value
        for kind, sweeps in SWEEPS.items():
            if days[kind] is not None:
                before = self._clock.now() - timedelta(days=days[kind])
                for each in sweeps:
                    deleted[kind] += await self._alone(kind, each, before)
        await self._db.write(_ended, self._clock.now())
        if counts := {kind: count for kind, count in deleted.items() if count}:
            log.info("kept_long_enough", **counts)
        return deleted

    async def _alone(self, kind: str, sweep: Sweep, before: datetime) -> int:
        """What can't be deleted must not keep the rest, nor the gateway."""
        try:
            return await self._sweep(sweep, before)
        except Unavailable:
            raise
        except Exception as error:
            log.error("not_deleted", kind=kind, exc_info=error)
            return 0

    async def _sweep(self, sweep: Sweep, before: datetime) -> int:
        total, after = 0, None
        while keys := await self._db.read(sweep.find, before, after):
            after = keys[-1]
            deleted = await self._db.write(self._delete, sweep, keys, before)
            total += deleted
            if sweep.by is not None and not deleted:
                break  # what was found is needed again meanwhile; it would be found for ever
            await asyncio.sleep(self._pause_s)
        return total

    def _delete(self, tx: Connection, sweep: Sweep, keys: list[Any], before: datetime) -> int:
        now = self._clock.now()
        pulses.beat(tx, _RUNNING, now, every=_AT_WORK / 5)
        with engines.overwriting(tx):
            return sweep.delete(tx, keys, before, now)


def _begin(tx: Connection, now: datetime) -> bool:
    """Whether it is due and nobody is at it; then it is ours."""
    doors.hold(tx, _DONE)  # its row may not be there yet to be locked
    if (done := pulses.last(tx, _DONE)) is not None and now - done < EVERY:
        return False
    at_work = pulses.beat(tx, _RUNNING, now, every=_AT_WORK)  # of several at once, one finds the gap
    return at_work is None or now - at_work >= _AT_WORK


def _ended(tx: Connection, now: datetime) -> None:
    pulses.beat(tx, _DONE, now)
