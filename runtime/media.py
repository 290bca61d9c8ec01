"""Fetches the files that contacts send, as soon as they are known of: their addresses are good for minutes, or hours.

Beside everything else: no turn and no webhook waits for a file. Any number of processes may run this.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from datetime import timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.arrivals import Attachment
from conversation.errors import SendError
from runtime import media_types
from runtime.abilities import FileSource, Reach, ReachOf
from runtime.channel import WayOut
from runtime.clock import Clock
from runtime.fetcher import Fetcher, FetchFailed
from runtime.media_files import MediaFolder, Written
from runtime.outage import Outage
from runtime.wake import Wake, wait
from store import media, notices
from store.database import Database
from store.failures import DatabaseUnavailable
from store.media import Claimed, File
from store.vault import Vault

log = structlog.get_logger()

_AT_ONCE = 4
#: Changes come in swarms: one look for those of a moment.
_GATHER_S, _LOOK_AGAIN_S = 0.02, 2.0
#: A file of a process that is gone goes to another after this.
_CLAIM = timedelta(minutes=10)
#: How long is waited after each failure; after the last it is given up. WhatsApp keeps a file for seven days.
_WAITS_S = (2, 10, 60, 300, 1_800, 7_200, 21_600)
#: In bytes, of what needs less room than others.
_LIMITS = {media.PICTURE: 8_000_000, "sticker": 8_000_000, "story": 50_000_000}


class MediaFetcher:
    def __init__(
        self,
        db: Database,
        vault: Vault,
        ways_out: Mapping[str, WayOut],
        reach: ReachOf,
        fetcher: Fetcher,
        folder: MediaFolder,
        wake: Wake,
        clock: Clock,
    ) -> None:
        self._db, self._vault, self._ways_out, self._reach = db, vault, ways_out, reach
        self._fetcher, self._folder, self._clock = fetcher, folder, clock
        self._bell = wake.listen()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled. While the database is away it waits."""
        outage = Outage()
        await asyncio.to_thread(self._folder.clear_leftovers)
        try:
            while True:
                await wait(self._bell, _LOOK_AGAIN_S)
                await asyncio.sleep(_GATHER_S)
                async with outage.survived():
                    await self.look()
        finally:
            for task in self._tasks.values():
                task.cancel()  # what was begun is claimed for a while, and fetched again after that
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def look(self) -> None:
        """Begins with what is due, as far as there is room."""
        room = _AT_ONCE - len(self._tasks)
        if room <= 0:
            return  # a file that is done rings
        due = await self._db.read(media.due, self._clock.now(), limit=_AT_ONCE)
        for file_id in [each for each in due if each not in self._tasks][:room]:
            task = asyncio.create_task(self._see_to(file_id), name=f"media {file_id}")
            self._tasks[file_id] = task
            task.add_done_callback(functools.partial(self._ended, file_id))

    async def settled(self) -> None:
        """Waits for all that was begun."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def _ended(self, file_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[file_id]
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, DatabaseUnavailable):
            log.error("media_broke", media=file_id, exc_info=error)
        self._bell.set()

    async def _see_to(self, file_id: int) -> None:
        now = self._clock.now()
        claimed = await self._db.write(media.claim, self._vault, file_id, now=now, until=now + _CLAIM)
        if claimed is None:
            return
        if claimed.source is None:
            await self._db.write(media.erase, file_id, forget=self._folder.forget)
            return
        try:
            await self._fetch(claimed, claimed.source)
        except (FetchFailed, SendError) as error:
            again = _is_worth_another(error, claimed.source)
            await self._db.write(self._settle_failure, claimed.file, str(error), again)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            log.error("media_fetch_broke", media=file_id, exc_info=error)
            await self._db.write(self._settle_failure, claimed.file, f"It failed here ({type(error).__name__}).", True)

    async def _fetch(self, claimed: Claimed, wanted: Attachment) -> None:
        reach = await self._reach(claimed.file.account_id)
        if not reach.account.channel_settings.fetch_media:
            raise FetchFailed("Files of this account are not fetched.")
        source = await self._source(reach, wanted)
        local = reach.base_url if reach.account.emulated else None
        with self._folder.draft() as draft:
            await self._fetcher.fetch(source, draft, limit=self._limit(claimed.file.kind), local=local)
            written = await asyncio.to_thread(draft.finish)
            await self._db.write(self._settle_stored, claimed.file, written, source.name)

    async def _source(self, reach: Reach, wanted: Attachment) -> FileSource:
        """Asked for anew at each try."""
        files = self._ways_out[reach.account.channel.value].files
        if files is not None:
            return await files.source(reach, wanted)
        if wanted.url is None:
            raise FetchFailed("The channel has no files.")
        return FileSource(url=wanted.url, name=wanted.name, sha256=wanted.sha256)

    def _limit(self, kind: str) -> int:
        return min(_LIMITS.get(kind, self._folder.limit), self._folder.limit)

    def _settle_stored(self, tx: Connection, file: File, written: Written, name: str | None) -> None:
        now = self._clock.now()
        kept = media.stored(
            tx,
            file.id,
            type=media_types.of_content(written.head),
            size=written.size,
            sha256=written.sha256,
            name=name,
            now=now,
            keep=lambda: self._folder.keep(written),
        )
        if kept is not None:
            self._tell(tx, kept)

    def _settle_failure(self, tx: Connection, file: File, error: str, again: bool) -> None:
        """Tried again after a while; or given up, and shown so."""
        now, tries = self._clock.now(), file.attempts
        wait_s = _WAITS_S[tries - 1] if again and tries <= len(_WAITS_S) else None
        again_at = None if wait_s is None else now + timedelta(seconds=wait_s)
        failed = media.failed(tx, file.id, error, again_at=again_at)
        log.warning("media_not_fetched", media=file.id, kind=file.kind, tries=tries, given_up=wait_s is None)
        if failed is not None and wait_s is None:
            self._tell(tx, failed)

    def _tell(self, tx: Connection, file: File) -> None:
        conversation_id = media.conversation_of(tx, file)
        facts = {"media": file.id, "message": file.message_id, "kind": file.kind, "state": file.state.value}
        if conversation_id is not None:
            notices.add(tx, "media", conversation_id, facts, self._clock.now())


def _is_worth_another(error: FetchFailed | SendError, source: Attachment) -> bool:
    if isinstance(error, SendError):
        return error.retryable or error.account_fault  # somebody may mend the account meanwhile
    return error.retryable or (error.gone and source.id is not None)  # another address can be asked for
