""" "Yesterday's request was still in the list today, and the customer had been waiting for nobody." """

from __future__ import annotations

from conversation.conversation import HandoverState
from conversation.handover import RequestState
from conversation.message import Author
from runtime.deadlines import Deadlines
from store import requests
from tests.house import Stage


async def test_it_expires_the_customer_is_told_and_the_assistant_goes_on(stage: Stage) -> None:
    await stage.hands_over(request_ttl_s=3_600, waiting_updates=0)
    conversation_id = await stage.asks_for_a_person()
    channels = {"whatsapp": stage.channel}
    restarted = Deadlines(stage.db, channels, stage.wake, stage.clock, stage.settings)  # type: ignore[arg-type]
    stage.clock.wind(3_600)
    await restarted.look()
    (request,) = await stage.db.read(requests.of_conversation, conversation_id)
    assert request.state is RequestState.EXPIRED
    assert (await stage.conversation(conversation_id)).state is HandoverState.BOT
    assert len(await stage.texts(conversation_id, Author.SYSTEM)) == 1
    await stage.hears("qual o horário?")
    await stage.all_turns(conversation_id)
    assert (await stage.texts(conversation_id))[-1] == "Olá!"
