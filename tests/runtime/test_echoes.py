"""An answer on the phone takes the conversation, a word gives it back; another app's thread is not ours to write in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conversation.arrivals import Arrival, Echo, EchoSource, ThreadControl
from conversation.contact import Address, AddressKind
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.handover import PHONE, Command
from conversation.handover_settings import Announce, HandoverSettings
from conversation.message import Author, Direction, Message, MessageStatus
from runtime import echoes
from runtime.channel import Outgoing
from runtime.turn import Step
from store import (
    accounts,
    agents,
    conversations,
    handovers,
    mailbox,
    messages,
    notices,
    requests,
    tables,
    webhook_events,
)
from store.outbox import OutboxState
from tests.house import ANA, BEN, NUMBER, Script, Stage, eventually

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN
WORD = "#volta"


class Phone:
    """The owner's own phone, and the other app on the same number."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._count = 0

    def echo(self, text: str | None = "Sou eu, a Lu.", *, to: str = ANA, ago_s: float = 0, **given: Any) -> Echo:
        self._count += 1
        made: dict[str, Any] = {
            "account": NUMBER,
            "addresses": (Address(kind=AddressKind.PHONE, value=to),),
            "provider_id": f"wamid.echo.{self._count}",
            "source": EchoSource.PHONE,
            "kind": "text",
            "sent_at": self._stage.clock.now() - timedelta(seconds=ago_s),
            "text": text,
        }
        return Echo(**{**made, **given})

    async def answers(self, text: str | None = "Sou eu, a Lu.", **given: Any) -> Echo:
        echo = self.echo(text, **given)
        await self._stage.accept(echo)
        return echo

    def control(self, holder: str | None, *, ago_s: float = 0, key: str | None = None, **given: Any) -> ThreadControl:
        self._count += 1
        return ThreadControl(
            account=NUMBER,
            addresses=(Address(kind=AddressKind.PHONE, value=ANA),),
            holder=holder,
            at=self._stage.clock.now() - timedelta(seconds=ago_s),
            key=key or f"control.{self._count}",
            **given,
        )


@pytest.fixture
def phone(stage: Stage) -> Phone:
    return Phone(stage)


async def set_handover(stage: Stage, **settings: Any) -> None:
    made = HandoverSettings(**settings)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, handover=made)


async def standing(stage: Stage, conversation_id: ConversationId) -> tuple[HandoverState, str | None, int]:
    conversation = await stage.conversation(conversation_id)
    return conversation.state, conversation.owner, conversation.ownership


async def only(stage: Stage) -> Conversation:
    (listed,) = await stage.db.read(conversations.listed)
    return listed.conversation


async def last(stage: Stage, conversation_id: ConversationId) -> Message:
    return (await stage.messages(conversation_id))[-1]


async def told(stage: Stage, kind: str) -> list[dict[str, Any]]:
    return [notice["facts"] for notice in await stage.db.read(notices.after, 0) if notice["kind"] == kind]


async def asked_for(stage: Stage) -> ConversationId:
    """A customer who waits for a person."""
    conversation_id = await stage.hears("quero uma pessoa")
    await stage.all_turns(conversation_id)
    await stage.db.write(handovers.command, conversation_id, Command.REQUEST, by="assistant", now=stage.clock.now())
    return conversation_id


