"""Several short messages that follow each other become one turn, and each stays its own once nobody may answer."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.arrivals import Edited, Removed
from conversation.conversation import ConversationId
from runtime import points
from runtime.actors import Actors
from runtime.situation import read_situation
from runtime.turn import Step
from store import accounts, buttons, gathering, mailbox, tables, tracker_rows
from store.buttons import Button
from tests import services
from tests.house import DEADLINE_S, NUMBER, Script, Stage, add_account
from tests.runtime.verdicts import verdicts

WINDOW_S = 4.0


@pytest.fixture(autouse=True)
async def joins(stage: Stage) -> None:
    await window(stage, WINDOW_S)


async def window(stage: Stage, seconds: float) -> None:
    settings = replace(stage.account.channel_settings, join_within_s=seconds)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=settings)


async def says(stage: Stage, *texts: str, pause_s: float = 1.0, **given: Any) -> ConversationId:
    """One after the other; the assistant looks at each as it comes."""
    for text in texts:
        conversation_id = await stage.hears(text, **given)
        await stage.all_turns(conversation_id)
        stage.clock.wind(pause_s)
    return conversation_id


async def the_window_closes(stage: Stage, conversation_id: ConversationId, seconds: float = WINDOW_S) -> None:
    stage.clock.wind(seconds)
    await stage.all_turns(conversation_id)


async def waiting(stage: Stage) -> list[ConversationId]:
    """Those that a look of the actors would find."""
    found = await stage.db.read(mailbox.conversations_waiting, stage.clock.now(), stage.holder)
    return [each.conversation_id for each in found]


class TestTogether:
    async def test_three_texts_are_one_turn_one_answer_and_one_event_of_three_lines(self, stage: Stage) -> None:
        conversation_id = await says(stage, "oi", "quero", "uma pizza")
        assert stage.dialogue.asked == []
        assert await waiting(stage) == []
        await the_window_closes(stage, conversation_id)
        assert await stage.heard(conversation_id) == ["oi\nquero\numa pizza"]
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert await verdicts(stage, conversation_id) == [("ANSWER", "may_answer")] * 3
        assert [m.intent for m in await stage.messages(conversation_id)][:3] == ["greet"] * 3
        first, second, third = await stage.rows(tables.mailbox)
        assert [mail.state for mail in (first, second, third)] == ["done"] * 3
        assert (first.answered_with, second.answered_with, third.answered_with) == (None, first.id, first.id)
        (question,) = stage.dialogue.asked
        assert question.metadata["joined"].split() == [str(mail.message_id) for mail in (first, second, third)]

    @services.sqlite_only
    async def test_the_window_opens_anew_with_each_and_is_over_to_the_moment(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi")
        assert await stage.turn(conversation_id) is Step.GATHERING
        stage.clock.wind(WINDOW_S - 0.001)
        await stage.hears("tudo bem?")
        stage.clock.wind(0.001)
        assert await stage.turn(conversation_id) is Step.GATHERING
        stage.clock.wind(WINDOW_S - 0.002)
        assert await stage.turn(conversation_id) is Step.EMPTY
        stage.clock.wind(0.001)
        assert await waiting(stage) == [conversation_id]
        assert await stage.turn(conversation_id) is Step.TAKEN

    @services.sqlite_only
    async def test_whoever_waits_for_it_looks_again_at_that_moment(self, stage: Stage) -> None:
        told: list[float] = []
        stage.turns.look_again = told.append
        await says(stage, "oi", pause_s=1.0)
        assert told == [WINDOW_S]
        actors = Actors(stage.db, stage.turns, stage.wake, stage.clock, stage.settings, stage.holder)
        actors._freed.clear()
        stage.turns.look_again(0.0)
        await asyncio.wait_for(actors._freed.wait(), DEADLINE_S)

    @services.sqlite_only
    async def test_who_goes_on_writing_is_answered_after_four_windows(self, stage: Stage) -> None:
        began = stage.clock.now()
        while not stage.dialogue.asked:
            await says(stage, "e mais", pause_s=WINDOW_S / 2)
            assert (stage.clock.now() - began).total_seconds() <= 4.5 * WINDOW_S
        assert stage.dialogue.asked[0].text.count("e mais") == 9

    @services.sqlite_only
    async def test_what_came_far_apart_is_not_joined_though_nobody_was_there_to_answer(self, stage: Stage) -> None:
        await stage.hears("oi")
        stage.clock.wind(WINDOW_S + 1)
        conversation_id = await stage.hears("alguém?")
        await the_window_closes(stage, conversation_id)
        assert await stage.heard(conversation_id) == ["oi", "alguém?"]

    @services.sqlite_only
    async def test_a_long_text_is_waited_for_nothing_after(self, stage: Stage) -> None:
        conversation_id = await says(stage, "oi", "x" * 201)
        assert await stage.heard(conversation_id) == ["oi\n" + "x" * 201]

    @services.sqlite_only
    async def test_a_choice_ends_it_at_once_and_is_answered_by_itself_after_what_came_before(
        self, stage: Stage
    ) -> None:
        conversation_id = await says(stage, "oi", "então")
        chosen = Button(token="b1", title="Sim", payload="/affirm")
        await stage.db.write(buttons.add, conversation_id, [chosen], stage.clock.now())
        await says(stage, "Sim", kind="button", choice="b1")
        assert [question.text for question in stage.dialogue.asked] == ["oi\nentão", "/affirm"]

    @services.sqlite_only
    async def test_files_in_between_are_recorded_first_and_the_words_around_them_joined(self, stage: Stage) -> None:
        conversation_id = await says(stage, "olha")
        await says(stage, "a foto", kind="image")
        await says(stage, "é esta")
        await the_window_closes(stage, conversation_id)
        assert await stage.heard(conversation_id) == ["a foto", "olha\né esta"]
        assert len(stage.dialogue.asked) == 1

    @services.sqlite_only
    async def test_what_was_taken_back_is_left_out_and_what_was_written_anew_is_read_as_it_is_now(
        self, stage: Stage
    ) -> None:
        await says(stage, "um", provider_id="w1")
        await says(stage, "segredo", provider_id="w2")
        conversation_id = await says(stage, "tres", provider_id="w3")
        address, at = stage.inbound().addresses, stage.clock.now()
        await stage.accept(
            Removed(account=NUMBER, addresses=address, provider_id="w2", at=at),
            Edited(account=NUMBER, addresses=address, provider_id="w3", text="três", number=1, at=at),
        )
        await the_window_closes(stage, conversation_id)
        assert await stage.heard(conversation_id) == ["um\ntrês"]

    async def test_what_is_taken_back_after_the_answer_leaves_the_history_with_the_words_around_it(
        self, stage: Stage
    ) -> None:
        await says(stage, "oi", provider_id="w1")
        conversation_id = await says(stage, "segredo", provider_id="w2")
        await the_window_closes(stage, conversation_id)
        (said,) = [event for event in await stage.events(conversation_id) if event["event"] == "user"]
        await stage.db.write(_give_it_its_id, conversation_id, {**said, "message_id": "w1"})
        removal = Removed(account=NUMBER, addresses=stage.inbound().addresses, provider_id="w2", at=stage.clock.now())
        await stage.accept(removal)
        assert "segredo" not in str(await stage.events(conversation_id))

    async def test_with_the_window_off_each_is_a_turn_of_its_own_and_none_waits(self, stage: Stage) -> None:
        await window(stage, 0.0)
        await stage.hears("um")
        conversation_id = await stage.hears("dois")
        await stage.all_turns(conversation_id)
        assert await stage.heard(conversation_id) == ["um", "dois"]
        assert all("joined" not in question.metadata for question in stage.dialogue.asked)


def _give_it_its_id(tx: Any, conversation_id: str, event: dict[str, Any]) -> None:
    table = tables.tracker_events
    this = (table.c.sender_id == conversation_id, table.c.type == "user")
    tx.execute(table.update().where(*this).values(event=tracker_rows.encode(event)))


class TestWhoMaySpeak:
    async def test_a_take_while_the_window_is_open_has_each_recorded_at_once_by_itself(self, stage: Stage) -> None:
        await stage.operator("ana")
        conversation_id = await says(stage, "oi", "tudo bem?")
        await stage.ownership.take(conversation_id, by="ana")
        assert await waiting(stage) == [conversation_id]
        await stage.all_turns(conversation_id)
        assert await stage.heard(conversation_id) == ["oi", "tudo bem?"]
        assert await verdicts(stage, conversation_id) == [("RECORD", "human_owns")] * 2
        assert stage.dialogue.asked == []

    @services.sqlite_only
    async def test_a_take_between_the_look_and_the_waiting_is_not_waited_over(self, stage: Stage) -> None:
        await stage.operator("ana")
        conversation_id = await stage.hears("oi")
        seen = await stage.db.read(read_situation, conversation_id, stage.clock.now())
        await stage.ownership.take(conversation_id, by="ana")
        assert seen is not None and seen.until is not None
        assert not await stage.db.write(stage.turns._wait, seen, seen.until)
        assert await waiting(stage) == [conversation_id]

    async def test_a_take_while_it_thinks_throws_the_answer_away_and_splits_it(self, stage: Stage) -> None:
        await stage.operator("ana")
        conversation_id = await says(stage, "oi", "tudo bem?")

        async def take() -> None:
            await stage.ownership.take(conversation_id, by="ana")

        stage.dialogue.script.append(Script(during=take))
        await the_window_closes(stage, conversation_id)
        assert await stage.heard(conversation_id) == ["oi", "tudo bem?"]
        assert await verdicts(stage, conversation_id) == [("RECORD", "human_owns")] * 2

    @services.sqlite_only
    async def test_an_assistant_that_is_switched_off_answers_none_and_nothing_waits(self, stage: Stage) -> None:
        conversation_id = await says(stage, "oi", "tudo bem?")
        await stage.ownership.switch_agent(stage.agent.id, AgentStatus.INACTIVE)
        assert await waiting(stage) == [conversation_id]
        await stage.all_turns(conversation_id)
        await stage.ownership.switch_agent(stage.agent.id, AgentStatus.ACTIVE)
        await says(stage, "agora sim")
        await the_window_closes(stage, conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["agora sim"]
        assert (await verdicts(stage, conversation_id))[:2] == [("RECORD", "agent_inactive")] * 2

    @services.sqlite_only
    async def test_an_account_that_is_switched_off_ends_the_windows_of_its_own_conversations_only(
        self, stage: Stage
    ) -> None:
        conversation_id = await says(stage, "oi")
        joins = replace(stage.account.channel_settings, join_within_s=WINDOW_S)
        other = await stage.db.write(add_account, stage.vault, stage.agent, "100000000000077", channel_settings=joins)
        await stage.ownership.change_account(other.id, active=False)
        assert await waiting(stage) == []
        await stage.ownership.change_account(stage.account.id, active=False)
        assert await waiting(stage) == [conversation_id]


class TestWhenItFails:
    async def test_it_is_tried_twice_together_then_each_alone_and_only_the_poisonous_one_is_parked(
        self, stage: Stage
    ) -> None:
        conversation_id = await says(stage, "bom", "veneno", "dia")
        stage.dialogue.answer = _poisoned(stage)  # type: ignore[method-assign]
        for _ in range(10):
            await the_window_closes(stage, conversation_id, 60)
        assert [q.text for q in stage.dialogue.asked][:3] == ["bom\nveneno\ndia", "bom\nveneno\ndia", "bom"]
        assert await verdicts(stage, conversation_id) == [
            ("ANSWER", "may_answer"),
            ("RECORD", "parked"),
            ("ANSWER", "may_answer"),
        ]
        assert await stage.heard(conversation_id) == ["bom", "veneno", "dia"]

    @pytest.mark.parametrize("place", [points.BEGUN, points.IN_TURN, points.IN_COMMIT])
    async def test_a_process_that_ends_leaves_all_of_it_to_the_next_which_answers_once(
        self, stage: Stage, place: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await says(stage, "oi", "tudo bem?")
        stage.clock.wind(WINDOW_S)
        await _end_the_process_at(stage, place, conversation_id, monkeypatch)
        assert [mail.under_way for mail in await stage.rows(tables.mailbox)] == [True, True]
        await the_window_closes(stage, conversation_id)
        assert await stage.heard(conversation_id) == ["oi\ntudo bem?"]
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert [mail.crashes for mail in await stage.rows(tables.mailbox)] == [1, 1]

    @services.sqlite_only
    async def test_a_process_that_ends_on_it_twice_has_each_tried_alone(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await says(stage, "oi", "tudo bem?")
        stage.clock.wind(WINDOW_S)
        for _ in range(2):
            await _end_the_process_at(stage, points.BEGUN, conversation_id, monkeypatch)
        await stage.all_turns(conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["oi", "tudo bem?"]

    @services.sqlite_only
    @pytest.mark.parametrize("tries", [1, 2])
    async def test_however_few_tries_there_are_one_is_alone(
        self, stage: Stage, tries: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stage.turns, "_settings", replace(stage.settings, tries=tries))
        conversation_id = await says(stage, "oi", "tudo bem?")
        stage.clock.wind(WINDOW_S)
        for _ in range(2):
            await _end_the_process_at(stage, points.BEGUN, conversation_id, monkeypatch)
        await _end_the_process_at(stage, points.BEGUN, conversation_id, monkeypatch)
        await stage.all_turns(conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["tudo bem?"]
        assert [mail.state for mail in await stage.rows(tables.mailbox)] == ["parked", "done"]

    async def test_one_of_them_that_is_not_ours_any_more_is_not_answered_with_the_others(self, stage: Stage) -> None:
        conversation_id = await says(stage, "oi", "tudo bem?")

        async def another_begins_the_second() -> None:
            _, second = await stage.rows(tables.mailbox)
            await stage.db.write(
                lambda tx: tx.execute(
                    tables.mailbox.update().where(tables.mailbox.c.id == second.id).values(begins=second.begins + 1)
                )
            )

        stage.dialogue.script.append(Script(says=["não"], during=another_begins_the_second))
        await the_window_closes(stage, conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def test_without_its_fence_it_would_be(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gathering, "finish_with", lambda *_: True)
        conversation_id = await says(stage, "oi", "tudo bem?")
        await the_window_closes(stage, conversation_id)
        assert await stage.heard(conversation_id) == ["oi\ntudo bem?", "tudo bem?"]


def _poisoned(stage: Stage) -> Any:
    answer = stage.dialogue.answer

    async def answer_or_fail(question: Any) -> Any:
        if "veneno" in question.text:
            stage.dialogue.script.appendleft(Script(raises=RuntimeError("boom")))
        return await answer(question)

    return answer_or_fail


class _Ended(BaseException):
    """The process ends here, and writes nothing any more."""


async def _end_the_process_at(
    stage: Stage, place: str, conversation_id: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(name: str, where: str) -> None:
        if name == place:
            raise _Ended

    with monkeypatch.context() as patched, contextlib.suppress(_Ended):
        patched.setattr(points, "hook", end)
        patched.setattr(mailbox, "put_back", lambda *_: None)
        await stage.turn(conversation_id)
