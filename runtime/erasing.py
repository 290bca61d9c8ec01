"""Erases all that is known of a contact. What a crash interrupts, this or another process carries to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.media_files import MediaFolder
from runtime.outage import Outage
from runtime.settings import RuntimeSettings
from store import engines, erasing, pruning, scrubbing
from store.database import Database
from store.erasing import Erasure
from store.tables import webhook_events, webhooks

log = structlog.get_logger()
T = TypeVar("T")

#: Said on the bus: who has a conversation in memory drops it.
ERASED = "erased"
_LOOK_AGAIN_S, _STEP_S = 10.0, 0.05


async def keep_forgetting(bus: Bus, forget: Callable[[ConversationId], None]) -> None:
    """Until cancelled: what is in memory of somebody does not outlive them in the tables."""
    with bus.listening(ERASED, lambda facts: forget(ConversationId(facts["conversation"]))):
        await asyncio.Event().wait()


class Erasing:
    def __init__(self, db: Database, folder: MediaFolder, bus: Bus, clock: Clock, settings: RuntimeSettings) -> None:
        self._db, self._folder, self._bus, self._clock, self._settings = db, folder, bus, clock, settings

    async def run(self) -> None:
        """Until cancelled: ends what was begun. While the database is away it waits."""
        outage = Outage()
        while True:
            async with outage.survived():
                await self.look()
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def look(self) -> None:
        """Carries all that is under way to its end."""
        for erasure in await self._db.read(erasing.under_way):
            try:
                await self.carry_out(erasure)
            except Exception as error:  # the next look goes on where it stopped
                log.error("erasing_failed", contact=erasure.contact, error=type(error).__name__, exc_info=error)

    async def begin(self, contact_id: str, *, by: str, request: int | None = None) -> Erasure:
        """From now on nothing is written to them, and whoever writes from their address is somebody new."""
        erasure = await self._delete(erasing.begin, contact_id, by=by, now=self._clock.now(), request=request)
        log.info("erasing", contact=contact_id)
        return erasure

    async def erase(self, contact_id: str, *, by: str, request: int | None = None) -> None:
        """All of it; at its end nothing is left of them but ids in the audit log."""
        await self.carry_out(await self.begin(contact_id, by=by, request=request))

    async def carry_out(self, erasure: Erasure) -> None:
        await self._requests_settled(erasure)
        await self._prune(erasure)
        while True:
            while await self._delete(erasing.some_files, erasure, forget=self._folder.forget):
                pass
            while await self._delete(erasing.some_rows, erasure, self._clock.now()):
                pass
            if await self._delete(erasing.finish, erasure, self._clock.now()):
                break
        if erasure.conversation is not None:
            await self._bus.say(ERASED, {"conversation": erasure.conversation})
        log.info("contact_erased", contact=erasure.contact)
        await asyncio.to_thread(scrubbing.flush, self._db)

    async def _requests_settled(self, erasure: Erasure) -> None:
        """Waits for what is on its way to the channel, as long as a request takes at most: its end would be written
        down again."""
        until = time.monotonic() + self._settings.claim_s + self._settings.request_timeout_s
        while time.monotonic() < until:
            if not await self._db.read(erasing.claims_open, erasure):
                return
            await asyncio.sleep(_STEP_S)

    async def _prune(self, erasure: Erasure) -> None:
        names = frozenset(erasure.names) | await self._db.read(erasing.provider_ids, erasure)
        for table, read in ((webhooks, pruning.of_webhooks), (webhook_events, pruning.of_events)):
            after: int | None = 0
            while after is not None:
                found, after = await self._db.read(read, erasure, names, after)
                ids = [each.id for each in found]
                for start in range(0, len(ids), erasing.AT_ONCE):
                    part = ids[start : start + erasing.AT_ONCE]
                    await self._delete(pruning.take_out, table, part, names)

    async def _delete(self, job: Callable[..., T], *args: Any, **given: Any) -> T:
        """In one transaction, that leaves nothing of it in the file."""

        def doing(tx: Connection) -> T:
            with engines.overwriting(tx):
                return job(tx, *args, **given)

        return await self._db.write(doing)
