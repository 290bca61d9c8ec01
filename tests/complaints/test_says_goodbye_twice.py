""" "It said goodbye after I had, and then once more when the chat was closed." """

from __future__ import annotations

from conversation.message import Author
from tests.house import THIS_IS_ANA, Script, Stage


async def test_the_goodbye_is_the_persons_alone(stage: Stage) -> None:
    stage.channel.has_signs = False
    conversation_id = await stage.hears("obrigada, tchau")
    stage.dialogue.script.append(
        Script(says=["Tchau!"], during=lambda: stage.ownership.reply(conversation_id, "Até logo!", by="ana"))
    )
    await stage.all_turns(conversation_id)
    await stage.ownership.resolve(conversation_id, by="ana")
    await stage.ownership.close(conversation_id, by="ana")
    await stage.later(100_000)
    async with stage.delivering():
        assert await stage.sent(1) == [THIS_IS_ANA + "Até logo!"]
    assert await stage.texts(conversation_id) == []
    assert await stage.texts(conversation_id, Author.SYSTEM) == []


async def test_a_last_word_of_the_customer_after_the_end_is_answered_once(stage: Stage) -> None:
    conversation_id = await stage.hears("obrigada")
    await stage.ownership.reply(conversation_id, "Até logo!", by="ana")
    await stage.ownership.resolve(conversation_id, by="ana")
    await stage.hears("tchau")
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == ["Olá!"]
