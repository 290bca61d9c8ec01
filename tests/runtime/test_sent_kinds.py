"""What is no words: for people, or for a dialogue that has an intent for it; groups; prices; what actions are told."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from conversation.arrivals import Attachment
from conversation.contact import Address, AddressKind
from conversation.message import Author, Message, MessageStatus
from conversation.sent import Vocabulary
from runtime.turn import Step
from store import accounts, contacts, conversations
from tests import services
from tests.house import START, Stage

WHERE = {"latitude": -23.55, "longitude": -46.63, "name": "Padaria"}
KNOWS = Vocabulary(
    intents=frozenset({"sent_location", "sent_image", "sent_audio"}),
    entities=frozenset({"latitude", "longitude", "caption"}),
)
GROUP = (Address(kind=AddressKind.GROUP, value="group-1"),)


async def last(stage: Stage, conversation_id: Any) -> Message:
    return [m for m in await stage.messages(conversation_id) if m.author is Author.CONTACT][-1]


async def test_a_place_is_told_to_a_dialogue_that_has_an_intent_for_it(stage: Stage) -> None:
    stage.dialogue.vocabulary = KNOWS
    conversation_id = await stage.hears(None, kind="location", content=WHERE)
    await stage.all_turns(conversation_id)
    (asked,) = stage.dialogue.asked
    assert (asked.text, asked.chosen) == ('/sent_location{"latitude": "-23.55", "longitude": "-46.63"}', True)
    assert asked.metadata["kind"] == "location"
    assert await stage.texts(conversation_id) == ["Olá!"]
    assert (await last(stage, conversation_id)).verdict == "ANSWER"


@services.sqlite_only
@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"kind": "image", "text": "o /restart do bolo"}, '/sent_image{"caption": "o /restart do bolo"}'),
        ({"kind": "audio", "content": {"voice": True}, "text": None}, "/sent_audio"),
        ({"kind": "document", "text": "o recibo"}, None),
        ({"kind": "contacts", "text": None}, None),
    ],
)
async def test_what_it_has_no_intent_for_is_for_people(stage: Stage, given: Any, asked: str | None) -> None:
    stage.dialogue.vocabulary = KNOWS
    conversation_id = await stage.hears(**given)
    await stage.all_turns(conversation_id)
    assert [each.text for each in stage.dialogue.asked] == ([asked] if asked else [])
    assert (await last(stage, conversation_id)).reason == ("may_answer" if asked else "not_text")


@services.sqlite_only
async def test_a_place_waits_for_the_model_that_may_have_an_intent_for_it(stage: Stage) -> None:
    stage.dialogue.vocabulary, stage.dialogue.ready = Vocabulary(loaded=False), False
    conversation_id = await stage.hears(None, kind="location", content=WHERE)
    assert await stage.turn(conversation_id) is Step.NOT_READY
    stage.dialogue.vocabulary, stage.dialogue.ready = Vocabulary(), True
    await stage.all_turns(conversation_id)
    assert (await last(stage, conversation_id)).reason == "not_text" and not stage.dialogue.asked


@services.sqlite_only
async def test_a_person_who_has_it_sees_the_place_and_the_dialogue_is_not_asked(stage: Stage) -> None:
    stage.dialogue.vocabulary = KNOWS
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ana")
    await stage.hears(None, kind="location", content=WHERE)
    await stage.all_turns(conversation_id)
    assert (await last(stage, conversation_id)).reason == "human_owns"
    assert "location" not in [each.metadata.get("kind") for each in stage.dialogue.asked]


async def in_group(stage: Stage, text: str = "oi, gente") -> Any:
    await stage.accept(stage.inbound(text, addresses=GROUP, group=True, content={"from": {"name": "Bia"}}))
    return (await stage.db.read(conversations.listed, address="group-1"))[0].conversation


async def test_what_is_written_in_a_group_is_kept_and_not_answered(stage: Stage) -> None:
    conversation = await in_group(stage)
    await stage.all_turns(conversation.id)
    assert (await last(stage, conversation.id)).reason == "group" and not stage.dialogue.asked
    assert await stage.heard(conversation.id) == ["oi, gente"]
    assert (await stage.db.read(contacts.get, conversation.contact_id)).name == "Grupo do WhatsApp"


@services.sqlite_only
async def test_a_group_is_answered_where_the_account_says_so_and_the_dialogue_is_told_who_writes(stage: Stage) -> None:
    account = await stage.db.read(accounts.get, stage.account.id)
    settings = dataclasses.replace(account.channel_settings, answer_groups=True)
    await stage.ownership.change_account(account.id, channel_settings=settings)
    conversation = await in_group(stage)
    await stage.all_turns(conversation.id)
    (asked,) = stage.dialogue.asked
    assert (asked.text, asked.metadata["group_from"]) == ("oi, gente", "Bia")


@services.sqlite_only
async def test_a_name_that_somebody_told_stays_the_groups(stage: Stage) -> None:
    conversation = await in_group(stage)
    await stage.db.write(contacts.find_or_add, stage.account.id, GROUP, "Amigos", START)
    await in_group(stage)
    assert (await stage.db.read(contacts.get, conversation.contact_id)).name == "Amigos"


@services.sqlite_only
async def test_actions_are_told_what_is_quoted_and_which_file_came(stage: Stage) -> None:
    stage.dialogue.vocabulary = KNOWS
    conversation_id = await stage.hears("x" * 400)
    quoted = (await last(stage, conversation_id)).provider_id
    await stage.hears("este", kind="image", reply_to=quoted, attachments=(Attachment(kind="image", id="9"),))
    await stage.hears("e este?", reply_to="wamid.elsewhere")
    await stage.all_turns(conversation_id)
    told = [each.metadata for each in stage.dialogue.asked]
    assert "quoted" not in told[0] and "files" not in told[0]
    assert told[1]["quoted"] == {"id": quoted, "text": "x" * 100} and len(told[1]["files"]) == 1
    assert told[2]["quoted"] == {"id": "wamid.elsewhere"}
    assert all(len(json.dumps(dict(each))) < 1200 for each in told)


@pytest.mark.parametrize("late_first", [False, True])
async def test_a_price_stays_whatever_order_the_statuses_come_in(stage: Stage, late_first: bool) -> None:
    conversation_id = await stage.hears()
    async with stage.delivering():
        await stage.all_turns(conversation_id)
        await stage.sent(1)
    sent_as = {"type": "regular", "category": "service", "billable": True}
    delivered_as = {"type": "free_entry_point", "category": "service"}
    told = [(MessageStatus.SENT, sent_as), (MessageStatus.DELIVERED, delivered_as)]
    for status, pricing in told[::-1] if late_first else told:
        await stage.report("wamid.out.1", status, pricing=pricing)
    await stage.report("wamid.out.1", MessageStatus.READ)
    answer = next(m for m in await stage.messages(conversation_id) if m.author is Author.BOT)
    assert answer.pricing == {**sent_as, **delivered_as} and answer.status is MessageStatus.READ


@services.sqlite_only
async def test_a_picture_among_words_that_are_joined_is_asked_about_in_its_place(stage: Stage) -> None:
    stage.dialogue.vocabulary = KNOWS
    account = await stage.db.read(accounts.get, stage.account.id)
    settings = dataclasses.replace(account.channel_settings, join_within_s=5.0)
    await stage.ownership.change_account(account.id, channel_settings=settings)
    conversation_id = await stage.hears("quero este")
    await stage.hears("o bolo", kind="image")
    stage.clock.wind(6)
    await stage.all_turns(conversation_id)
    assert [each.text for each in stage.dialogue.asked] == ["quero este", '/sent_image{"caption": "o bolo"}']
