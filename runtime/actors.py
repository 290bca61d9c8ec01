"""One actor a conversation: it takes its mail one after the other; the conversations go on side by side."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from conversation.conversation import ConversationId
from runtime.clock import Clock
from runtime.settings import RuntimeSettings
from runtime.turn import LeaseLost, Step, Turns
from runtime.wake import Wake, wait
from store import mailbox, timers
from store.database import Database

log = structlog.get_logger()

#: How long to sleep where nothing wakes us: for mail that waits for a time.
_LOOK_AGAIN_S = 0.5
#: Changes come in swarms: one look for those of a few milliseconds.
_GATHER_S = 0.004


class Actors:
    """Starts an actor for each conversation that has mail; an actor ends when its mailbox is empty."""

    def __init__(self, db: Database, turns: Turns, wake: Wake, clock: Clock, settings: RuntimeSettings) -> None:
        self._db, self._turns, self._wake, self._clock = db, turns, wake, clock
        self._limit = settings.turns_at_once
        self._running: dict[ConversationId, asyncio.Task[None]] = {}
        self._stopping = False
        self._freed = wake.listen()
        self._put_off: set[ConversationId] = set()

    async def run(self) -> None:
        """Until cancelled, or until the lease is lost."""
        loop = asyncio.get_running_loop()
        put_off_until = 0.0
        while not self._stopping:
            await wait(self._freed, _LOOK_AGAIN_S)
            await asyncio.sleep(_GATHER_S)
            self._raise_if_lease_lost()
            if await self._db.read(timers.due, self._clock.now()):
                await self._db.write(timers.fire, self._clock.now())
            room = self._limit - len(self._running)
            if room <= 0:
                continue  # an actor that ends rings
            if loop.time() >= put_off_until:
                self._put_off.clear()
                put_off_until = loop.time() + _LOOK_AGAIN_S
            not_now = {*self._running, *self._put_off}
            waiting = await self._db.read(
                mailbox.conversations_waiting, self._clock.now(), not_now, limit=room + len(not_now)
            )
            for conversation_id in waiting[:room]:
                self._start(conversation_id)

    async def drain(self, timeout_s: float) -> None:
        """Takes nothing new, and lets what is being answered finish; the next worker tries the rest again."""
        self._stopping = True
        if self._running:
            _, unfinished = await asyncio.wait(self._running.values(), timeout=timeout_s)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def _start(self, conversation_id: ConversationId) -> None:
        task = asyncio.create_task(self._act(conversation_id), name=f"actor {conversation_id}")
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._ended(conversation_id))

    def _ended(self, conversation_id: ConversationId) -> None:
        task = self._running[conversation_id]
        failure = None if task.cancelled() else task.exception()
        if isinstance(failure, LeaseLost):
            self._lease_lost = failure
        elif failure is not None:
            log.error("actor_failed", conversation=conversation_id, exc_info=failure)
        del self._running[conversation_id]
        self._freed.set()

    _lease_lost: LeaseLost | None = None

    def _raise_if_lease_lost(self) -> None:
        if self._lease_lost is not None:
            raise self._lease_lost

    async def _act(self, conversation_id: ConversationId) -> None:
        while not self._stopping:
            step = await self._turns.take(conversation_id)
            if step is Step.NOT_READY:
                # Looked at again soon, to see a switch-off or a take; those that need no model come first.
                self._put_off.add(conversation_id)
            if step is not Step.TAKEN:
                return


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
