"""An operator makes the assistant forget: the worker that has the tracker in memory, and any other, know nothing."""

from __future__ import annotations

import pytest

from runtime.rasa_dialogue import RasaDialogue
from store import sessions
from tests.house import Stage
from tests.runtime.rasa.talk import replies, says

pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")


@pytest.mark.parametrize("kept", [True, False], ids=["in memory", "read anew"])
async def test_no_slot_is_set_and_nothing_is_open(stage: Stage, dialogue: RasaDialogue, kept: bool) -> None:
    conversation_id = await says(stage, "anota", "pizza")
    live = dialogue._live[conversation_id]
    assert (live.get_slot("items"), live.active_loop_name) == (["um"], "order_form")
    await stage.db.write(sessions.forget, conversation_id, by="sonia", now=stage.clock.now())
    if not kept:
        dialogue.forget(conversation_id)
    await says(stage, "oi")
    after = dialogue._live[conversation_id]
    assert (after is live) is kept
    assert (await replies(stage, conversation_id))[-1] == "Oi do zap!", "not the form's question"
    assert (after.get_slot("items"), after.active_loop_name) == (None, None)
    await says(stage, "anota")
    assert dialogue._live[conversation_id].get_slot("items") == ["um"]
