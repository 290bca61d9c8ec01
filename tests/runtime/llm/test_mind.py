"""A turn asks a language model once, however often Rasa comes by."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import UserUttered

from runtime.llm.brief import Brief
from runtime.llm.mind import Mind
from runtime.llm.thinker import Thinker
from runtime.stored_tracker import StoredTracker
from tests.house import Stage
from tests.thinking import ScriptedLlm, failed, thinks


@pytest.fixture
def tracker() -> StoredTracker:
    made = StoredTracker("ana", [])
    made.update(UserUttered("oi"))
    return made


@pytest.fixture
async def mind(stage: Stage, thinker: Thinker) -> Mind:
    return Mind(thinker, Brief(agent=await thinks(stage)))


async def test_what_it_said_is_said_once_also_where_the_turn_is_begun_again(
    mind: Mind, llm: ScriptedLlm, tracker: StoredTracker
) -> None:
    assert [await mind.words(tracker) for _ in range(2)] == ["Pois não.", ""]
    mind.begin_again()
    assert await mind.words(tracker) == "Pois não."
    assert len(llm.asked) == 1


async def test_one_that_failed_is_not_asked_again(mind: Mind, llm: ScriptedLlm, tracker: StoredTracker) -> None:
    llm.script.append(failed())
    assert [await mind.words(tracker) for _ in range(2)] == [None, None]
    assert (len(llm.asked), mind.answer) == (1, None)


async def test_events_that_stand_for_older_ones_are_not_told(
    mind: Mind, llm: ScriptedLlm, tracker: StoredTracker
) -> None:
    tracker.update(UserUttered("e agora?"))
    tracker.remembered = 1
    await mind.words(tracker)
    assert llm.told == [("user", "e agora?")]
