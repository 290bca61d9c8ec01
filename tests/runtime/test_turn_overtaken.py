"""Whoever moves while the dialogue thinks: its answer is thrown away, the customer's words are kept once."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId
from conversation.handover import Command
from runtime import turn as turn_module
from store import agents, handovers, tables, trackers
from tests.house import START, THIS_IS_ANA, Script, Stage
from tests.runtime.verdicts import verdicts


class TestWhileItThinks:
    """Whatever happens between the question and the commit, the answer is thrown away and the words are kept once."""

    def when_thinking(self, stage: Stage, do: Any) -> None:
        stage.dialogue.script.append(Script(says=["tarde demais"], during=do))

    async def discarded_and_recorded(self, stage: Stage, conversation_id: ConversationId, reason: str) -> None:
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []
        assert await stage.rows(tables.outbox) == []
        assert await stage.heard(conversation_id) == ["oi"]
        assert await verdicts(stage, conversation_id) == [("RECORD", reason)]
        assert stage.dialogue.forgotten == [conversation_id]

    async def test_a_take(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.take(conversation_id, by="ana"))
        await self.discarded_and_recorded(stage, conversation_id, "human_owns")
        assert (await stage.conversation(conversation_id)).owner == "ana"

    async def test_a_reply(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.reply(conversation_id, "sou a Ana", by="ana"))
        await stage.all_turns(conversation_id)
        assert [row.body["text"] for row in await stage.outbox()] == [THIS_IS_ANA + "sou a Ana"]
        assert await stage.heard(conversation_id) == ["oi"]

    async def test_a_take_and_a_release_during_one_turn(self, stage: Stage) -> None:
        conversation_id = await stage.hears()

        async def take_and_release() -> None:
            await stage.ownership.take(conversation_id, by="ana")
            await stage.ownership.release(conversation_id, by="ana")

        self.when_thinking(stage, take_and_release)
        await self.discarded_and_recorded(stage, conversation_id, "seen_by_person")

    async def test_the_agent_is_switched_off(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE))
        await self.discarded_and_recorded(stage, conversation_id, "agent_inactive")

    async def test_auto_response_is_switched_off(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.change_account(stage.account.id, auto_response=False))
        await self.discarded_and_recorded(stage, conversation_id, "auto_response_off")

    async def test_the_agent_is_switched_off_and_on_again(self, stage: Stage) -> None:
        conversation_id = await stage.hears()

        async def off_and_on() -> None:
            await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
            await stage.ownership.switch_agent("assistant", AgentStatus.ACTIVE)

        self.when_thinking(stage, off_and_on)
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]  # asked anew; what was said before is gone
        (row,) = await stage.outbox()
        assert row.agent_activation == 2
        assert await stage.heard(conversation_id) == ["oi"]

    async def test_another_agent_is_put_in_charge(self, stage: Stage) -> None:
        other = await stage.db.write(agents.add, "noite", AgentStatus.ACTIVE, START)
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.change_account(stage.account.id, agent_id=other.id))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert (await stage.outbox())[0].agent_id == other.id

    async def test_somebody_else_appends_to_the_tracker(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        event = {"event": "slot", "name": "x", "value": 1, "timestamp": 1.0}
        self.when_thinking(stage, lambda: stage.db.write(trackers.append, conversation_id, [event], now=START))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert [e["event"] for e in await stage.events(conversation_id)] == ["slot", "user", "bot"]

    async def test_another_message_of_the_customer_changes_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.hears("e mais"))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["tarde demais", "Olá!"]

    async def test_without_the_fence_the_answer_would_be_queued_after_a_take(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(turn_module, "still_ours", lambda *_: True)
        conversation_id = await stage.hears()

        async def take_unnoticed_by_the_tracker() -> None:
            await stage.db.write(
                handovers.command, conversation_id, Command.TAKE, by="ana", now=START, in_tracker=False
            )

        self.when_thinking(stage, take_unnoticed_by_the_tracker)
        await stage.turn(conversation_id)
        (row,) = await stage.outbox()
        assert row.body["text"] == "tarde demais"
        assert row.ownership == (await stage.conversation(conversation_id)).ownership  # and nothing would stop it
