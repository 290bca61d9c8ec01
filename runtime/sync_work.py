"""One sync, as far as it comes: page by page, and after each conversation what it held and how far it has come are
committed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from conversation.arrivals import Arrival
from conversation.errors import SendError
from conversation.sync import Sync, SyncKind, SyncState
from runtime import remembered
from runtime.abilities import Past, PastConversation, PastPage, Reach, ReachOf
from runtime.accept import Entrance
from runtime.channel import WayOut
from runtime.clock import Clock
from store import syncs
from store.database import Database
from store.vault import Vault

log = structlog.get_logger()

#: Whoever works at one and says nothing for so long has ended: longer than any request takes, and the wait before it.
HELD = timedelta(minutes=2)


class Lost(Exception):
    """It was stopped, or begins anew: what is under way has nothing more to do."""


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Whom it is fetched from."""

    past: Past
    reach: Reach


class SyncWork:
    def __init__(
        self,
        db: Database,
        vault: Vault,
        ways_out: Mapping[str, WayOut],
        reach: ReachOf,
        entrance: Entrance,
        clock: Clock,
    ) -> None:
        self._db, self._vault, self._clock = db, vault, clock
        self._ways_out, self._reach, self._entrance = ways_out, reach, entrance

    async def carry_out(self, sync: Sync) -> None:
        """To its end, or until it is stopped. Raises `SendError` where the channel does not go on."""
        source = await self._begin(sync)
        try:
            sync = await self._all_pages(source, sync)
        except Lost:
            return
        await self._db.write(syncs.end, sync, SyncState.DONE, self._clock.now())
        log.info("sync_done", sync=sync.id, kind=sync.kind.value, added=sync.messages_added)

    async def _begin(self, sync: Sync) -> _Source:
        reach = await self._reach(sync.account_id)
        way_out = self._ways_out.get(reach.account.channel.value)
        if way_out is None or way_out.past is None:
            raise SendError(f"{reach.account.channel.value} tells nobody what was said before.")
        if sync.kind is SyncKind.GAP and way_out.subscription is not None:
            await way_out.subscription.turn_on(reach)  # first: what is written from now on is told
        return _Source(past=way_out.past, reach=reach)

    async def _all_pages(self, source: _Source, sync: Sync) -> Sync:
        """Latest first. In whichever somebody writes meanwhile stands first from then on, and we are past that: what
        has changed since we began is looked at again, until that fits on a page, which is read in one moment."""
        while True:
            sync, pages = await self._pass(source, sync)
            if pages < 2 or "latest" not in sync.cursor:
                return sync
            sync = await self._db.write(self._step, sync, {"changed_since": sync.cursor["latest"]})

    async def _pass(self, source: _Source, sync: Sync) -> tuple[Sync, int]:
        """From the latest on; how many pages that were."""
        pages = 1 if sync.cursor.get("after") is None else 2
        while True:
            page = await source.past.conversations(source.reach, after=sync.cursor.get("after"))
            sync = _beginning_with(sync, page)
            for conversation in page.conversations:
                if not _is_older(sync, conversation) and conversation.id not in _done(sync):
                    sync = await self._take(source, sync, conversation)
            if page.after is None or _is_over(sync, page):
                return sync, pages
            sync = await self._db.write(self._step, sync, {**sync.cursor, "after": page.after, "done": []})
            pages += 1

    async def _take(self, source: _Source, sync: Sync, conversation: PastConversation) -> Sync:
        found = await self._found(source, sync, conversation)
        cursor = {**sync.cursor, "done": [*_done(sync), conversation.id]}
        if sync.kind is SyncKind.PAST:
            return await self._db.write(self._keep, source, sync, found, cursor)
        new = await self._db.read(remembered.missed, source.reach.account, found, sync.since)
        if new:
            await self._entrance.accept(source.reach.account.channel.value, new)
        return await self._db.write(self._step, sync, cursor, seen=1, added=len(new))

    async def _found(self, source: _Source, sync: Sync, conversation: PastConversation) -> Sequence[Arrival]:
        """One that can't be read keeps nobody from the others."""
        try:
            return await source.past.messages(source.reach, conversation)
        except SendError as error:
            if may_pass(error):
                raise
            log.warning("conversation_not_told", sync=sync.id, error=str(error))
            return ()

    def _keep(
        self, tx: Connection, source: _Source, sync: Sync, found: Sequence[Arrival], cursor: Mapping[str, Any]
    ) -> Sync:
        now = self._clock.now()
        added = remembered.keep_past(tx, self._vault, source.reach.account, found, sync.created_at, now)
        return self._step(tx, sync, cursor, seen=1, added=added)

    def _step(self, tx: Connection, sync: Sync, cursor: Mapping[str, Any], *, seen: int = 0, added: int = 0) -> Sync:
        until = self._clock.now() + HELD
        moved = syncs.step(tx, sync, until=until, cursor=cursor, seen=seen, added=added)
        if moved is None:
            raise Lost
        return moved


def may_pass(error: SendError) -> bool:
    """Meta's passing troubles, and faults of the account that somebody will mend, are waited for."""
    return error.retryable or error.unknown or error.account_fault


def _done(sync: Sync) -> list[str]:
    """The conversations of this page that were taken already."""
    return list(sync.cursor.get("done", ()))


def _beginning_with(sync: Sync, page: PastPage) -> Sync:
    """Knows the latest change there was at the beginning, by the channel's own clock."""
    if sync.cursor.get("after") is not None or not page.conversations:
        return sync
    first = page.conversations[0]
    latest = {"id": first.id, "at": first.updated_at.isoformat()}
    return dataclasses.replace(sync, cursor={**sync.cursor, "latest": latest})


def _is_older(sync: Sync, conversation: PastConversation) -> bool:
    before = sync.cursor.get("changed_since")
    if before is not None:
        at = datetime.fromisoformat(before["at"])
        if conversation.updated_at < at or (conversation.updated_at == at and conversation.id == before["id"]):
            return True
    return sync.since is not None and conversation.updated_at < sync.since


def _is_over(sync: Sync, page: PastPage) -> bool:
    """Latest first: once one has not changed since, none of those that follow has."""
    return any(_is_older(sync, each) for each in page.conversations)
