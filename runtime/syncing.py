"""Fetches from a channel's own memory: all of the past, and the gap that an outage left. Goes on after any crash."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.errors import SendError
from conversation.sync import Sync, SyncState
from runtime.abilities import ReachOf
from runtime.accept import Entrance
from runtime.channel import WayOut
from runtime.clock import Clock
from runtime.outage import Outage
from runtime.sync_work import HELD, SyncWork, may_pass
from store import syncs
from store.database import Database
from store.failures import DatabaseUnavailable
from store.vault import Vault

log = structlog.get_logger()

_LOOK_S = 1.0
#: Accounts that are fetched from at once; each at its channel's own pace.
_AT_ONCE = 4
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 600.0


class Syncing:
    """Any number of processes may run this: each sync is one's at a time."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        ways_out: Mapping[str, WayOut],
        reach: ReachOf,
        entrance: Entrance,
        clock: Clock,
    ) -> None:
        self._db, self._clock = db, clock
        self._work = SyncWork(db, vault, ways_out, reach, entrance, clock)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; what is under way then goes on at the next start. While the database is away it waits."""
        outage = Outage()
        try:
            while True:
                async with outage.survived():
                    await self.start_what_is_due()
                await asyncio.sleep(_LOOK_S)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def start_what_is_due(self) -> None:
        while len(self._tasks) < _AT_ONCE and await self._db.read(syncs.any_due, self._clock.now()):
            now = self._clock.now()
            claimed = await self._db.write(syncs.claim, now, now + HELD)
            if claimed is None:
                return
            task = asyncio.create_task(self._carry_out(claimed), name=f"sync {claimed.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Once nothing that was started is under way any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _carry_out(self, claimed: Sync) -> None:
        try:
            await self._work.carry_out(claimed)
        except SendError as error:
            await self._put_off(claimed, error)
        except asyncio.CancelledError:
            await self._db.write(syncs.let_go, claimed.id, self._clock.now())
            raise
        except DatabaseUnavailable:
            log.warning("sync_interrupted", sync=claimed.id)  # due again once nobody holds it
        except Exception as error:
            log.error("sync_broke", sync=claimed.id, exc_info=error)
            await self._put_off(claimed, SendError(f"It broke ({type(error).__name__}).", retryable=True))

    async def _put_off(self, claimed: Sync, error: SendError) -> None:
        async with Outage().survived():
            await self._db.write(self._after, claimed, error)

    def _after(self, tx: Connection, claimed: Sync, error: SendError) -> None:
        now, sync = self._clock.now(), syncs.get(tx, claimed.id)
        if may_pass(error):
            wait_s = min(_FIRST_WAIT_S * 2 ** min(sync.attempts, 10), _LONGEST_WAIT_S) * random.uniform(1.0, 1.25)
            syncs.put_off(tx, sync, now + timedelta(seconds=max(wait_s, error.retry_after_s or 0.0)), str(error))
        else:
            syncs.end(tx, sync, SyncState.FAILED, now, error=str(error))
        log.warning("sync_put_off", sync=sync.id, attempt=sync.attempts + 1, error=str(error))
