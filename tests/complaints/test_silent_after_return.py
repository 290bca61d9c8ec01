""" "I gave the chat back and the bot never answered her again." """

from __future__ import annotations

import pytest

from conversation.conversation import HandoverState
from tests.house import Stage


@pytest.mark.parametrize("how", ["released", "forgotten", "closed"])
async def test_the_next_message_is_answered(stage: Stage, how: str) -> None:
    await stage.hands_over(auto_return_s=3_600)
    conversation_id = await stage.hears("oi")
    await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
    if how == "released":
        await stage.ownership.release(conversation_id, by="ana")
    elif how == "closed":
        await stage.ownership.close(conversation_id, by="ana")
    else:
        await stage.later(3_600)
    await stage.hears("qual o horário?")
    await stage.all_turns(conversation_id)
    assert [question.text for question in stage.dialogue.asked] == ["qual o horário?"]
    assert len(await stage.texts(conversation_id)) == 1


async def test_the_customer_hears_who_answers_now(stage: Stage) -> None:
    conversation_id = await stage.hears("oi")
    await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
    await stage.ownership.release(conversation_id, by="ana")
    for question in ("qual o horário?", "e no domingo?"):
        await stage.hears(question)
        await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == ["A assistente virtual está de volta.\n\nOlá!", "Olá!"]


async def test_one_who_owns_it_and_lets_the_customer_wait_does_not_keep_it(stage: Stage) -> None:
    await stage.hands_over(silence_s=900)
    conversation_id = await stage.hears("oi")
    await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
    await stage.hears("e então?")
    await stage.later(900)
    assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
