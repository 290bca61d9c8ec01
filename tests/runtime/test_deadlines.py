"""What the rules do by themselves; each a row, so that a restart changes nothing."""

from __future__ import annotations

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId, HandoverState
from conversation.deadlines import Deadline
from conversation.handover import PHONE, RequestState
from conversation.message import Author
from conversation.people import Assignment, Presence
from runtime.deadlines import Deadlines
from store import deadlines, operators, people, requests, teams
from tests.house import ANA, BEN, CLARA, START, Stage

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN
#: START is a Monday at nine in São Paulo.
CLOSED_NOW = {"monday": ["14:00-18:00"], "tuesday": ["09:00-18:00"]}


async def due(stage: Stage, conversation_id: ConversationId) -> dict[Deadline, float]:
    """In seconds from now."""
    found = await stage.db.read(deadlines.of_conversation, conversation_id)
    return {kind: (at - stage.clock.now()).total_seconds() for kind, at in found.items()}


class TestWaiting:
    async def test_who_waits_is_told_that_they_are_not_forgotten_a_few_times(self, stage: Stage) -> None:
        await stage.hands_over(waiting_update_s=600, waiting_updates=2, request_ttl_s=0)
        conversation_id = await stage.asks_for_a_person()
        for _ in range(5):
            await stage.later(600)
        told = await stage.texts(conversation_id, Author.SYSTEM)
        assert told == ["Não esquecemos de você. Você é a próxima pessoa da fila."] * 2

    async def test_their_place_in_the_queue_is_said_in_the_answer(self, stage: Stage) -> None:
        for phone in (BEN, CLARA):
            await stage.asks_for_a_person(phone=phone)
            stage.clock.wind(1)
        conversation_id = await stage.asks_for_a_person()
        assert await stage.texts(conversation_id) == ["Vou chamar alguém. Há 2 pessoas na sua frente."]

    async def test_in_closed_hours_when_the_team_is_back(self, stage: Stage) -> None:
        await stage.hands_over(hours=CLOSED_NOW)
        conversation_id = await stage.asks_for_a_person()
        assert await stage.texts(conversation_id) == ["Vou chamar alguém. Nosso atendimento volta hoje às 14:00."]

    async def test_in_their_language(self, stage: Stage) -> None:
        await stage.hands_over(hours=CLOSED_NOW, language="en")
        conversation_id = await stage.asks_for_a_person()
        assert await stage.texts(conversation_id) == ["Vou chamar alguém. Our team is back today at 14:00."]

    async def test_nobody_is_told_of_waiting_in_the_night(self, stage: Stage) -> None:
        await stage.hands_over(hours=CLOSED_NOW, waiting_update_s=600)
        conversation_id = await stage.asks_for_a_person()
        await stage.later(3_600)
        assert await stage.texts(conversation_id, Author.SYSTEM) == []
        await stage.later(4 * 3_600 + 600)
        assert await stage.texts(conversation_id, Author.SYSTEM) == [
            "Não esquecemos de você. Você é a próxima pessoa da fila."
        ]

    async def test_a_request_that_nobody_takes_expires_after_open_hours_and_the_assistant_goes_on(
        self, stage: Stage
    ) -> None:
        await stage.hands_over(hours=CLOSED_NOW, request_ttl_s=3_600, waiting_updates=0)
        conversation_id = await stage.asks_for_a_person()
        await stage.later(5 * 3_600)
        assert (await stage.conversation(conversation_id)).state is PENDING
        await stage.later(3_600)
        assert (await stage.conversation(conversation_id)).state is BOT
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert (request.state, request.ended_by) == (RequestState.EXPIRED, "timer")
        (told,) = await stage.texts(conversation_id, Author.SYSTEM)
        assert told is not None and told.startswith("Desculpe, ninguém da equipe")

    async def test_never_to_an_assistant_that_is_switched_off(self, stage: Stage) -> None:
        await stage.hands_over(request_ttl_s=3_600, waiting_updates=0)
        conversation_id = await stage.asks_for_a_person()
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        await stage.later(3_600)
        conversation = await stage.conversation(conversation_id)
        assert (conversation.state, conversation.nobody_answers) == (PENDING, True)
        await stage.later(1)
        (told,) = await stage.texts(conversation_id, Author.SYSTEM)
        assert told is not None and told.startswith("Recebemos a sua mensagem")

    async def test_while_the_assistant_is_off_a_message_asks_for_a_person_and_the_customer_is_told_once(
        self, stage: Stage
    ) -> None:
        await stage.hands_over(waiting_updates=0)
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        await stage.hears("oi?")
        await stage.all_turns(conversation_id)
        for _ in range(3):
            await stage.later(60)
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert request.reason == "agent_inactive"
        assert await stage.texts(conversation_id, Author.SYSTEM) == [
            "Recebemos a sua mensagem, e alguém da equipe vai responder. Você é a próxima pessoa da fila."
        ]

    async def test_or_not_where_the_account_does_not_want_that(self, stage: Stage) -> None:
        await stage.hands_over(off_opens_request=False)
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        conversation = await stage.conversation(conversation_id)
        assert (conversation.state, conversation.unread) == (BOT, 1)


