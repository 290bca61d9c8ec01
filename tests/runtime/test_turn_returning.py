"""Reminders, coming back from a person, and asking for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from conversation.conversation import ConversationId, HandoverState
from store import accounts, mailbox, tables, timers
from store.timers import Change as TimerChange
from tests.house import START, Script, Stage
from tests.runtime.verdicts import verdicts


class TestReminders:
    async def reminded(self, stage: Stage) -> ConversationId:
        """A conversation whose dialogue asked to be reminded in a minute."""
        conversation_id = await stage.hears()
        change = TimerChange(name="r", due_at=START + timedelta(minutes=1), payload={"intent": "EXTERNAL"})
        stage.dialogue.script.append(Script(timers=[change]))
        await stage.all_turns(conversation_id)
        return conversation_id

    async def fall_due(self, stage: Stage, conversation_id: ConversationId) -> None:
        stage.clock.wind(60)
        await stage.db.write(timers.fire, stage.clock.now())
        await stage.all_turns(conversation_id)

    async def test_one_falls_due_and_speaks(self, stage: Stage) -> None:
        conversation_id = await self.reminded(stage)
        stage.dialogue.script.append(Script(says=["Ainda aí?"]))
        await self.fall_due(stage, conversation_id)
        assert [q.mail.payload for q in stage.dialogue.reminded] == [{"intent": "EXTERNAL"}]
        assert (await stage.texts(conversation_id))[-1] == "Ainda aí?"

    async def test_a_cancelled_one_does_not(self, stage: Stage) -> None:
        conversation_id = await self.reminded(stage)
        await stage.hears("esquece")
        stage.dialogue.script.append(Script(timers=[TimerChange(cancels=lambda payload: True)]))
        await stage.all_turns(conversation_id)
        await self.fall_due(stage, conversation_id)
        assert stage.dialogue.reminded == []

    async def test_while_a_person_has_it_one_is_dropped_and_not_saved_up(self, stage: Stage) -> None:
        conversation_id = await self.reminded(stage)
        await stage.ownership.take(conversation_id, by="ana")
        await self.fall_due(stage, conversation_id)
        await stage.ownership.release(conversation_id, by="ana")
        await stage.all_turns(conversation_id)
        assert stage.dialogue.reminded == []
        assert await stage.db.read(mailbox.still_waiting) == 0

    async def test_the_dialogue_of_a_discarded_turn_set_none(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        change = TimerChange(name="r", due_at=START, payload={})
        stage.dialogue.script.append(
            Script(timers=[change], during=lambda: stage.ownership.take(conversation_id, by="ana"))
        )
        await stage.all_turns(conversation_id)
        assert await stage.rows(tables.timers) == []


class TestComingBack:
    async def given_back(self, stage: Stage) -> ConversationId:
        conversation_id = await stage.hears("um")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await stage.all_turns(conversation_id)
        return conversation_id

    async def test_the_next_message_starts_from_the_known_point_and_the_one_after_does_not(self, stage: Stage) -> None:
        conversation_id = await self.given_back(stage)
        await stage.hears("dois")
        await stage.hears("tres")
        await stage.all_turns(conversation_id)
        assert [(q.text, q.return_due) for q in stage.dialogue.asked] == [("dois", True), ("tres", False)]

    async def test_a_reminder_in_between_does_not_use_it_up(self, stage: Stage) -> None:
        conversation_id = await self.given_back(stage)
        await stage.db.write(timers.put, conversation_id, "r", START, {})
        await stage.db.write(timers.fire, START)
        await stage.all_turns(conversation_id)
        assert len(stage.dialogue.reminded) == 1
        await stage.hears("dois")
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked[-1].return_due

    async def test_a_turn_that_fails_does_not_use_it_up(self, stage: Stage) -> None:
        conversation_id = await self.given_back(stage)
        await stage.hears("dois")
        stage.dialogue.script.append(Script(raises=RuntimeError("boom")))
        await stage.turn(conversation_id)
        stage.clock.wind(2)
        await stage.turn(conversation_id)
        assert [q.return_due for q in stage.dialogue.asked] == [True, True]


class TestAskingForAPerson:
    WISH: ClassVar[Any] = [
        {"event": "slot", "name": "handover_request", "value": {"reason": "asked"}, "timestamp": 1.0}
    ]

    async def test_the_assistants_own_goodbye_still_leaves(self, stage: Stage) -> None:
        conversation_id = await stage.hears("quero falar com alguém")
        stage.dialogue.script.append(Script(says=["Vou chamar alguém."], events=self.WISH))
        await stage.all_turns(conversation_id)
        assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
        async with stage.delivering():
            assert await stage.sent(1) == ["Vou chamar alguém."]

    async def test_where_the_account_says_so_nobody_answers_until_a_person_does(self, stage: Stage) -> None:
        await stage.db.write(accounts.change, stage.vault, stage.account.id, while_pending="silent")
        conversation_id = await stage.hears("quero falar com alguém")
        stage.dialogue.script.append(Script(events=self.WISH))
        await stage.all_turns(conversation_id)
        await stage.hears("oi?")
        await stage.all_turns(conversation_id)
        assert (await verdicts(stage, conversation_id))[-1] == ("RECORD", "pending_silent")