class TestTakingOver:
    async def test_it_is_the_phones_and_what_was_said_is_there_for_all_to_see(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        echo = await phone.answers("Já vou!", reply_to="wamid.in.1", content={"new_key": 1})
        assert await standing(stage, conversation_id) == (HUMAN, PHONE, 1)
        message = await last(stage, conversation_id)
        assert (message.direction, message.author, message.operator) == (Direction.OUTBOUND, Author.OPERATOR, "phone")
        assert (message.status, message.provider_id) == (MessageStatus.SENT, echo.provider_id)
        assert (message.kind, message.text, message.content) == ("text", "Já vou!", {"new_key": 1})
        assert (message.at, message.sent_at) == (echo.sent_at, echo.sent_at)
        said, change = (await stage.events(conversation_id))[-2:]
        assert (said["text"], said["metadata"]) == ("Já vou!", {"author": "operator", "operator": "phone"})
        assert change["metadata"] == {"handover": "echo", "state": "human", "by": "phone"}
        assert (await told(stage, "message"))[-1] == {"message": message.id, "direction": "outbound"}
        assert (await told(stage, "handover"))[-1]["owner"] == "phone"

    async def test_what_the_customer_wrote_before_is_recorded_and_not_answered(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers()
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []
        assert await stage.heard(conversation_id) == ["oi"]

    async def test_an_answer_in_thought_is_thrown_away(self, stage: Stage, phone: Phone) -> None:
        stage.dialogue.script.append(Script(during=phone.answers))
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        assert len(stage.dialogue.asked) == 1
        assert await stage.texts(conversation_id) == []
        assert await stage.outbox() == []
        assert (await stage.messages(conversation_id))[0].reason == "human_owns"

    async def test_an_answer_that_has_not_left_is_withdrawn(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        await phone.answers()
        assert [row.state for row in await stage.outbox()] == [OutboxState.WITHDRAWN.value]
        async with stage.delivering():
            await stage.ownership.reply(conversation_id, "da mesa", by="ana")
            (sent,) = await stage.sent(1)
            assert sent.endswith("da mesa")

    async def test_it_does_not_wait_for_a_request_under_way(self, stage: Stage, phone: Phone) -> None:
        began, may_end = asyncio.Event(), asyncio.Event()

        async def hold(outgoing: Outgoing) -> None:
            began.set()
            await may_end.wait()

        stage.channel.has_signs, stage.channel.during = False, hold
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        async with stage.delivering():
            await began.wait()
            await phone.answers()
            assert (await standing(stage, conversation_id))[0] is HUMAN
            assert [row.state for row in await stage.outbox()] == [OutboxState.CLAIMED.value]
            may_end.set()

    async def test_whoever_waited_for_a_person_has_one(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await asked_for(stage)
        await phone.answers()
        assert await standing(stage, conversation_id) == (HUMAN, PHONE, 1)
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert request.state.value == "answered"

    async def test_somebody_she_writes_to_first_is_hers_from_the_start(self, stage: Stage, phone: Phone) -> None:
        await phone.answers("Sua encomenda chegou", to=BEN, name="Ben")
        conversation = await only(stage)
        assert (conversation.state, conversation.owner, conversation.unread) == (HUMAN, PHONE, 0)
        await stage.hears("obrigado!", phone=BEN)
        await stage.all_turns(conversation.id)
        assert stage.dialogue.asked == []

    async def test_an_operator_who_has_it_keeps_it(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await stage.ownership.take(conversation_id, by="ana")
        await phone.answers()
        assert await standing(stage, conversation_id) == (HUMAN, "ana", 1)
        assert (await last(stage, conversation_id)).operator == "phone"

    @pytest.mark.parametrize("end", ["close", "resolve"])
    async def test_what_is_done_with_is_not_taken_over(self, stage: Stage, phone: Phone, end: str) -> None:
        conversation_id = await stage.hears("oi")
        await getattr(stage.ownership, end)(conversation_id, by="ana")
        before = await stage.conversation(conversation_id)
        stage.clock.wind(60)
        await phone.answers("Até amanhã!")
        assert await stage.conversation(conversation_id) == before
        assert before.status in (Status.CLOSED, Status.RESOLVED)
        assert (await last(stage, conversation_id)).text == "Até amanhã!"

    async def test_a_nod_is_kept_and_is_no_answer(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers("👍", kind="reaction", reply_to="wamid.in.1")
        assert (await standing(stage, conversation_id))[0] is BOT
        assert (await last(stage, conversation_id)).kind == "reaction"
        assert await stage.events(conversation_id) == []

    @pytest.mark.parametrize("text", [None, "o cardápio"])
    async def test_a_picture_is_an_answer(self, stage: Stage, phone: Phone, text: str | None) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers(text, kind="image", content={"id": "9"})
        assert (await standing(stage, conversation_id))[0] is HUMAN
        assert (await stage.events(conversation_id))[0]["text"] == text

    async def test_one_of_an_account_nobody_knows_is_kept_once(self, stage: Stage, phone: Phone) -> None:
        echo = phone.echo(account="999")
        await stage.accept(echo, echo)
        (event,) = await stage.db.read(webhook_events.latest)
        assert (event["kind"], event["body"]["text"]) == ("unknown_account", "Sou eu, a Lu.")


class TestRepetitions:
    async def test_five_of_the_same_at_once_are_one(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        echo = phone.echo()
        await asyncio.gather(*(stage.accept(echo) for _ in range(5)))
        assert len(await stage.messages(conversation_id)) == 2
        assert len(await stage.db.read(handovers.log_of, conversation_id)) == 1

    async def test_without_the_keys_the_same_five_are_five(
        self, stage: Stage, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mailbox, "first_time", lambda *_: True)
        monkeypatch.setattr(echoes, "settles_ours", lambda *_: False)
        conversation_id = await stage.hears("oi")
        echo = phone.echo()
        await asyncio.gather(*(stage.accept(echo) for _ in range(5)))
        assert len(await stage.messages(conversation_id)) == 6

    async def test_one_that_comes_again_after_the_return_does_not_take_over_again(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("oi")
        echo = await phone.answers()
        await stage.ownership.release(conversation_id, by="ana")
        await stage.accept(echo)
        assert (await standing(stage, conversation_id))[0] is BOT


class TestOurOwn:
    async def test_one_with_the_id_of_a_message_of_ours_only_tells_that_it_was_sent(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        async with stage.delivering():
            await stage.sent(1)
            await eventually(lambda: accepted(stage, conversation_id))
        ours = await last(stage, conversation_id)
        await phone.answers(ours.text, provider_id=ours.provider_id)
        assert (await standing(stage, conversation_id))[0] is BOT
        assert len(await stage.messages(conversation_id)) == 2
        assert (await last(stage, conversation_id)).status is MessageStatus.SENT

    async def test_one_that_names_our_row_is_the_witness_of_a_send_nobody_was_sure_of(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id, row_id = await self.sent_into_the_dark(stage)
        await phone.answers("Olá!", opaque=str(row_id), provider_id="wamid.seen", source=EchoSource.APP)
        (row,) = await stage.outbox()
        message = await last(stage, conversation_id)
        assert (row.state, message.status) == (OutboxState.SENT.value, MessageStatus.SENT)
        assert message.provider_id == "wamid.seen"
        assert (await standing(stage, conversation_id))[0] is BOT
        assert (await stage.conversation(conversation_id)).thread_owner is None

    async def test_a_number_another_app_sent_along_to_somebody_else_is_not_our_row(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id, row_id = await self.sent_into_the_dark(stage)
        await phone.answers("Hi", to=BEN, opaque=str(row_id), source=EchoSource.APP)
        assert [row.state for row in await stage.outbox()] == [OutboxState.UNKNOWN.value]
        assert (await last(stage, conversation_id)).provider_id is None

    async def test_nor_is_one_whose_message_has_another_id(self, stage: Stage, phone: Phone) -> None:
        conversation_id, row_id = await self.sent_into_the_dark(stage)
        await stage.report("wamid.known", MessageStatus.DELIVERED, opaque=str(row_id))
        await phone.answers("Hi", opaque=str(row_id), source=EchoSource.APP)
        assert (await last(stage, conversation_id)).operator == "app"

    @pytest.mark.parametrize("opaque", ["²", "9" * 40, "-1", "", "x", "0"])
    async def test_whatever_stands_where_our_number_should_be_is_survived(
        self, stage: Stage, phone: Phone, opaque: str
    ) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers(opaque=opaque)
        assert (await standing(stage, conversation_id))[0] is HUMAN

    async def sent_into_the_dark(self, stage: Stage) -> tuple[ConversationId, int]:
        """An answer of which nobody knows whether it was sent."""
        stage.channel.has_signs = False
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        (row,) = await stage.outbox()
        await stage.db.write(
            lambda tx: tx.execute(tables.outbox.update().values(state="unknown", settled_at=stage.clock.now()))
        )
        await stage.db.write(messages.set_status, row.message_id, MessageStatus.UNKNOWN)
        return conversation_id, row.id


def noted(order: list[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **kwargs: Any) -> Any:
        order.append(name)
        return function(*args, **kwargs)

    return called


async def accepted(stage: Stage, conversation_id: ConversationId) -> bool:
    return (await last(stage, conversation_id)).status is MessageStatus.ACCEPTED


class TestReturnWord:
    @pytest.fixture(autouse=True)
    async def set(self, stage: Stage) -> None:
        await set_handover(stage, return_word=WORD)

    @pytest.mark.parametrize("typed", [WORD, "  #VOLTA\n"])
    async def test_it_gives_back_and_the_next_message_is_answered(self, stage: Stage, phone: Phone, typed: str) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers("Sou a Lu, pode falar.")
        stage.clock.wind(10)
        await stage.hears("era só isso")
        stage.clock.wind(10)
        await phone.answers(typed)
        assert await standing(stage, conversation_id) == (BOT, None, 2)
        assert (await last(stage, conversation_id)).text == typed
        line = (await stage.db.read(handovers.log_of, conversation_id))[-1]
        assert (line["command"], line["by"], line["reason"]) == ("release", "phone", "return_word")
        stage.clock.wind(10)
        await stage.hears("vocês abrem amanhã?")
        await stage.all_turns(conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["vocês abrem amanhã?"]
        assert stage.dialogue.asked[0].return_due
        assert len(await stage.texts(conversation_id)) == 1

    async def test_it_gives_back_what_waits_for_a_person_too(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await asked_for(stage)
        await phone.answers(WORD)
        assert (await standing(stage, conversation_id))[0] is BOT
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert request.state.value == "cancelled"

    async def test_it_does_not_give_back_what_an_operator_has(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await stage.ownership.take(conversation_id, by="ana")
        await phone.answers(WORD)
        assert await standing(stage, conversation_id) == (HUMAN, "ana", 1)
        assert (await last(stage, conversation_id)).text == WORD

    async def test_it_takes_nothing_over(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers(WORD)
        assert await standing(stage, conversation_id) == (BOT, None, 0)
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def test_an_assistant_that_is_switched_off_is_given_nothing(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers()
        await stage.ownership.change_account(stage.account.id, auto_response=False)
        await phone.answers(WORD)
        assert (await standing(stage, conversation_id))[0] is PENDING

    @pytest.mark.parametrize(
        "given", [{"text": WORD + "!"}, {"text": WORD, "kind": "image"}, {"text": "Eu disse " + WORD}]
    )
    async def test_other_words_take_over(self, stage: Stage, phone: Phone, given: dict[str, Any]) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers(**given)
        assert (await standing(stage, conversation_id))[0] is HUMAN

    async def test_another_app_can_not_say_it(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers()
        await phone.answers(WORD, source=EchoSource.APP)
        assert await standing(stage, conversation_id) == (HUMAN, PHONE, 2)

    async def test_without_a_word_set_it_is_an_answer(self, stage: Stage, phone: Phone) -> None:
        await set_handover(stage, return_word=None)
        conversation_id = await stage.hears("oi")
        await phone.answers(WORD)
        assert (await standing(stage, conversation_id))[0] is HUMAN

    async def test_where_the_account_says_so_the_customer_hears_it_at_once(self, stage: Stage, phone: Phone) -> None:
        await set_handover(stage, return_word=WORD, announce_return=Announce.MESSAGE)
        conversation_id = await stage.hears("oi")
        await phone.answers()
        await phone.answers(WORD)
        assert (await last(stage, conversation_id)).author is Author.SYSTEM

    async def test_account_and_agent_are_locked_before_any_conversation(
        self, stage: Stage, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Or it would wait for one who switches them off, behind one who waits for the conversation."""
        order: list[str] = []
        for place, name in ((accounts, "lock_shared"), (agents, "lock_shared"), (conversations, "find_or_add")):
            monkeypatch.setattr(place, name, noted(order, f"{place.__name__}.{name}", getattr(place, name)))
        await stage.accept(stage.inbound("oi", phone=BEN), phone.echo(), phone.echo(WORD))
        assert order[:3] == [
            "store.accounts.lock_shared",
            "store.agents.lock_shared",
            "store.conversations.find_or_add",
        ]

    async def test_an_answer_sent_before_it_and_told_after_it_does_not_take_over(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers()
        stage.clock.wind(30)
        await phone.answers(WORD, ago_s=10)
        await phone.answers("Tchau!", ago_s=12)
        assert (await standing(stage, conversation_id))[0] is BOT

    async def test_an_answer_sent_after_it_takes_over_though_it_was_heard_of_late(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers()
        stage.clock.wind(30)
        await phone.answers(WORD, ago_s=10)
        await phone.answers("Ah, mais uma coisa", ago_s=8)
        assert (await standing(stage, conversation_id))[0] is HUMAN

    async def test_one_told_after_a_later_answer_gives_nothing_back(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        stage.clock.wind(30)
        await phone.answers("Voltei!", ago_s=2)
        await phone.answers(WORD, ago_s=10)
        assert await standing(stage, conversation_id) == (HUMAN, PHONE, 1)


class TestLateAndOld:
    GUARDS = ("_is_before_the_end", "_is_automatic")

    async def given_back(self, stage: Stage, phone: Phone) -> ConversationId:
        conversation_id = await stage.hears("oi")
        await phone.answers()
        stage.clock.wind(60.25)
        await stage.ownership.release(conversation_id, by="ana")
        stage.clock.wind(5)
        return conversation_id

    @pytest.mark.parametrize("guard", [True, False], ids=["guarded", "unguarded"])
    async def test_one_sent_before_the_return_does_not_take_over_again(
        self, stage: Stage, phone: Phone, guard: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not guard:
            monkeypatch.setattr(echoes, "_is_before_the_end", lambda *_: False)
        conversation_id = await self.given_back(stage, phone)
        await phone.answers("atrasada", ago_s=20)
        assert (await standing(stage, conversation_id))[0] is (BOT if guard else HUMAN)
        assert (await last(stage, conversation_id)).text == "atrasada"

    async def test_one_sent_after_it_does(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await self.given_back(stage, phone)
        await phone.answers("de novo eu")
        assert (await standing(stage, conversation_id))[0] is HUMAN

    async def test_one_sent_in_the_second_of_it_does_as_metas_times_are_whole_seconds(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await self.given_back(stage, phone)
        returned_at = (await stage.conversation(conversation_id)).last_owned_at
        assert returned_at is not None and returned_at.microsecond
        await phone.answers("no mesmo segundo", sent_at=returned_at.replace(microsecond=0))
        assert (await standing(stage, conversation_id))[0] is HUMAN

    async def test_one_that_comes_hours_late_is_of_somebody_who_has_left(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers("de ontem", ago_s=4 * 3600)
        assert (await standing(stage, conversation_id))[0] is BOT
        await phone.answers("de hoje", ago_s=4 * 3600 - 1)
        assert (await standing(stage, conversation_id))[0] is HUMAN

    async def test_who_never_gives_back_by_time_may_be_as_late_as_that(self, stage: Stage, phone: Phone) -> None:
        await set_handover(stage, phone_return_s=0.0)
        conversation_id = await stage.hears("oi")
        await phone.answers("de ontem", ago_s=86_400)
        assert (await standing(stage, conversation_id))[0] is HUMAN


class TestAutomations:
    AWAY = "Estamos fechados. Voltamos às 9h."

    async def away(self, stage: Stage, phone: Phone, customer: str, after_s: float = 1) -> HandoverState:
        """A customer writes, and so soon after it the same words come back; who answers then."""
        conversation_id = await stage.hears("oi", phone=customer)
        stage.clock.wind(after_s)
        await phone.answers(self.AWAY, to=customer)
        return (await standing(stage, conversation_id))[0]

    async def test_the_same_words_at_once_another_time_are_not_a_person(self, stage: Stage, phone: Phone) -> None:
        assert await self.away(stage, phone, ANA) is HUMAN
        assert await self.away(stage, phone, BEN) is BOT
        (ben,) = await stage.db.read(conversations.listed, address=BEN)
        assert (await last(stage, ben.conversation.id)).text == self.AWAY
        await stage.all_turns(ben.conversation.id)
        assert await stage.texts(ben.conversation.id) == ["Olá!"]

    async def test_without_the_rule_they_silence_the_assistant(
        self, stage: Stage, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(echoes, "AUTOMATION_S", -1.0)
        assert await self.away(stage, phone, ANA) is HUMAN
        assert await self.away(stage, phone, BEN) is HUMAN

    async def test_the_same_words_typed_later_are_a_person(self, stage: Stage, phone: Phone) -> None:
        await self.away(stage, phone, ANA)
        assert await self.away(stage, phone, BEN, after_s=3) is HUMAN

    async def test_other_words_at_once_are_a_person_who_was_typing_already(self, stage: Stage, phone: Phone) -> None:
        await self.away(stage, phone, ANA)
        conversation_id = await stage.hears("oi", phone=BEN)
        await phone.answers("Oi Ben, a sua está pronta", to=BEN)
        assert (await standing(stage, conversation_id))[0] is HUMAN


class TestStandby:
    async def test_what_another_app_is_told_is_recorded_and_not_answered(self, stage: Stage) -> None:
        conversation_id = await stage.hears("para o outro", standby=True)
        await stage.all_turns(conversation_id)
        (message,) = await stage.messages(conversation_id)
        assert (message.verdict, message.reason) == ("RECORD", "thread_elsewhere")
        assert await stage.heard(conversation_id) == ["para o outro"]
        assert stage.dialogue.asked == []
        conversation = await stage.conversation(conversation_id)
        assert (conversation.thread_owner, conversation.state) == ("app", BOT)

    async def test_it_stays_recorded_though_the_thread_is_ours_again_when_its_turn_comes(self, stage: Stage) -> None:
        conversation_id = await stage.hears("para o outro", standby=True)
        stage.clock.wind(5)
        await stage.hears("para nós")
        await stage.all_turns(conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["para nós"]

    async def test_a_button_in_it_orders_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears("Sim", kind="button", choice="b_1", standby=True)
        assert (await last(stage, conversation_id)).kind == "text"

    async def test_another_apps_words_are_kept_as_its_and_take_nothing_over(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await phone.answers("Sou outro robô", source=EchoSource.APP)
        assert (await standing(stage, conversation_id))[:2] == (BOT, None)
        message = await last(stage, conversation_id)
        assert (message.author, message.operator) == (Author.OPERATOR, "app")
        assert (await stage.conversation(conversation_id)).thread_owner == "app"
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []


Evidence = Callable[[Stage, Phone], Arrival]
GOES: dict[str, Evidence] = {
    "an event": lambda stage, phone: phone.control("600"),
    "a message in standby": lambda stage, phone: stage.inbound("e agora?", standby=True),
    "another app's words": lambda stage, phone: phone.echo("Oi", source=EchoSource.APP),
}
goes = pytest.mark.parametrize("evidence", GOES.values(), ids=GOES)


class TestThreadControl:
    @goes
    async def test_an_answer_in_thought_is_thrown_away(self, stage: Stage, phone: Phone, evidence: Evidence) -> None:
        stage.dialogue.script.append(Script(during=lambda: stage.accept(evidence(stage, phone))))
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []
        assert (await stage.messages(conversation_id))[0].reason == "thread_elsewhere"

    @goes
    async def test_an_answer_that_has_not_left_is_withdrawn(
        self, stage: Stage, phone: Phone, evidence: Evidence
    ) -> None:
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        await stage.accept(evidence(stage, phone))
        assert [row.state for row in await stage.outbox()] == [OutboxState.WITHDRAWN.value]
        assert (await stage.conversation(conversation_id)).state is BOT

    async def test_without_the_number_moving_the_answer_in_thought_would_be_said(
        self, stage: Stage, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change = conversations.change

        def unmoved(tx: Any, conversation_id: ConversationId, **values: Any) -> None:
            values.pop("ownership", None)
            change(tx, conversation_id, **values)

        monkeypatch.setattr(conversations, "change", unmoved)
        stage.dialogue.script.append(Script(during=lambda: stage.accept(phone.control("600"))))
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def test_what_waits_when_it_goes_is_not_answered_when_it_comes_back(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await stage.accept(phone.control("600"), phone.control(None))
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []

    async def test_operators_are_told_who_may_write_and_why(self, stage: Stage, phone: Phone) -> None:
        await stage.hears("oi")
        at = stage.clock.now().isoformat()
        await stage.accept(phone.control("600"), phone.control(None, metadata="quer uma pessoa"))
        assert await told(stage, "thread") == [
            {"holder": "600", "metadata": None, "at": at},
            {"holder": None, "metadata": "quer uma pessoa", "at": at},
        ]

    async def test_a_person_who_has_it_keeps_it_and_so_does_one_who_waits(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await asked_for(stage)
        await stage.accept(phone.control("600"))
        assert (await standing(stage, conversation_id))[0] is PENDING
        await stage.ownership.take(conversation_id, by="ana")
        await stage.accept(phone.control(None))
        assert (await standing(stage, conversation_id))[:2] == (HUMAN, "ana")

    async def test_the_next_message_that_meta_gives_us_is_answered_from_the_known_point(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("oi")
        await stage.accept(phone.control("600"))
        stage.clock.wind(5)
        await stage.hears("ainda estão aí?")
        await stage.all_turns(conversation_id)
        (question,) = stage.dialogue.asked
        assert (question.text, question.return_due) == ("ainda estão aí?", True)

    async def test_a_message_written_before_it_went_and_told_after_it_is_not_ours_to_answer(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        stage.clock.wind(10)
        await stage.accept(phone.control("600"))
        await stage.hears("de antes", sent_at=stage.clock.now() - timedelta(seconds=5))
        await stage.all_turns(conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["oi"]

    async def test_a_message_in_standby_of_the_second_it_came_back_does_not_send_it_away_again(
        self, stage: Stage, phone: Phone
    ) -> None:
        conversation_id = await stage.hears("quero uma pessoa", standby=True)
        await stage.accept(phone.control(None))
        await stage.accept(stage.inbound("quero mesmo", standby=True))
        assert (await stage.conversation(conversation_id)).thread_owner is None

    async def test_an_event_that_comes_after_a_later_one_changes_nothing(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await stage.accept(phone.control(None))
        await stage.accept(phone.control("600", ago_s=5))
        assert (await stage.conversation(conversation_id)).thread_owner is None

    async def test_the_same_event_again_is_not_told_again(self, stage: Stage, phone: Phone) -> None:
        await stage.hears("oi")
        event = phone.control("600", key="k")
        await asyncio.gather(*(stage.accept(event) for _ in range(3)))
        assert len(await told(stage, "thread")) == 1

    async def test_names_longer_than_there_is_room_for_are_cut(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await stage.accept(phone.control("x" * 500, metadata="y" * 5000))
        assert (await stage.conversation(conversation_id)).thread_owner == "x" * 80
        assert len((await told(stage, "thread"))[0]["metadata"]) == 300

    async def test_one_of_an_account_nobody_knows_is_kept(self, stage: Stage, phone: Phone) -> None:
        event = phone.control("600")
        object.__setattr__(event, "account", "999")
        await stage.accept(event)
        (kept,) = await stage.db.read(webhook_events.latest)
        assert (kept["kind"], kept["body"]["holder"]) == ("unknown_account", "600")

    async def test_while_it_is_elsewhere_a_turn_says_nothing(self, stage: Stage, phone: Phone) -> None:
        conversation_id = await stage.hears("oi")
        await stage.accept(phone.control("600"))
        assert await stage.turn(conversation_id) is Step.TAKEN
        assert stage.dialogue.asked == []
