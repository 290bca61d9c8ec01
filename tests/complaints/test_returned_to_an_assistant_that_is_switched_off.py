""" "I gave it back to a bot that we had switched off, and she waited the whole afternoon." """

from __future__ import annotations

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId, HandoverState
from conversation.message import Author
from store import queue, requests
from tests.house import Stage


async def given_back(stage: Stage, how: str) -> ConversationId:
    if how in ("reject", "expire"):
        conversation_id = await stage.asks_for_a_person()
    else:
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
    await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
    if how == "release":
        await stage.ownership.release(conversation_id, by="ana")
    elif how == "reject":
        request = await stage.db.read(requests.waiting, conversation_id)
        assert request is not None
        await stage.ownership.reject(request.id, by="ana")
    else:
        await stage.later(3_600)
    return conversation_id


@pytest.mark.parametrize("how", ["release", "return", "reject", "expire"])
async def test_it_waits_for_a_person_and_the_customer_is_told(stage: Stage, how: str) -> None:
    await stage.hands_over(auto_return_s=3_600, request_ttl_s=3_600, waiting_updates=0)
    conversation_id = await given_back(stage, how)
    await stage.later(1)
    conversation = await stage.conversation(conversation_id)
    assert (conversation.state, conversation.nobody_answers) == (HandoverState.PENDING, True)
    assert await stage.db.read(queue.place_of, conversation_id, stage.clock.now()) == 1
    assert len(await stage.texts(conversation_id, Author.SYSTEM)) == 1
