""" "I had already answered her from my phone, and then the bot answered too." """

from __future__ import annotations

from conversation.arrivals import Echo, EchoSource
from conversation.contact import Address, AddressKind
from conversation.conversation import HandoverState
from tests.house import ANA, NUMBER, Script, Stage


def on_the_phone(stage: Stage, text: str) -> Echo:
    return Echo(
        account=NUMBER,
        addresses=(Address(kind=AddressKind.PHONE, value=ANA),),
        provider_id=f"wamid.phone.{text}",
        source=EchoSource.PHONE,
        kind="text",
        sent_at=stage.clock.now(),
        text=text,
    )


async def test_while_the_assistant_was_thinking(stage: Stage) -> None:
    conversation_id = await stage.hears("tem pizza sem glúten?")
    answer = on_the_phone(stage, "tem sim!")
    stage.dialogue.script.append(Script(says=["Não sei."], during=lambda: stage.accept(answer)))
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == []
    assert await stage.heard(conversation_id) == ["tem pizza sem glúten?"]


async def test_before_its_answer_had_left(stage: Stage) -> None:
    stage.channel.has_signs = False
    conversation_id = await stage.hears("tem pizza sem glúten?")
    await stage.all_turns(conversation_id)
    await stage.accept(on_the_phone(stage, "tem sim!"))
    assert [row.state for row in await stage.outbox()] == ["withdrawn"]


async def test_and_not_to_what_the_customer_writes_next(stage: Stage) -> None:
    conversation_id = await stage.hears("tem pizza sem glúten?")
    await stage.accept(on_the_phone(stage, "tem sim!"))
    await stage.hears("ótimo, quero uma")
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == []
    conversation = await stage.conversation(conversation_id)
    assert (conversation.state, conversation.owner) == (HandoverState.HUMAN, "phone")
