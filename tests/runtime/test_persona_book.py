"""Customers see who writes, where the channel shows it; a persona that can't be had keeps no message back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from conversation.channel_settings import ChannelSettings
from conversation.errors import SendError
from runtime.abilities import Reach
from runtime.channel import WayOut
from runtime.personas import PersonaBook
from store import personas
from tests.house import Stage

PORTRAIT = "https://baton.example/desk/person.png"


@dataclass
class Messenger:
    """Makes personas, or fails."""

    failing: SendError | None = None
    made: list[str] = field(default_factory=list)

    async def persona(self, reach: Reach, *, name: str, picture_url: str | None) -> str:
        assert picture_url == PORTRAIT, "Messenger makes no persona without a picture"
        self.made.append(name)
        if self.failing is not None:
            raise self.failing
        return f"persona-{len(self.made)}"


@pytest.fixture
def messenger() -> Messenger:
    return Messenger()


def book(stage: Stage, messenger: Messenger | None) -> PersonaBook:
    async def reach_of(account_id: str) -> Reach:
        return Reach(account=stage.account, node="1", base_url="http://nowhere", token="tok")

    ways_out = {"whatsapp": WayOut(channel=stage.channel, personas=messenger)}
    return PersonaBook(stage.db, ways_out, reach_of, stage.clock, PORTRAIT)


async def test_it_is_made_once_and_known_by_every_process(stage: Stage, messenger: Messenger) -> None:
    first = await book(stage, messenger).persona_for(stage.account, "ana@example.com")
    second = await book(stage, messenger).persona_for(stage.account, "ana@example.com")
    assert (first, second, messenger.made) == ("persona-1", "persona-1", ["Ana"])


async def test_whoever_is_shown_otherwise_has_another(stage: Stage, messenger: Messenger) -> None:
    as_before = personas.Persona(provider_id="old", shown_as={"name": "Aninha", "picture_url": None})
    await stage.db.write(personas.put, stage.account.id, "ana", as_before)
    assert await book(stage, messenger).persona_for(stage.account, "ana") == "persona-1"


async def test_there_is_none_where_the_channel_has_none_or_the_account_wants_none(
    stage: Stage, messenger: Messenger
) -> None:
    plain = replace(stage.account, channel_settings=ChannelSettings(personas=False))
    assert await book(stage, None).persona_for(stage.account, "ana") is None
    assert await book(stage, messenger).persona_for(plain, "ana") is None
    assert messenger.made == []


async def test_one_that_failed_is_left_alone_for_a_while(stage: Stage, messenger: Messenger) -> None:
    messenger.failing = SendError("no", error_code=200)
    written = book(stage, messenger)
    for _ in range(3):
        assert await written.persona_for(stage.account, "ana") is None
    assert len(messenger.made) == 1
    messenger.failing = None
    stage.clock.wind(601)
    assert await written.persona_for(stage.account, "ana") == "persona-2"


async def test_an_operators_message_leaves_with_it_and_the_assistants_without(
    stage: Stage, messenger: Messenger
) -> None:
    stage.delivery._personas = book(stage, messenger)
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)
    await stage.operator("ana")
    async with stage.delivering():
        await stage.sent(1)
        await stage.ownership.reply(conversation_id, "Oi, sou eu", by="ana")
        await stage.sent(2)
    shown: list[Any] = [outgoing.persona for outgoing in stage.channel.sent]
    assert shown == [None, "persona-1"]


async def test_it_leaves_all_the_same_where_no_persona_can_be_had(stage: Stage, messenger: Messenger) -> None:
    messenger.failing = SendError("Meta could not be reached.", retryable=True)
    stage.delivery._personas = book(stage, messenger)
    conversation_id = await stage.hears()
    await stage.operator("ana")
    async with stage.delivering():
        await stage.ownership.reply(conversation_id, "Oi, sou eu", by="ana")
        await stage.sent(1)
    assert stage.channel.sent[0].persona is None
