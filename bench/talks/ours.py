"""The other side of the talks: the turn our worker takes, whole: accepted, decided, committed to a real database."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import settings, wiring
from app.settings import Settings
from bench.assistant.actions.answers import EVENTS_LOOKED_AT
from bench.harness import state
from bench.harness.entry import CannotMeasure
from bench.harness.state import Cast
from bench.talks import desk
from bench.talks.clock import OffsetClock
from bench.talks.customer import Said
from conversation.arrivals import BUTTON, TEXT, Inbound
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from runtime import live_trackers, stored_tracker
from runtime.channel import Utterance
from runtime.dialogue import Question, Reply
from runtime.rasa_dialogue import RasaDialogue
from runtime.turn import Step, Turns
from store import conversations, trackers
from store.tables import buttons


class NotAnswered(Exception):
    """A turn of ours failed, or was not taken."""


class Overheard(RasaDialogue):
    """The worker's dialogue; what it replied last can be looked at."""

    last: Reply | None = None

    async def answer(self, question: Question) -> Reply:
        self.last = await super().answer(question)
        return self.last


class OurDesk:
    def __init__(self, house: wiring.House, dialogue: Overheard) -> None:
        self.house, self.dialogue = house, dialogue
        self.turns = Turns(house.db, dialogue, house.channels, house.clock, house.settings.runtime, house.holder)

    async def hears(self, customer: str, said: Said) -> list[Utterance]:
        """What is queued to be said. None of it is sent: that is another process's work."""
        conversation_id = await self.accepts(customer, said)
        if said.restarted:
            self.dialogue.forget(conversation_id)
        return await self.answers(conversation_id)

    async def accepts(self, customer: str, said: Said) -> ConversationId:
        token = await self.house.db.read(_token, customer, said.text) if said.pressed else None
        arrival = Inbound(
            account=Cast().numbers[0].provider_id,
            addresses=(Address(kind=AddressKind.PHONE, value=customer),),
            provider_id=f"wamid.{uuid.uuid4().hex}",
            kind=BUTTON if said.pressed else TEXT,
            sent_at=self.house.clock.now(),
            text=said.text,
            choice=token,
        )
        await self.house.entrance.accept("whatsapp", [arrival])
        return await self.conversation(customer)

    async def conversation(self, customer: str) -> ConversationId:
        return await self.house.db.read(_conversation_of, customer)

    async def answers(self, conversation_id: ConversationId) -> list[Utterance]:
        self.dialogue.last = None
        step = await self.turns.take(conversation_id)
        reply = self.dialogue.last
        if step is not Step.TAKEN or reply is None:
            raise NotAnswered(f"a turn of ours was not answered ({step.value})")
        return list(reply.utterances)

    async def events(self, conversation_id: ConversationId, *, after: int = 0) -> list[dict[str, Any]]:
        return await self.house.db.read(trackers.events_after, conversation_id, after)


@contextlib.asynccontextmanager
async def opened(home: Path, model: Path, clock: OffsetClock, database: str | None = None) -> AsyncIterator[OurDesk]:
    """Our house on a database of its own, its clock this one. `database`: the URL of another than SQLite's."""
    chosen = _settings(home, database)
    state.prepare(chosen, Cast())
    with mock.patch.object(wiring, "SystemClock", return_value=clock):
        async with wiring.opened(chosen) as house:
            dialogue = Overheard(house.db, chosen.runtime)
            dialogue.load(model, None, desk.ACTIONS)
            yield OurDesk(house, dialogue)


def _conversation_of(tx: Connection, customer: str) -> ConversationId:
    return conversations.listed(tx, address=customer, limit=1)[0].conversation.id


@contextlib.contextmanager
def short_memory() -> Iterator[None]:
    """Lets go of events, and writes snapshots, long before it is worth it: so that short talks depend on it too."""
    with (
        mock.patch.multiple(live_trackers, _WORTH_A_SNAPSHOT=30, _SNAPSHOT_EVERY=12, _EVENTS_KEPT=1),
        mock.patch.multiple(stored_tracker, _SLACK=5),
    ):
        yield


def _settings(home: Path, database: str | None) -> Settings:
    """One of the desk's actions fails on purpose: stock loses its events and goes on, and so must ours, here."""
    chosen = settings.read({"BATON_HOME": str(home), **({"DATABASE_URL": database} if database else {})})
    own = replace(chosen.runtime, actions_fail_as_stock=True, action_events=EVENTS_LOOKED_AT)
    return replace(chosen, runtime=own)


def _token(tx: Connection, customer: str, payload: str) -> str:
    """Of the latest button of this conversation that stands for it."""
    found = sa.select(buttons.c.token).where(
        buttons.c.conversation_id == _conversation_of(tx, customer), buttons.c.payload == payload
    )
    token = tx.execute(found.order_by(buttons.c.at.desc())).scalar()
    if token is None:
        raise CannotMeasure("A customer pressed a button that was never sent.")
    return str(token)
