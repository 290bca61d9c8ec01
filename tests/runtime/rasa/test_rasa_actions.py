"""Custom actions and reminders of a real Rasa, inside a turn."""

from __future__ import annotations

import asyncio
import importlib
import threading
from pathlib import Path
from typing import Any

import pytest

from app import worker
from runtime import custom_actions
from runtime.custom_actions import InProcessEndpoint
from runtime.rasa_dialogue import RasaDialogue
from runtime.settings import RuntimeSettings
from store import tables, timers
from tests.house import ANA, BACK, BEN, Stage, eventually
from tests.runtime.rasa.talk import intents, replies, says, slots

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")


class TestActions:
    @pytest.fixture
    def seen(self, tiny_actions: str) -> dict[str, Any]:
        made: dict[str, Any] = importlib.import_module(tiny_actions).seen
        made.clear()
        return made

    async def test_a_blocking_one_has_a_thread_of_its_own_and_an_async_one_has_not(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]
    ) -> None:
        await says(stage, "anota")
        assert seen["thread"].startswith("action")
        await says(stage, "devagar")
        assert seen["thread"] == "MainThread"

    async def test_the_thread_of_one_that_does_not_come_back_is_counted_until_it_does(self, tiny_actions: str) -> None:
        may_end = threading.Event()
        run = InProcessEndpoint(tiny_actions)._off_the_loop(lambda: may_end.wait(30))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(run(), 0.05)
        assert custom_actions.stuck() == 1
        may_end.set()
        await eventually(lambda: custom_actions.stuck() == 0)

    async def test_a_process_whose_threads_are_lost_is_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(custom_actions, "stuck", lambda: custom_actions.THREADS // 2)
        with pytest.raises(worker.ActionsStuck):
            await asyncio.wait_for(worker._until_actions_are_stuck(), 10)

    async def test_one_sees_the_verdict_the_turn_key_and_the_shops_facts_which_are_not_stored(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]
    ) -> None:
        await stage.ownership.change_account(stage.account.id, shop={"name": "Cantina"})
        conversation_id = await says(stage, "anota")
        assert (seen["metadata"]["verdict"], seen["metadata"]["shop"]) == ("ANSWER", {"name": "Cantina"})
        assert seen["metadata"]["turn_key"].startswith(conversation_id)
        assert "Cantina" not in str(await stage.events(conversation_id))

    async def test_one_can_not_change_the_live_tracker_through_what_it_was_shown_or_gave(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]
    ) -> None:
        conversation_id = await says(stage, "anota")
        seen["given"].append("depois")
        await says(stage, "anota")
        assert (await replies(stage, conversation_id))[-1] == "São 2."
        live = dialogue._live[conversation_id]
        assert live.get_slot("items") == ["um"]
        assert live.latest_message is not None
        assert live.latest_message.text == "anota"
        assert (await slots(stage, conversation_id))["items"] == ["um"]

    async def test_without_the_border_it_could(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(custom_actions, "_copied", lambda value: value)
        conversation_id = await says(stage, "anota", "anota")
        assert dialogue._live[conversation_id].get_slot("items") == ["um", "contrabando"]

    async def test_one_that_raises_fails_the_turn(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "bomba")
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.state, mail.error) == ("new", "RuntimeError")
        assert await stage.events(conversation_id) == []

    async def test_unless_it_is_told_to_do_as_stock_does(
        self, stage: Stage, tiny_model: Path, tiny_actions: str, dialogue: RasaDialogue
    ) -> None:
        stock = RasaDialogue(stage.db, RuntimeSettings(actions_fail_as_stock=True))
        stock.load(tiny_model, None, tiny_actions)
        stage.turns._dialogue = stock
        conversation_id = await says(stage, "bomba")
        assert [row.state for row in await stage.rows(tables.mailbox)] == ["done"]
        assert (await intents(stage, conversation_id)) == ["boom"]

    async def test_one_that_is_named_and_not_there_is_said_with_those_there_are(self, tiny_actions: str) -> None:
        endpoint = InProcessEndpoint(tiny_actions)
        with pytest.raises(LookupError, match=r"action_gone.*action_note"):
            await endpoint.request(json={"next_action": "action_gone", "sender_id": "x", "tracker": {}})

    async def test_the_history_it_is_shown_is_bounded(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown: list[int] = []
        monkeypatch.setattr(custom_actions.CustomAction, "events_shown", 5)
        request = InProcessEndpoint.request

        async def count(self: InProcessEndpoint, json: Any = None, **rest: Any) -> Any:
            shown.append(len(json["tracker"]["events"]))
            return await request(self, json=json, **rest)

        monkeypatch.setattr(InProcessEndpoint, "request", count)
        await says(stage, "oi", "oi", "anota")
        assert shown == [5]


class TestReminders:
    async def test_one_is_set_survives_as_a_timer_and_speaks(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "lembra")
        assert list(await stage.db.read(timers.of_conversation, conversation_id)) == ["later"]
        stage.clock.wind(3_500)
        assert not await stage.db.read(timers.due, stage.clock.now())
        stage.clock.wind(200)
        await stage.db.write(timers.fire, stage.clock.now())
        await stage.all_turns(conversation_id)
        assert await replies(stage, conversation_id) == ["Ainda aí?"]

    async def test_one_is_cancelled(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "lembra", "esquece")
        assert await stage.db.read(timers.of_conversation, conversation_id) == {}

    async def test_one_of_another_conversation_is_not(self, stage: Stage, dialogue: RasaDialogue) -> None:
        ana = await says(stage, "lembra", phone=ANA)
        await says(stage, "esquece", phone=BEN)
        assert list(await stage.db.read(timers.of_conversation, ana)) == ["later"]

    async def test_one_from_before_a_person_had_it_is_outdated_after(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "lembra")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "oi")
        stage.clock.wind(3_700)
        await stage.db.write(timers.fire, stage.clock.now())
        await stage.all_turns(conversation_id)
        assert await replies(stage, conversation_id) == [BACK + "Oi do zap!"]  # as stock after a new session
