"""One actor a conversation: it takes its mail one after the other; the conversations go on side by side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from conversation.conversation import ConversationId
from runtime.clock import Clock
from runtime.llm.waiting import Waiting
from runtime.outage import Outage
from runtime.quarantine import Quarantine
from runtime.settings import RuntimeSettings
from runtime.turn import Step, Turns
from runtime.wake import Wake, wait
from store import leases, mailbox, timers
from store.database import Database
from store.leases import Holder

log = structlog.get_logger()

#: How long to sleep where nothing wakes us: for mail that waits for a time.
_LOOK_AGAIN_S = 0.5
#: Changes come in swarms: one look for those of a few milliseconds.
_GATHER_S = 0.004


class Actors:
    """Starts an actor for each conversation that has mail; an actor ends when its mailbox is empty."""

    def __init__(
        self,
        db: Database,
        turns: Turns,
        wake: Wake,
        clock: Clock,
        settings: RuntimeSettings,
        holder: Holder,
        waiting: Waiting | None = None,
    ) -> None:
        """`waiting`: counts the turns that only wait for a language model; their places are for others meanwhile."""
        self._db, self._turns, self._wake, self._clock = db, turns, wake, clock
        self._settings, self._holder = settings, holder
        self._running: dict[ConversationId, asyncio.Task[None]] = {}
        self._stopping = False
        self._freed = wake.listen()
        self._waiting = waiting or Waiting()
        self._waiting.lent = self._freed.set
        turns.look_again = self._look_in
        self._put_off: set[ConversationId] = set()
        self._quarantine = Quarantine(settings.alone_s)

    async def run(self) -> None:
        """Until cancelled. While the database is away it waits."""
        loop = asyncio.get_running_loop()
        outage, put_off_until = Outage(), 0.0
        async with self._renewing():
            while not self._stopping:
                await wait(self._freed, _LOOK_AGAIN_S)
                await asyncio.sleep(_GATHER_S)
                if loop.time() >= put_off_until:
                    self._put_off.clear()
                    put_off_until = loop.time() + _LOOK_AGAIN_S
                async with outage.survived():
                    await self._look()

    async def _look(self) -> None:
        """Starts actors for those that wait, as far as there is room; an actor that ends rings."""
        if await self._db.read(timers.due, self._clock.now()):
            await self._db.write(timers.fire, self._clock.now())
        room = self._settings.turns_at_once - (len(self._running) - self._waiting.count)
        if room <= 0:
            return
        not_now = {*self._running, *self._put_off}
        waiting = await self._db.read(
            mailbox.conversations_waiting, self._clock.now(), self._holder, not_now, limit=room + len(not_now)
        )
        now = asyncio.get_running_loop().time()
        for chosen in self._quarantine.choose(waiting, busy=bool(self._running), now=now)[:room]:
            self._start(chosen.conversation_id)

    def _look_in(self, seconds: float) -> None:
        """Mail of ours is due then: to the moment, not when somebody happens to look."""
        asyncio.get_running_loop().call_later(max(seconds, 0.0) + _GATHER_S, self._freed.set)

    async def drain(self, timeout_s: float) -> None:
        """Takes nothing new, lets what is being answered finish, and gives the leases back; the next worker, here or
        elsewhere, goes on at once."""
        self._stopping = True
        if self._running:
            _, unfinished = await asyncio.wait(self._running.values(), timeout=timeout_s)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await self._db.write(leases.give_back, self._holder)

    def _start(self, conversation_id: ConversationId) -> None:
        task = asyncio.create_task(self._act(conversation_id), name=f"actor {conversation_id}")
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._ended(conversation_id))

    def _ended(self, conversation_id: ConversationId) -> None:
        task = self._running[conversation_id]
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            log.error("actor_failed", conversation=conversation_id, exc_info=failure)
        del self._running[conversation_id]
        self._quarantine.ended(conversation_id)
        self._freed.set()

    async def _act(self, conversation_id: ConversationId) -> None:
        while not self._stopping:
            step = await self._turns.take(conversation_id)
            if step in (Step.NOT_READY, Step.ELSEWHERE):
                # Looked at again soon, to see a switch-off or a take; those that need no model come first.
                self._put_off.add(conversation_id)
            if step is not Step.TAKEN:
                return
            if self._quarantine.holds(conversation_id):
                return

    @contextlib.asynccontextmanager
    async def _renewing(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._renew(), name="leases")
        try:
            yield
        finally:
            await stop(task)

    async def _renew(self) -> None:
        """Keeps the leases of turns that take long."""
        while True:
            await asyncio.sleep(self._settings.lease_s / 3)
            try:
                await self._db.write(
                    leases.renew,
                    list(self._running),
                    self._holder,
                    now=self._clock.now(),
                    ttl_s=self._settings.lease_s,
                )
            except Exception as failure:  # the next renewal may succeed, and a lost lease costs no more than a turn
                log.warning("leases_not_renewed", error=type(failure).__name__)


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
