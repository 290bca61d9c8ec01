"""However events are put into bodies, entries and lists, and however often they come: the same turns.

In this process, with the channel's own reader, the real accepting and turns on a database of their own, and a dialogue
that only notes what it was asked. Nobody joins a customer's messages: each is a turn.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app import settings, wiring
from bench.harness import state
from bench.harness.scripted import ScriptedDialogue
from bench.harness.state import Cast, Number
from bench.webhooks import events
from bench.webhooks.events import Event
from connectors.instagram import Instagram
from connectors.messenger import Messenger
from connectors.webhook import WebhookConnector
from connectors.whatsapp import WhatsApp
from conversation.contact import AddressKind
from conversation.conversation import ConversationId
from runtime.dialogue import Question, Reply
from runtime.turn import Step, Turns
from store import contacts, conversations, mailbox

_READERS: dict[str, type[WebhookConnector]] = {"whatsapp": WhatsApp, "messenger": Messenger, "instagram": Instagram}
_ACCOUNTS = ("300000000000001", "300000000000002")
_PEOPLE = ("7300000000000001", "7300000000000002", "7300000000000003")
_EVENTS = 12
#: How many of a body's events came before, in another one.
_REPEATED = 3

Turn = tuple[str, str, str]
"""An account, who wrote, and what."""


class Listener(ScriptedDialogue):
    """Notes each question, in the order of the turns."""

    def __init__(self, house: wiring.House) -> None:
        self._db = house.db
        self.asked: list[tuple[ConversationId, str]] = []

    async def answer(self, question: Question) -> Reply:
        self.asked.append((question.mail.conversation_id, question.text))
        return await super().answer(question)


@dataclass(kw_only=True)
class Split:
    """What became of all talks. `missing` and `more`: turns that should be and are not, or the other way round."""

    talks: int = 0
    events: int = 0
    bodies: int = 0
    missing: int = 0
    more: int = 0
    out_of_order: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, name: str, expected: Sequence[Turn], got: Sequence[Turn]) -> None:
        self.talks += 1
        self.events += len(expected)
        missing, more = len(set(expected) - set(got)), len(got) - len(set(got) & set(expected))
        self.missing += missing
        self.more += more
        mixed = not (missing or more) and _by_conversation(expected) != _by_conversation(got)
        self.out_of_order += mixed
        if (missing or more or mixed) and len(self.examples) < 5:
            self.examples.append(f"{name}: {missing} missing, {more} too many, out of order: {mixed}")


async def check(channel: str, talks: int, seed: int, database: str | None) -> Split:
    found = Split()
    async with _opened(channel, database) as (house, dialogue, turns):
        reader = _READERS[channel]()
        for number in range(talks):
            dice = random.Random(f"splits/{seed}/{number}")
            # Nobody of this talk was in another: its turns are told apart by who wrote.
            people = [f"{person}{number:04d}" if channel != "whatsapp" else f"55{number:04d}{person[-7:]}"
                      for person in _PEOPLE]  # fmt: skip
            talk = events.talk(_ACCOUNTS, people, _EVENTS, f"s{seed}t{number}", int(time.time()))
            dialogue.asked.clear()
            for piece in _pieces(talk, dice):
                found.bodies += 1
                body = events.body(channel, piece, dice)
                await house.entrance.accept(channel, reader.parse(body, set(_ACCOUNTS)))
                if dice.random() < 0.4:
                    await _all_turns(house, turns)
            await _all_turns(house, turns)
            expected = [(event.account, event.person, event.text) for event in talk]
            found.note(f"talk {number}", expected, await _told(house, dialogue))
    return found


def _pieces(talk: Sequence[Event], dice: random.Random) -> Iterator[list[Event]]:
    """Bodies in their order; with each, some of what came before, and now and then nothing else."""
    before: list[Event] = []
    for piece in events.split(talk, 6, dice):
        again = dice.sample(before, min(len(before), dice.randint(0, _REPEATED)))
        yield [*piece, *again]
        before += piece
        if dice.random() < 0.3:
            yield dice.sample(before, dice.randint(1, len(before)))


async def _all_turns(house: wiring.House, turns: Turns) -> None:
    for waiting in await house.db.read(mailbox.conversations_waiting, house.clock.now(), house.holder):
        while await turns.take(waiting.conversation_id) is Step.TAKEN:
            pass


async def _told(house: wiring.House, dialogue: Listener) -> list[Turn]:
    told = []
    for conversation_id, text in dialogue.asked:
        known = await house.db.read(conversations.get, conversation_id)
        person = (await house.db.read(contacts.get, known.contact_id)).addresses[0]
        account = (await house.reach(known.account_id)).account.provider_id
        assert person.kind is not AddressKind.USER
        told.append((account, person.value, text))
    return told


def _by_conversation(turns: Sequence[Turn]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for account, person, text in turns:
        found.setdefault((account, person), []).append(text)
    return found


@contextlib.asynccontextmanager
async def _opened(channel: str, database: str | None) -> AsyncIterator[tuple[wiring.House, Listener, Turns]]:
    home = Path(tempfile.mkdtemp(prefix="baton-bench-"))
    try:
        own = {"DATABASE_URL": database} if database else {}
        chosen = settings.read({"BATON_HOME": str(home), **own})
        state.prepare(chosen, Cast(numbers=[Number(provider_id=id_, channel=channel) for id_ in _ACCOUNTS]))
        async with wiring.opened(chosen) as house:
            dialogue = Listener(house)
            turns = Turns(house.db, dialogue, house.channels, house.clock, chosen.runtime, house.holder)
            yield house, dialogue, turns
    finally:
        shutil.rmtree(home, ignore_errors=True)
