"""Customers under two names who write, are answered, taken, given back and found out at any moment."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from conversation.arrivals import SYSTEM
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId, HandoverState
from conversation.errors import BatonError
from conversation.handover import Toucher, toucher
from conversation.message import Author, Direction
from runtime.bus import LocalBus
from runtime.erasing import Erasing
from runtime.media_files import MediaFolder
from store import conversations, former_ids, tables, tracing
from store.deeds import Deed, doing
from tests import services
from tests.house import ANA, BEN, CLARA, NUMBER, Script, Stage

PHONE = Address(kind=AddressKind.PHONE, value=ANA)
USER = Address(kind=AddressKind.BSUID, value="BR.13491208655302741918")
NAMES: tuple[tuple[Address, ...], ...] = ((PHONE,), (USER,))
ORDERS = ("take", "release", "reply", "close")


class Course:
    """A seeded one. `said`: what the customer has written, each once."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.chance = stage, random.Random(seed)
        self.said: list[str] = []
        self.met: set[ConversationId] = set()

    async def writes(self, *known_by: Address) -> None:
        self.stage.clock.wind(self.chance.randint(1, 30))
        text = f"m{len(self.said)}"
        self.said.append(text)
        await self.stage.accept(self.stage.inbound(text, addresses=known_by))
        self.met |= {each.conversation.id for each in await self.stage.db.read(conversations.listed)}

    async def is_thought_about(self) -> None:
        """At times somebody writes, or orders, while the assistant thinks."""
        if self.chance.random() < 0.4:
            self.stage.dialogue.script.append(Script(during=self.something))
        await self.stage.turn(self.chance.choice(sorted(self.met)))
        self.stage.dialogue.script.clear()

    async def is_ordered(self) -> None:
        conversation_id, by = self.chance.choice(sorted(self.met)), self.chance.choice(["ana", "ben"])
        order = self.chance.choice(ORDERS)
        with contextlib.suppress(BatonError):
            if order == "reply":
                await self.stage.ownership.reply(conversation_id, "já vejo", by=by)
            else:
                await getattr(self.stage.ownership, order)(conversation_id, by=by)

    async def something(self) -> None:
        if not self.met or self.chance.random() < 0.6:
            await self.writes(*self.chance.choice([*NAMES, *NAMES, (USER, PHONE)]))
        else:
            await self.is_ordered()

    async def goes(self, steps: int) -> ConversationId:
        for _ in range(steps):
            await self.something()
            if self.chance.random() < 0.5:
                await self.is_thought_about()
        await self.writes(USER, PHONE)
        (listed,) = await self.stage.db.read(conversations.listed)
        for each in sorted(self.met):
            await self.stage.all_turns(each)
        return listed.conversation.id


@pytest.mark.parametrize("seed", range(2))
async def test_nothing_is_lost_and_one_has_it(stage: Stage, seed: int) -> None:
    for name in ("ana", "ben"):
        await stage.operator(name)
    course = Course(stage, seed)
    only = await course.goes(14)
    assert {(await stage.conversation(each)).id for each in course.met} == {only}
    messages = await stage.messages(only)
    assert [m.text for m in messages if m.direction is Direction.INBOUND] == course.said
    assert all(m.verdict is not None for m in messages if m.direction is Direction.INBOUND)
    assert sorted(await stage.heard(only)) == sorted(course.said)
    answered = [row for row in await stage.rows(tables.mailbox) if row.state != "done"]
    assert not answered
    asked = [m for m in messages if m.verdict == "ANSWER"]
    assert len(await stage.texts(only, Author.BOT)) == len(asked)
    conversation = await stage.conversation(only)
    assert (conversation.owner is not None) == (conversation.state is HandoverState.HUMAN)
    assert toucher(conversation.state, conversation.status) is not Toucher.NOBODY
    for row in await stage.outbox():
        assert row.state != "queued" or row.author != "bot" or row.ownership == conversation.ownership


def _webhook(stage: Stage) -> dict[str, Any]:
    """One that came under the number they had, and names no message."""
    value = {"metadata": {"phone_number_id": NUMBER}, "contacts": [{"wa_id": ANA}]}
    body = json.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
    told = {"channel": "whatsapp", "accounts": [stage.account.id], "kinds": ["message"], "state": "processed"}
    return {**told, "body": body, "received_at": stage.clock.now()}


class TestErased:
    @services.sqlite_only
    async def test_nothing_is_left_of_who_was_two(self, stage: Stage, tmp_path: Path) -> None:
        """Neither under the ids there were, nor the numbers, nor what was fingerprinted of either."""
        first = await stage.hears("rua das Acácias, 12, por favor")
        second = await stage.hears("sou a mesma pessoa", phone=USER.value, addresses=(USER,))
        for each in (first, second):
            deed = Deed(by="ana", action="reply", at=stage.clock.now(), conversation=each, words="Olá, Joana")
            with doing(deed):
                await stage.ownership.reply(each, "Olá, Joana", by="ana")
        contacts = [(await stage.conversation(each)).contact_id for each in (first, second)]
        stage.clock.wind(60)
        await stage.accept(stage.inbound("agora com os dois", addresses=(USER, PHONE)))
        becomes = (Address(kind=AddressKind.PHONE, value=BEN),)
        await stage.accept(stage.inbound(None, kind=SYSTEM, becomes=becomes))
        only = (await stage.conversation(first)).id
        was = second if only == first else first
        await stage.db.write(lambda tx: tx.execute(tables.webhooks.insert(), _webhook(stage)))
        sought = await stage.db.read(tracing.known_of, contacts[0])
        assert {*contacts, first, second} == set(sought.ids)
        assert {ANA, BEN, USER.value} <= set(sought.words)
        assert await stage.db.read(former_ids.of, only) == [was]
        erasing = Erasing(stage.db, MediaFolder(tmp_path / "media", max_mb=1), LocalBus(), stage.clock, stage.settings)
        await stage.hears("de outra pessoa", phone=CLARA)
        stays = (await stage.conversation(first)).contact_id
        (gone,) = set(contacts) - {stays}
        await erasing.erase(gone, by="chefe")
        assert (await stage.db.read(tracing.search, sought)).found == {}
        assert not await stage.db.read(lambda tx: tx.execute(tables.audit_salts.select()).all())
        assert len(await stage.rows(tables.contacts)) == 1
