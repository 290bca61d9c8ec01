"""The runtime's own pieces on one database, as gateway and worker build them; ended and built anew at any moment."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from conversation.conversation import ConversationId
from conversation.message import Author
from conversation.sent import NO_INTENTS
from runtime import points
from runtime.accept import Entrance
from runtime.channel import Outgoing, Rendered, Utterance
from runtime.deadlines import Deadlines
from runtime.deliver import Delivery
from runtime.dialogue import Question, Reply
from runtime.ownership import Ownership
from runtime.settings import RuntimeSettings
from runtime.situation import read_situation
from runtime.turn import Turns
from runtime.wake import Wake
from store import mailbox, outbox, trackers
from store.database import Database
from store.handovers import REQUEST_SLOT
from store.leases import Holder
from store.tables import leases
from store.vault import Vault

#: What customers write, and what the dialogue makes of it.
ASKS, DECLINES = "a person please", "never mind"
_SETTINGS = RuntimeSettings(typing_after_s=3600, take_settle_s=0.0, tries=3)


class Clock:
    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def wind(self, step: timedelta) -> None:
        self._now += step


class Cut(BaseException):
    """The process ends here."""


class _Channel:
    """Takes all it is given."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)

    def render(self, utterance: Utterance, new_token: Callable[[], str]) -> list[Rendered]:
        return [Rendered(kind="text", text=utterance.text, body={"text": utterance.text})]

    def signals(self, provider_id: str, *, typing: bool, author: Author) -> list[dict[str, Any]]:
        return []

    async def send(self, outgoing: Outgoing) -> str | None:
        outgoing.check()
        return f"wamid.out.{next(self._ids)}"


class _Dialogue:
    ready = True
    vocabulary = NO_INTENTS

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def answer(self, question: Question) -> Reply:
        position = await self._db.read(trackers.position, question.mail.conversation_id)
        at = self._clock.now().timestamp()
        events: list[dict[str, Any]] = [{"event": "user", "timestamp": at, "text": question.text, "parse_data": {}}]
        said = f"Bot: {question.text}"
        if question.text == ASKS:
            events.append(_slot({"reason": "asked", "priority": "medium", "language": "pt"}, at))
            said = "[[what_next]]"
        elif question.text == DECLINES:
            events.append(_slot(None, at))
        utterances = [Utterance(text=said)]
        return Reply(base_seq=position.seq, events=events, utterances=utterances, timers=())

    async def remind(self, question: Question) -> Reply:
        return await self.answer(question)

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        """Nothing is kept in memory."""

    def forget(self, conversation_id: ConversationId) -> None:
        """Nothing is kept in memory."""


def _slot(value: Any, at: float) -> dict[str, Any]:
    return {"event": "slot", "name": REQUEST_SLOT, "value": value, "timestamp": at}


class House:
    """What a restart builds anew."""

    def __init__(self, db: Database, vault: Vault, clock: Clock) -> None:
        self._db, self._vault, self._clock = db, vault, clock
        self._names = itertools.count(1)
        self.restarts = self.cuts = 0
        self._build()

    def _build(self) -> None:
        channels: dict[str, Any] = {"whatsapp": _Channel()}
        db, clock, wake = self._db, self._clock, Wake(self._db)
        self.holder = Holder(house="night", name=str(next(self._names)))
        dialogue = _Dialogue(db, clock)
        self.entrance = Entrance(db, self._vault, channels, clock, wake, "verify", "secret")
        self.ownership = Ownership(db, self._vault, channels, clock, _SETTINGS)
        self.turns = Turns(db, dialogue, channels, clock, _SETTINGS, self.holder)
        self.delivery = Delivery(db, self._vault, channels, wake, clock, _SETTINGS, self.holder)
        self.deadlines = Deadlines(db, channels, wake, clock, _SETTINGS)

    def restart(self) -> None:
        self.restarts += 1
        self._build()

    async def take_turns(self) -> None:
        """Until no mail waits."""
        while waiting := await self._db.read(mailbox.conversations_waiting, self._clock.now(), self.holder):
            for each in waiting:
                await self.turns.take(each.conversation_id)
        await self._db.write(_forget_leases)

    async def deliver(self) -> None:
        """Until nothing is to be sent."""
        await self.delivery._settle_what_others_left()
        while rows := await self._db.read(outbox.due, self._clock.now(), passing_unknown_after_s=15.0):
            for row in rows:
                await self.delivery._deliver(row)

    async def cut_in_turn(self, conversation_id: ConversationId) -> None:
        """The process ends between the beginning of a turn and its commit."""
        situation = await self._db.read(read_situation, conversation_id, self._clock.now())
        if situation is not None:
            await self._db.write(self.turns._begin, situation)
            self._cut()

    async def cut_in_commit(self, conversation_id: ConversationId) -> None:
        """The process ends in the middle of a turn's transaction."""
        with _ending_at(points.IN_COMMIT), contextlib.suppress(Cut):
            await self.turns.take(conversation_id)
        self._cut()

    async def cut_in_send(self) -> None:
        """The process ends between a claim and what becomes of it."""
        now = self._clock.now()
        rows = await self._db.read(outbox.due, now, passing_unknown_after_s=15.0)
        if rows:
            await self._db.write(self.delivery._claim, rows[0], now, now + timedelta(seconds=5))
            self._cut()

    def _cut(self) -> None:
        self.cuts += 1
        self._build()


@contextlib.contextmanager
def _ending_at(place: str) -> Iterator[None]:
    def end(name: str, conversation_id: str) -> None:
        if name == place:
            raise Cut

    points.hook = end
    try:
        yield
    finally:
        points.hook = None


def _forget_leases(tx: sa.engine.Connection) -> None:
    tx.execute(leases.delete())  # nobody else is there
