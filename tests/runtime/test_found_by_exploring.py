"""What `bench explore` found: each was a way by which a customer was left with nobody."""

from __future__ import annotations

from conversation.agent import AgentStatus
from conversation.conversation import HandoverState
from conversation.deadlines import Deadline
from conversation.handover import Command, RequestState
from conversation.people import Presence, Role
from runtime.situation import read_situation
from store import deadlines, handovers, mailbox, operators, people, requests
from tests.house import Stage, eventually


async def switch(stage: Stage, status: AgentStatus) -> None:
    await stage.ownership.switch_agent(stage.agent.name, status)


async def test_an_answer_withdrawn_because_the_assistant_was_switched_off_asks_for_a_person(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.turn(conversation_id)
    await switch(stage, AgentStatus.INACTIVE)

    async with stage.delivering():
        request = await eventually(lambda: stage.db.read(requests.waiting, conversation_id), "a request")

    conversation = await stage.conversation(conversation_id)
    assert request.reason == "answer_withdrawn"
    assert (conversation.state, conversation.nobody_answers) == (HandoverState.PENDING, True)
    assert "Olá!" not in stage.channel.texts


async def test_and_so_it_does_when_the_assistant_is_on_again_by_then(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.turn(conversation_id)
    await switch(stage, AgentStatus.INACTIVE)
    await switch(stage, AgentStatus.ACTIVE)

    async with stage.delivering():
        await eventually(lambda: stage.db.read(requests.waiting, conversation_id), "a request")

    assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
    assert stage.channel.texts == []


async def test_an_answer_that_left_asks_for_nobody(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.turn(conversation_id)

    async with stage.delivering():
        await stage.sent(1)

    assert await stage.db.read(requests.of_conversation, conversation_id) == []


async def test_a_message_is_not_put_away_as_unanswerable_once_the_assistant_is_on_again(stage: Stage) -> None:
    await switch(stage, AgentStatus.INACTIVE)
    conversation_id = await stage.hears()
    seen_while_off = await stage.db.read(read_situation, conversation_id, stage.clock.now())
    assert seen_while_off is not None
    await switch(stage, AgentStatus.ACTIVE)

    assert not await stage.db.write(stage.turns._record, seen_while_off)

    assert await stage.db.read(mailbox.lowest_waiting, conversation_id, stage.clock.now()) is not None
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == ["Olá!"]


async def test_who_approves_a_request_for_themselves_is_there_from_then_on(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.db.write(operators.add, "ana", Role.OPERATOR, stage.clock.now())
    await stage.db.write(people.set_presence, "ana", Presence.OFFLINE, stage.clock.now())
    await stage.ownership.request(conversation_id, by="ana")
    request = await stage.db.read(requests.waiting, conversation_id)
    assert request is not None

    await stage.ownership.approve(request.id, by="ana")

    assert (await stage.conversation(conversation_id)).owner == "ana"
    assert (await stage.db.read(operators.get, "ana")).presence is Presence.ONLINE


async def test_a_wish_taken_back_does_not_lead_to_an_assistant_that_may_not_speak(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.ownership.request(conversation_id, by="ana")
    await switch(stage, AgentStatus.INACTIVE)

    done = await stage.ownership.cancel(conversation_id, by="ana")

    assert (done.conversation.state, done.conversation.nobody_answers) == (HandoverState.PENDING, True)


async def test_a_request_that_ends_where_all_else_stays_is_logged_and_its_expiry_goes(stage: Stage) -> None:
    await switch(stage, AgentStatus.INACTIVE)
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)
    request = await stage.db.read(requests.waiting, conversation_id)
    assert request is not None

    await stage.ownership.reject(request.id, by="ana")

    log = await stage.db.read(handovers.log_of, conversation_id)
    assert [entry["command"] for entry in log][-1] == Command.REJECT.value
    assert (await stage.db.read(requests.get, request.id)).state is RequestState.REJECTED
    assert Deadline.EXPIRY not in await stage.db.read(deadlines.of_conversation, conversation_id)
