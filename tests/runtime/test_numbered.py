"""Choices that went as numbered lines: the customer's "2" is the second of them, for as long as it is the newest."""

from __future__ import annotations

import pytest

from connectors import whatsapp_render
from runtime.channel import Utterance
from store import tables
from tests import services
from tests.house import Script, Stage

FLAVOURS = [{"title": f"Sabor {number}", "payload": f"/sabor{number}"} for number in range(1, 13)]


@pytest.fixture(autouse=True)
def on_whatsapp(stage: Stage) -> None:
    stage.channel.render = whatsapp_render.render  # type: ignore[method-assign]
    stage.channel.has_signs = False


async def offered(stage: Stage, *after: str) -> str:
    """A list of twelve; what was asked of the dialogue is forgotten."""
    stage.dialogue.script.append(Script(says=[Utterance(text="Qual?", buttons=FLAVOURS), *after]))
    conversation_id = await stage.hears("cardápio")
    await stage.all_turns(conversation_id)
    stage.dialogue.asked.clear()
    stage.clock.wind(1)
    return conversation_id


async def hears(stage: Stage, conversation_id: str, text: str) -> tuple[str, bool]:
    """What the dialogue is asked."""
    await stage.hears(text)
    await stage.all_turns(conversation_id)  # type: ignore[arg-type]
    stage.clock.wind(1)
    (asked,) = stage.dialogue.asked
    stage.dialogue.asked.clear()
    return asked.text, asked.chosen


async def test_a_number_chooses_and_is_only_a_number_once_we_have_written_again(stage: Stage) -> None:
    conversation_id = await offered(stage, "Temos também sucos.")
    assert await hears(stage, conversation_id, "opção 11") == ("/sabor11", True)
    assert await hears(stage, conversation_id, "2") == ("2", False)
    heard = [each for each in await stage.messages(conversation_id) if each.direction.value == "inbound"]  # type: ignore[arg-type]
    assert [each.text for each in heard] == ["cardápio", "Sabor 11", "2"]


@services.sqlite_only
async def test_a_title_chooses_and_a_number_that_is_not_there_does_not(stage: Stage) -> None:
    conversation_id = await offered(stage)
    await stage.hears("13")
    await stage.hears("sabor 12")
    await stage.all_turns(conversation_id)  # type: ignore[arg-type]
    assert [(each.text, each.chosen) for each in stage.dialogue.asked][:2] == [("13", False), ("/sabor12", True)]


@services.sqlite_only
async def test_a_list_of_another_conversation_is_none_of_ours(stage: Stage) -> None:
    await offered(stage)
    other = await stage.hears("2", phone="5511955554444")
    await stage.all_turns(other)
    assert [(each.text, each.chosen) for each in stage.dialogue.asked] == [("2", False)]


@services.sqlite_only
async def test_a_list_that_was_withdrawn_offers_nothing(stage: Stage) -> None:
    conversation_id = await offered(stage)
    await stage.ownership.take(conversation_id, by="ana")  # nothing had left
    await stage.hears("2")
    (*_, last) = await stage.messages(conversation_id)  # type: ignore[arg-type]
    assert (last.kind, last.text) == ("text", "2")


@services.sqlite_only
async def test_what_would_be_refused_is_not_sent_and_is_shown_as_that(stage: Stage) -> None:
    wrong = {"type": "template", "template": {"name": "Nome Errado"}}
    reacts = Utterance(text="Oi", custom={"type": "reaction", "emoji": "👍"})
    stage.dialogue.script.append(Script(says=[Utterance(custom={"whatsapp": wrong}), reacts]))
    conversation_id = await stage.hears("oi", provider_id="wamid.hers")
    await stage.all_turns(conversation_id)
    shown = [(each.kind, each.status.value, each.error) for each in await stage.messages(conversation_id)][1:]
    assert shown == [
        ("template", "failed", "not sent: the template's name is missing, or is none"),
        ("text", "queued", None),
        ("reaction", "queued", None),
    ]
    _, reaction = [row.body for row in await stage.outbox()]
    assert reaction["reaction"] == {"message_id": "wamid.hers", "emoji": "👍"}


@services.sqlite_only
async def test_of_two_lists_in_one_answer_the_newest_is_chosen_from(stage: Stage) -> None:
    drinks = [{"title": f"Suco {number}", "payload": f"/suco{number}"} for number in range(1, 13)]
    says = [Utterance(text="Qual?", buttons=FLAVOURS), Utterance(text="E para beber?", buttons=drinks)]
    stage.dialogue.script.append(Script(says=says))
    conversation_id = await stage.hears("cardápio")
    await stage.all_turns(conversation_id)
    stage.dialogue.asked.clear()
    stage.clock.wind(1)
    assert await hears(stage, conversation_id, "3") == ("/suco3", True)


@services.sqlite_only
async def test_a_number_that_is_told_twice_is_nothing_new(stage: Stage) -> None:
    conversation_id = await offered(stage)
    for _ in range(2):
        await stage.hears("2", provider_id="wamid.2")
    assert (await stage.messages(conversation_id))[-1].text == "Sabor 2"  # type: ignore[arg-type]
    assert await stage.rows(tables.webhook_events) == []
    await stage.hears("3", provider_id="wamid.2")
    assert [each.kind for each in await stage.rows(tables.webhook_events)] == ["other_words_under_a_known_id"]
