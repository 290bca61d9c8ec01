"""Commands beside take, reply and release: giving on, ending, putting off, and who is there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import HandoverState, Status
from conversation.errors import BadInput, NotFound, NotOwner, Refused
from conversation.handover import PHONE, Priority, RequestState
from conversation.message import Author
from conversation.people import Assignment, Presence
from store import operators, requests, teams
from tests.house import ANA, BEN, START, Script, Stage

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN


class TestTheNumberItWasDecidedOn:
    async def test_the_loser_of_a_race_hears_who_won(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana", ownership=0)
        with pytest.raises(Refused, match="ana has it") as refused:
            await stage.ownership.take(conversation_id, by="ben", ownership=0)
        assert refused.value.code == "moved"
        assert (await stage.conversation(conversation_id)).owner == "ana"

    async def test_a_reply_written_before_somebody_took_it_is_not_sent(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        with pytest.raises(Refused):
            await stage.ownership.reply(conversation_id, "eu respondo", by="ben", ownership=0)
        assert await stage.texts(conversation_id, Author.OPERATOR) == []


class TestTransfer:
    async def test_to_a_person_who_is_there(self, stage: Stage) -> None:
        await stage.operator("ben")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        done = await stage.ownership.transfer(conversation_id, by="ana", to_operator="ben")
        assert (done.conversation.owner, done.conversation.ownership, done.conversation.last_owner) == ("ben", 2, "ana")

    @pytest.mark.parametrize(("presence", "code"), [(Presence.OFFLINE, "offline"), (None, "unknown_operator")])
    async def test_to_one_who_is_not_is_refused_and_nothing_changes(
        self, stage: Stage, presence: Presence | None, code: str
    ) -> None:
        if presence is not None:
            await stage.operator("ben", presence)
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        with pytest.raises(Refused) as refused:
            await stage.ownership.transfer(conversation_id, by="ana", to_operator="ben")
        assert refused.value.code == code
        assert (await stage.conversation(conversation_id)).owner == "ana"

    async def test_a_supervisor_may_force_it_on_somebody_offline(self, stage: Stage) -> None:
        await stage.operator("ben", Presence.OFFLINE)
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        done = await stage.ownership.transfer(conversation_id, by="chefe", to_operator="ben", force=True)
        assert done.conversation.owner == "ben"

    async def test_to_a_team_is_its_queue_and_the_customer_hears_that_another_person_comes(self, stage: Stage) -> None:
        team = await stage.db.write(teams.add, "cozinha", Assignment.HAND, START)
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        done = await stage.ownership.transfer(conversation_id, by="ana", to_team="cozinha", note="é sobre o pedido")
        assert (done.conversation.state, done.conversation.owner, done.conversation.team_id) == (PENDING, None, team.id)
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert (request.state, request.reason, request.team_id) == (RequestState.PENDING, "transferred", team.id)
        (told,) = await stage.texts(conversation_id, Author.SYSTEM)
        assert told is not None and told.startswith("Outra pessoa da equipe")

    async def test_to_both_or_to_nobody_is_no_transfer(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        with pytest.raises(BadInput):
            await stage.ownership.transfer(conversation_id, by="ana")
        with pytest.raises(NotFound):
            await stage.ownership.transfer(conversation_id, by="ana", to_team="nenhuma")

    async def test_somebody_elses_is_theirs(self, stage: Stage) -> None:
        await stage.operator("ben")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        with pytest.raises(NotOwner):
            await stage.ownership.transfer(conversation_id, by="ben", to_operator="ben")


class TestRequests:
    async def test_who_approves_has_it(self, stage: Stage) -> None:
        conversation_id = await stage.asks_for_a_person(priority="high")
        request = await stage.db.read(requests.waiting, conversation_id)
        assert request is not None and request.priority is Priority.HIGH
        done = await stage.ownership.approve(request.id, by="ana")
        assert (done.conversation.state, done.conversation.owner) == (HUMAN, "ana")
        ended = await stage.db.read(requests.get, request.id)
        assert (ended.state, ended.ended_by) == (RequestState.APPROVED, "ana")

    async def test_rejected_the_assistant_goes_on_and_the_customer_is_told(self, stage: Stage) -> None:
        await stage.hands_over(other_ways={"pt": "Ligue para (11) 5555-0120."})
        conversation_id = await stage.asks_for_a_person()
        request = await stage.db.read(requests.waiting, conversation_id)
        assert request is not None
        done = await stage.ownership.reject(request.id, by="ana", note="sem gente")
        assert (done.conversation.state, done.conversation.ownership) == (BOT, 0)
        (told,) = await stage.texts(conversation_id, Author.SYSTEM)
        assert told == "Nossa equipe não consegue atender agora. Ligue para (11) 5555-0120."
        await stage.hears("e o cardápio?")
        await stage.all_turns(conversation_id)
        assert (await stage.texts(conversation_id))[-1] == "Olá!"

    async def test_rejected_while_the_assistant_is_off_it_stays_in_the_queue(self, stage: Stage) -> None:
        conversation_id = await stage.asks_for_a_person()
        request = await stage.db.read(requests.waiting, conversation_id)
        assert request is not None
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        done = await stage.ownership.reject(request.id, by="ana")
        assert (done.conversation.state, done.conversation.nobody_answers) == (PENDING, True)

    @pytest.mark.parametrize("order", ["approve", "reject"])
    async def test_a_request_that_is_over_is_over(self, stage: Stage, order: str) -> None:
        conversation_id = await stage.asks_for_a_person()
        request = await stage.db.read(requests.waiting, conversation_id)
        assert request is not None
        await stage.ownership.take(conversation_id, by="ana")
        with pytest.raises(Refused) as refused:
            await getattr(stage.ownership, order)(request.id, by="ben")
        assert refused.value.code == "request_answered"

    async def test_an_account_that_hands_nothing_over_records_the_wish(self, stage: Stage) -> None:
        await stage.hands_over(enabled=False)
        conversation_id = await stage.asks_for_a_person()
        assert (await stage.conversation(conversation_id)).state is BOT
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert (request.state, request.reason) == (RequestState.REJECTED, "asked")
        assert stage.dialogue.asked[-1].metadata["handoff"] == "off"

    async def test_asking_again_more_urgently_makes_the_one_request_more_urgent(self, stage: Stage) -> None:
        conversation_id = await stage.asks_for_a_person()
        await stage.asks_for_a_person(reason="anger", priority="urgent")
        await stage.asks_for_a_person()
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert request.priority is Priority.URGENT


class TestEnding:
    async def test_closed_it_is_nobodys_and_what_was_waiting_is_recorded(self, stage: Stage) -> None:
        conversation_id = await stage.hears("primeira")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.hears("segunda")
        done = await stage.ownership.close(conversation_id, by="ana")
        assert (done.conversation.status, done.conversation.state, done.conversation.owner) == (
            Status.CLOSED,
            BOT,
            None,
        )
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []
        assert await stage.heard(conversation_id) == ["primeira", "segunda"]

    async def test_a_turn_under_way_when_it_is_closed_says_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears()

        async def close() -> None:
            await stage.ownership.close(conversation_id, by="ana")

        stage.dialogue.script.append(Script(says=["tarde demais"], during=close))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []

    async def test_who_writes_after_the_end_is_answered_from_the_known_point(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.close(conversation_id, by="ana")
        await stage.all_turns(conversation_id)
        await stage.hears("voltei")
        assert (await stage.conversation(conversation_id)).status is Status.OPEN
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked[-1].return_due
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def test_who_writes_again_soon_finds_the_person_they_had_if_that_person_is_there(self, stage: Stage) -> None:
        await stage.operator("ana")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.resolve(conversation_id, by="ana")
        stage.clock.wind(600)
        await stage.hears("mais uma coisa")
        conversation = await stage.conversation(conversation_id)
        assert (conversation.state, conversation.owner, conversation.status) == (HUMAN, "ana", Status.OPEN)
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []

    @pytest.mark.parametrize("gone", ["later", "offline"])
    async def test_else_the_assistant(self, stage: Stage, gone: str) -> None:
        await stage.operator("ana")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.resolve(conversation_id, by="ana")
        if gone == "offline":
            await stage.ownership.set_presence("ana", Presence.OFFLINE)
        stage.clock.wind(7_200 if gone == "later" else 60)
        await stage.hears("mais uma coisa")
        assert (await stage.conversation(conversation_id)).state is BOT

    async def test_who_writes_after_the_end_while_the_assistant_is_off_is_in_the_queue(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.close(conversation_id, by="ana")
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        await stage.hears("tem alguém?")
        conversation = await stage.conversation(conversation_id)
        assert (conversation.state, conversation.nobody_answers) == (PENDING, True)

    async def test_reopened(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.resolve(conversation_id, by="ana")
        done = await stage.ownership.reopen(conversation_id, by="ana")
        assert (done.conversation.state, done.conversation.status) == (BOT, Status.OPEN)
        with pytest.raises(Refused) as refused:
            await stage.ownership.reopen(conversation_id, by="ana")
        assert refused.value.code == "reopen_in_bot"


class TestRating:
    async def test_it_is_asked_for_at_the_end_and_the_number_is_not_answered(self, stage: Stage) -> None:
        await stage.hands_over(ask_rating=True)
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "pronto!", by="ana")
        await stage.ownership.resolve(conversation_id, by="ana")
        assert await stage.texts(conversation_id, Author.SYSTEM) == [
            "De 1 a 5, que nota você dá para este atendimento?"
        ]
        await stage.hears("nota 5!")
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []
        assert (await stage.texts(conversation_id, Author.SYSTEM))[-1] == "Obrigado pela nota!"
        await stage.hears("5")
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def test_not_outside_the_window(self, stage: Stage) -> None:
        await stage.hands_over(ask_rating=True)
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        stage.clock.wind(25 * 3600)
        await stage.ownership.resolve(conversation_id, by="ana")
        assert await stage.texts(conversation_id, Author.SYSTEM) == []


class TestSnoozing:
    async def test_it_wakes_by_itself_and_stays_with_its_owner(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.snooze(conversation_id, by="ana", until=START + timedelta(hours=2))
        await stage.later(3_600)
        assert (await stage.conversation(conversation_id)).status is Status.SNOOZED
        await stage.later(3_600)
        conversation = await stage.conversation(conversation_id)
        assert (conversation.status, conversation.owner, conversation.snoozed_until) == (Status.OPEN, "ana", None)

    async def test_the_customer_wakes_it(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.snooze(conversation_id, by="ana", until=START + timedelta(hours=2))
        await stage.hears("e então?")
        assert (await stage.conversation(conversation_id)).status is Status.OPEN

    async def test_not_into_the_past_and_not_what_one_does_not_have(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        with pytest.raises(BadInput):
            await stage.ownership.snooze(conversation_id, by="ana", until=START)
        with pytest.raises(Refused, match="Take it first"):
            await stage.ownership.snooze(conversation_id, by="ana", until=START + timedelta(hours=1))


class TestWhoIsThere:
    async def test_who_goes_offline_gives_all_they_have_to_the_queue(self, stage: Stage) -> None:
        await stage.operator("ana")
        mine, other = await stage.hears(phone=ANA), await stage.hears(phone=BEN)
        await stage.ownership.take(mine, by="ana")
        await stage.ownership.take(other, by="ben")
        await stage.ownership.set_presence("ana", Presence.OFFLINE)
        given, kept = await stage.conversation(mine), await stage.conversation(other)
        assert (given.state, given.owner, given.last_owner) == (PENDING, None, "ana")
        assert (kept.state, kept.owner) == (HUMAN, "ben")
        assert (await stage.log(mine))[-1] == ("vanish", "ana", "human", "pending")

    async def test_so_does_who_is_removed(self, stage: Stage) -> None:
        await stage.operator("ana")
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.remove_operator("ana")
        assert (await stage.conversation(conversation_id)).state is PENDING
        assert await stage.db.read(operators.find, "ana") is None

    async def test_who_takes_is_there(self, stage: Stage) -> None:
        await stage.operator("ana", Presence.OFFLINE)
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        assert (await stage.db.read(operators.get, "ana")).presence is Presence.ONLINE

    async def test_what_the_phone_has_anybody_may_take(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by=PHONE)
        done = await stage.ownership.take(conversation_id, by="ana")
        assert (done.conversation.owner, done.conversation.ownership) == ("ana", 2)


async def test_one_button_silences_every_assistant(stage: Stage) -> None:
    conversation_id = await stage.hears()
    silenced, in_flight = await stage.ownership.silence_all(by="ana")
    assert ([agent.status for agent in silenced], in_flight) == ([AgentStatus.INACTIVE], 0)
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == []
    assert (await stage.conversation(conversation_id)).state is PENDING  # and people are asked for
    assert await stage.ownership.silence_all(by="ana") == ([], 0)


async def test_the_last_message_may_be_left_to_the_assistant(stage: Stage) -> None:
    conversation_id = await stage.hears("qual o horário?")
    await stage.ownership.take(conversation_id, by="ana")
    await stage.all_turns(conversation_id)
    await stage.ownership.release(conversation_id, by="ana", answer_last=True)
    await stage.all_turns(conversation_id)
    assert [question.text for question in stage.dialogue.asked] == ["qual o horário?"]
    assert await stage.texts(conversation_id) == ["A assistente virtual está de volta.\n\nOlá!"]
