"""An operator's commands, and the wait for what was claimed before them."""

from __future__ import annotations

import asyncio

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId, HandoverState
from conversation.errors import BadInput, NotFound, NotOwner, Refused
from conversation.message import Author, MessageStatus
from runtime.channel import Outgoing
from runtime.ownership import Ownership
from store import agents, handovers, tables
from tests.house import START, THIS_IS_ANA, Stage, eventually

HUMAN, PENDING, BOT = HandoverState.HUMAN, HandoverState.PENDING, HandoverState.BOT


class Request:
    """The assistant's request on its way, held up at the channel until told."""

    def __init__(self, stage: Stage) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()
        stage.channel.has_signs = False
        stage.channel.during = self._hold

    async def _hold(self, outgoing: Outgoing) -> None:
        self.began.set()
        await self.may_end.wait()


async def answered(stage: Stage) -> ConversationId:
    stage.channel.has_signs = False
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)
    return conversation_id


class TestTaking:
    async def test_it_is_theirs_under_a_new_number_with_what_was_not_sent_withdrawn(self, stage: Stage) -> None:
        conversation_id = await answered(stage)
        done = await stage.ownership.take(conversation_id, by="ana")
        assert (done.conversation.state, done.conversation.owner, done.in_flight) == (HUMAN, "ana", 0)
        assert (done.conversation.ownership, done.conversation.unread) == (1, 0)
        assert [row.state for row in await stage.outbox()] == ["withdrawn"]
        assert (await stage.messages(conversation_id))[-1].status is MessageStatus.WITHDRAWN
        (line,) = await stage.db.read(handovers.log_of, conversation_id)
        assert (line["command"], line["by"], line["before"], line["after"]) == ("take", "ana", "bot", "human")
        facts = (await stage.events(conversation_id))[-1]["metadata"]
        assert facts == {"handover": "take", "state": "human", "by": "ana"}

    async def test_it_waits_for_a_request_under_way_and_then_says_that_none_is(self, stage: Stage) -> None:
        conversation_id = await answered(stage)
        request = Request(stage)
        async with stage.delivering():
            await request.began.wait()
            taking = asyncio.create_task(stage.ownership.take(conversation_id, by="ana"))
            await eventually(lambda: self.is_human(stage, conversation_id))  # committed at once
            assert not taking.done()
            request.may_end.set()
            assert (await taking).in_flight == 0
        assert stage.channel.texts == ["Olá!"]

    async def is_human(self, stage: Stage, conversation_id: ConversationId) -> bool:
        return (await stage.conversation(conversation_id)).state is HUMAN

    async def test_it_answers_all_the_same_when_the_time_is_over_and_says_how_many_are_left(self, stage: Stage) -> None:
        conversation_id = await answered(stage)
        request = Request(stage)
        async with stage.delivering():
            await request.began.wait()
            assert (await stage.ownership.take(conversation_id, by="ana")).in_flight == 1
            request.may_end.set()

    async def test_without_the_wait_it_would_say_that_none_is_under_way(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def no_wait(self: Ownership, **whose: str) -> int:
            return 0

        monkeypatch.setattr(Ownership, "_settled", no_wait)
        conversation_id = await answered(stage)
        request = Request(stage)
        async with stage.delivering():
            await request.began.wait()
            assert (await stage.ownership.take(conversation_id, by="ana")).in_flight == 0
            assert stage.channel.texts == []
            request.may_end.set()
            await stage.sent(1)  # after that answer: a leak

    async def test_the_same_person_again_changes_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        first = await stage.ownership.take(conversation_id, by="ana")
        again = await stage.ownership.take(conversation_id, by="ana")
        assert first.conversation == again.conversation
        assert len(await stage.db.read(handovers.log_of, conversation_id)) == 1

    async def test_another_person_is_told_who_has_it(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        with pytest.raises(NotOwner) as refused:
            await stage.ownership.take(conversation_id, by="ben")
        assert refused.value.owner == "ana"

    async def test_of_many_at_once_one_wins_and_the_others_hear_who(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        names = [f"op{i}" for i in range(8)]
        takes = await asyncio.gather(
            *(stage.ownership.take(conversation_id, by=name) for name in names), return_exceptions=True
        )
        refused = [each for each in takes if isinstance(each, NotOwner)]
        conversation = await stage.conversation(conversation_id)
        assert (len(refused), conversation.ownership) == (7, 1)
        assert {each.owner for each in refused} == {conversation.owner}

    async def test_what_is_not_there_can_not_be_taken(self, stage: Stage) -> None:
        with pytest.raises(NotFound):
            await stage.ownership.take("cnv_nowhere", by="ana")


class TestReplying:
    async def test_it_takes_first_and_leaves_under_the_new_number(self, stage: Stage) -> None:
        conversation_id = await answered(stage)
        done = await stage.ownership.reply(conversation_id, "Sou a Ana.", by="ana")
        assert (done.conversation.state, done.conversation.owner, done.conversation.ownership) == (HUMAN, "ana", 1)
        bot, reply = await stage.outbox()
        assert (bot.state, reply.state, reply.author, reply.ownership) == ("withdrawn", "queued", "operator", 1)
        message = (await stage.messages(conversation_id))[-1]
        assert (message.id, message.author, message.operator) == (done.message_ids[0], Author.OPERATOR, "ana")
        said = (await stage.events(conversation_id))[-1]
        assert (said["text"], said["metadata"]) == ("Sou a Ana.", {"author": "operator", "operator": "ana"})
        async with stage.delivering():
            assert await stage.sent(1) == [THIS_IS_ANA + "Sou a Ana."]

    async def test_who_does_not_have_it_writes_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        with pytest.raises(NotOwner):
            await stage.ownership.reply(conversation_id, "eu também", by="ben")
        assert await stage.rows(tables.outbox) == []
        assert await stage.texts(conversation_id, Author.OPERATOR) == []

    async def test_a_take_that_can_not_be_written_writes_no_reply_either(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await stage.hears()
        monkeypatch.setattr(stage.channel, "render", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await stage.ownership.reply(conversation_id, "oi", by="ana")
        assert (await stage.conversation(conversation_id)).state is BOT

    @pytest.mark.parametrize("text", ["", "  \n"])
    async def test_nothing_is_no_reply(self, stage: Stage, text: str) -> None:
        conversation_id = await stage.hears()
        with pytest.raises(BadInput):
            await stage.ownership.reply(conversation_id, text, by="ana")
        assert (await stage.conversation(conversation_id)).state is BOT


class TestReleasing:
    async def test_what_came_before_is_recorded_and_what_comes_after_is_answered(self, stage: Stage) -> None:
        conversation_id = await stage.hears("um")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.hears("dois")
        done = await stage.ownership.release(conversation_id, by="ana")
        assert (done.conversation.state, done.conversation.owner, done.conversation.ownership) == (BOT, None, 2)
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []
        await stage.hears("tres")
        await stage.all_turns(conversation_id)
        assert [q.text for q in stage.dialogue.asked] == ["tres"]
        assert await stage.heard(conversation_id) == ["um", "dois", "tres"]

    async def test_to_an_assistant_that_is_off_it_waits_for_the_next_person(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        done = await stage.ownership.release(conversation_id, by="ana")
        assert (done.conversation.state, done.conversation.owner) == (PENDING, None)
        assert (await stage.db.read(handovers.log_of, conversation_id))[-1]["reason"] == "agent_inactive"

    async def test_what_the_person_wrote_last_still_leaves(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "Até logo!", by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        async with stage.delivering():
            assert await stage.sent(1) == [THIS_IS_ANA + "Até logo!"]

    async def test_only_who_has_it_or_an_admin(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.ownership.take(conversation_id, by="ana")
        with pytest.raises(NotOwner):
            await stage.ownership.release(conversation_id, by="ben")
        done = await stage.ownership.release(conversation_id, by="ben", force=True)
        assert done.conversation.state is BOT

    async def test_what_nobody_has_can_not_be_given_back(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        with pytest.raises(Refused, match="already has") as refused:
            await stage.ownership.release(conversation_id, by="ana")
        assert refused.value.code == "release_in_bot"


class TestSwitching:
    async def test_an_agent_off_waits_for_its_requests_and_nothing_leaves_after(self, stage: Stage) -> None:
        await answered(stage)
        request = Request(stage)
        async with stage.delivering():
            await request.began.wait()
            switching = asyncio.create_task(stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE))
            await eventually(lambda: self.is_off(stage))
            assert not switching.done()
            request.may_end.set()
            agent, in_flight = await switching
        assert (agent.status, agent.activation, in_flight) == (AgentStatus.INACTIVE, 1, 0)

    async def is_off(self, stage: Stage) -> bool:
        return (await stage.db.read(lambda tx: tx.execute(tables.agents.select()).one())).status == "inactive"

    async def test_what_was_said_before_an_agent_was_off_is_not_sent_when_it_is_on_again(self, stage: Stage) -> None:
        await answered(stage)
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        await stage.ownership.switch_agent("assistant", AgentStatus.ACTIVE)
        async with stage.delivering():
            await eventually(lambda: self.withdrawn(stage))
        assert stage.channel.started == []

    async def withdrawn(self, stage: Stage) -> bool:
        return [row.state for row in await stage.outbox()] == ["withdrawn"]

    async def test_an_account_without_auto_response_sends_nothing_of_the_assistants(self, stage: Stage) -> None:
        await answered(stage)
        account, in_flight = await stage.ownership.change_account(stage.account.id, auto_response=False)
        assert (account.auto_response, account.activation, in_flight) == (False, 1, 0)
        async with stage.delivering():
            await eventually(lambda: self.withdrawn(stage))
        assert stage.channel.started == []

    async def test_an_agent_is_given_to_an_account_by_name(self, stage: Stage) -> None:
        other = await stage.db.write(agents.add, "noite", AgentStatus.ACTIVE, START)
        account, _ = await stage.ownership.change_account(stage.account.id, agent_id="noite")
        assert account.agent_id == other.id
        with pytest.raises(NotFound):
            await stage.ownership.change_account(stage.account.id, agent_id="nobody")
