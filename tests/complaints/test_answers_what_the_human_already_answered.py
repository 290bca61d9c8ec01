""" "The moment I gave it back, the bot answered three questions I had answered myself." """

from __future__ import annotations

import pytest

from tests.house import Script, Stage


@pytest.mark.parametrize("end", ["release", "close", "resolve"])
async def test_what_arrived_before_is_recorded_and_not_answered(stage: Stage, end: str) -> None:
    conversation_id = await stage.hears("primeira")
    await stage.ownership.take(conversation_id, by="ana")
    await stage.hears("segunda")
    await stage.ownership.reply(conversation_id, "as duas coisas: sim", by="ana")
    await getattr(stage.ownership, end)(conversation_id, by="ana")
    await stage.all_turns(conversation_id)
    assert stage.dialogue.asked == []
    assert await stage.heard(conversation_id) == ["primeira", "segunda"]


async def test_nor_by_a_turn_that_was_thinking_all_the_while(stage: Stage) -> None:
    conversation_id = await stage.hears("primeira")

    async def taken_and_given_back() -> None:
        await stage.ownership.reply(conversation_id, "sim", by="ana")
        await stage.ownership.release(conversation_id, by="ana")

    stage.dialogue.script.append(Script(says=["tarde demais"], during=taken_and_given_back))
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == []


async def test_unless_the_person_leaves_the_last_one_to_it(stage: Stage) -> None:
    conversation_id = await stage.hears("primeira")
    await stage.ownership.take(conversation_id, by="ana")
    await stage.hears("qual o horário?")
    await stage.all_turns(conversation_id)
    await stage.ownership.release(conversation_id, by="ana", answer_last=True)
    await stage.all_turns(conversation_id)
    assert [question.text for question in stage.dialogue.asked] == ["qual o horário?"]
