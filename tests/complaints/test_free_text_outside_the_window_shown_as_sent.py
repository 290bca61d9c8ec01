""" "The page said sent. She never got it: she had written three days before." """

from __future__ import annotations

import pytest

from conversation.conversation import HandoverState
from conversation.errors import Refused
from conversation.message import Author, MessageStatus
from tests.house import Stage

LATER_S = 25 * 3_600


async def test_a_reply_is_refused_with_the_rule_before_anything_is_taken_or_queued(stage: Stage) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(LATER_S)
    with pytest.raises(Refused, match="131047") as refused:
        await stage.ownership.reply(conversation_id, "Oi! Seu pedido chegou?", by="ana")
    assert refused.value.code == "window_closed"
    assert (await stage.conversation(conversation_id)).state is HandoverState.BOT
    assert await stage.texts(conversation_id, Author.OPERATOR) == []
    assert await stage.outbox() == []


async def test_what_the_rules_would_have_said_is_shown_as_withheld(stage: Stage) -> None:
    await stage.hands_over(announce_return="message", auto_return_s=0, silence_s=0)
    conversation_id = await stage.hears()
    await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
    stage.clock.wind(LATER_S)
    done = await stage.ownership.release(conversation_id, by="ana")
    assert done.conversation.state is HandoverState.BOT
    (goodbye,) = [m for m in await stage.messages(conversation_id) if m.author is Author.SYSTEM]
    assert (goodbye.status, goodbye.error) == (MessageStatus.WITHDRAWN, "customer_service_window")


async def test_the_next_message_of_the_customer_opens_it_again(stage: Stage) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(LATER_S)
    await stage.hears("voltei")
    await stage.ownership.reply(conversation_id, "Que bom!", by="ana")
    assert len(await stage.texts(conversation_id, Author.OPERATOR)) == 1
