""" "I asked for a person five times, and each time it asked me whether I wanted a person." """

from __future__ import annotations

from conversation.conversation import HandoverState
from store import requests
from tests.house import Stage


async def test_asking_again_is_the_same_request_and_the_dialogue_knows_that_it_was_asked_for(stage: Stage) -> None:
    for _ in range(5):
        conversation_id = await stage.asks_for_a_person()
    assert len(await stage.db.read(requests.of_conversation, conversation_id)) == 1
    assert [question.metadata.get("state") for question in stage.dialogue.asked] == [None, *["pending"] * 4]
    assert [line[0] for line in await stage.log(conversation_id)] == ["request"]


async def test_after_a_person_had_it_the_old_wish_makes_no_second_request(stage: Stage) -> None:
    conversation_id = await stage.asks_for_a_person()
    await stage.ownership.take(conversation_id, by="ana")
    await stage.ownership.release(conversation_id, by="ana")
    await stage.hears("qual o horário?")
    await stage.all_turns(conversation_id)
    assert (await stage.conversation(conversation_id)).state is HandoverState.BOT
    assert len(await stage.db.read(requests.of_conversation, conversation_id)) == 1