class TestAnOwnerWhoIsSilent:
    async def test_the_clock_runs_only_while_the_last_word_is_the_customers(self, stage: Stage) -> None:
        await stage.hands_over(silence_s=600)
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
        assert Deadline.SILENCE not in await due(stage, conversation_id)
        await stage.hears("e o pedido?")
        assert await due(stage, conversation_id) == {Deadline.SILENCE: 600}
        stage.clock.wind(300)
        await stage.hears("alô?")
        assert await due(stage, conversation_id) == {Deadline.SILENCE: 300}
        await stage.ownership.reply(conversation_id, "já vai", by="ana")
        assert Deadline.SILENCE not in await due(stage, conversation_id)

    @pytest.mark.parametrize(("to", "state"), [("queue", PENDING), ("assistant", BOT)])
    async def test_it_goes_where_the_account_says(self, stage: Stage, to: str, state: HandoverState) -> None:
        await stage.hands_over(silence_s=600, silence_to=to)
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
        await stage.hears("e o pedido?")
        await stage.later(599)
        assert (await stage.conversation(conversation_id)).state is HUMAN
        await stage.later(1)
        assert (await stage.conversation(conversation_id)).state is state

    async def test_one_who_took_it_from_the_assistant_and_says_nothing_loses_it_too(self, stage: Stage) -> None:
        await stage.hands_over(silence_s=600)
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.later(600)
        assert (await stage.conversation(conversation_id)).state is PENDING

    async def test_never_to_an_assistant_that_is_switched_off(self, stage: Stage) -> None:
        await stage.hands_over(silence_s=600, silence_to="assistant")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        await stage.later(600)
        assert (await stage.conversation(conversation_id)).state is PENDING

    async def test_long_after_the_last_word_the_assistant_has_it_again(self, stage: Stage) -> None:
        await stage.hands_over(auto_return_s=3_600)
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "até logo", by="ana")
        await stage.later(3_599)
        assert (await stage.conversation(conversation_id)).state is HUMAN
        await stage.later(1)
        assert (await stage.log(conversation_id))[-1] == ("return", "timer", "human", "bot")

    async def test_so_has_it_what_was_answered_on_the_phone(self, stage: Stage) -> None:
        await stage.hands_over(phone_return_s=3_600)
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by=PHONE)
        await stage.hears("obrigada")
        await stage.later(3_600)
        assert (await stage.conversation(conversation_id)).state is BOT


async def test_new_settings_hold_for_those_who_wait_already(stage: Stage) -> None:
    await stage.hands_over(silence_s=0, auto_return_s=0)
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ana")
    assert await due(stage, conversation_id) == {}
    await stage.hands_over(silence_s=600)
    assert await due(stage, conversation_id) == {Deadline.SILENCE: 600}


class TestWhoIsGone:
    async def test_one_who_was_not_seen_for_long_is_not_there_and_has_nothing(self, stage: Stage) -> None:
        await stage.operator("ana")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.later(stage.settings.vanish_s - 1)
        assert (await stage.conversation(conversation_id)).owner == "ana"
        await stage.later(11)
        assert (await stage.conversation(conversation_id)).state is PENDING
        assert (await stage.db.read(operators.get, "ana")).presence is Presence.OFFLINE

    async def test_one_who_was_seen_is_there(self, stage: Stage) -> None:
        await stage.operator("ana")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        for _ in range(3):
            await stage.later(stage.settings.vanish_s / 2)
            await stage.db.write(people.seen, "ana", stage.clock.now())
        assert (await stage.conversation(conversation_id)).owner == "ana"


class TestGiving:
    async def team(self, stage: Stage, mode: Assignment, *names: str) -> None:
        await stage.db.write(teams.add, "atendimento", mode, START)
        for name in names:
            await stage.operator(name)
            await stage.db.write(teams.join, "atendimento", name)
        await stage.hands_over(team="atendimento")

    async def owners(self, stage: Stage) -> list[str | None]:
        asked = []
        for n in range(4):
            asked.append(await stage.asks_for_a_person(phone=f"55118000000{n}"))
            await stage.later(1)
        return [(await stage.conversation(each)).owner for each in asked]

    async def test_round_robin_gives_one_after_the_other(self, stage: Stage) -> None:
        await self.team(stage, Assignment.ROUND_ROBIN, "ana", "ben")
        assert await self.owners(stage) == ["ana", "ben", "ana", "ben"]

    async def test_a_team_that_is_full_is_a_queue(self, stage: Stage) -> None:
        await self.team(stage, Assignment.LEAST_BUSY, "ana")
        await stage.db.write(people.set_capacity, "ana", 2)
        assert await self.owners(stage) == ["ana", "ana", None, None]

    async def test_by_hand_nobody_is_given_anything(self, stage: Stage) -> None:
        await self.team(stage, Assignment.HAND, "ana")
        assert await self.owners(stage) == [None] * 4


async def test_two_who_look_at_once_do_it_once(stage: Stage) -> None:
    await stage.hands_over(request_ttl_s=600, waiting_updates=0)
    conversation_id = await stage.asks_for_a_person()
    channels = {"whatsapp": stage.channel}
    other = Deadlines(stage.db, channels, stage.wake, stage.clock, stage.settings)  # type: ignore[arg-type]
    stage.clock.wind(600)
    for each in (stage.deadlines, other):
        await each.look()
    assert [line[0] for line in await stage.log(conversation_id)] == ["request", "expire"]


async def test_a_deadline_of_one_who_answers_meanwhile_does_nothing(stage: Stage) -> None:
    await stage.hands_over(silence_s=600)
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ana")
    stage.clock.wind(600)
    await stage.ownership.reply(conversation_id, "aqui estou", by="ana")
    await stage.deadlines.look()
    assert (await stage.conversation(conversation_id)).owner == "ana"


async def test_what_is_told_outside_the_window_is_withheld_and_shown(stage: Stage) -> None:
    await stage.hands_over(hours={"thursday": ["09:00-18:00"]}, waiting_update_s=600)
    conversation_id = await stage.asks_for_a_person(phone=ANA)
    await stage.later(3 * 24 * 3_600 + 600)
    (message,) = [m for m in await stage.messages(conversation_id) if m.author is Author.SYSTEM]
    assert (message.status.value, message.error) == ("withdrawn", "customer_service_window")
    assert [row.author for row in await stage.outbox()] == ["bot"]
