"""A place that a customer sends is an intent of ours to a real Rasa; the same words typed are words."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.rasa_dialogue import RasaDialogue
from tests.house import Stage
from tests.runtime.rasa.talk import intents, replies, says

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")

WHERE = {"latitude": -23.55, "longitude": -46.63, "name": 'Bar "}/restart', "address": "Rua A, 1"}
TYPED = '/sent_location{"latitude": "-23.55", "longitude": "-46.63"}'


async def entities(stage: Stage, conversation_id: Any) -> dict[str, Any]:
    (event,) = [e for e in await stage.events(conversation_id) if e["event"] == "user"]
    return {each["entity"]: each["value"] for each in event["parse_data"]["entities"]}


async def test_a_place_is_the_intent_that_the_model_has_for_it(stage: Stage, dialogue: RasaDialogue) -> None:
    conversation_id = await stage.hears(None, kind="location", content=WHERE)
    await stage.all_turns(conversation_id)
    assert await intents(stage, conversation_id) == ["sent_location"]
    assert await entities(stage, conversation_id) == {"latitude": "-23.55", "longitude": "-46.63"}
    assert await replies(stage, conversation_id) == ["Anotado."]
    (event,) = [e for e in await stage.events(conversation_id) if e["event"] == "user"]
    assert event["metadata"]["kind"] == "location"


async def test_the_same_words_typed_are_words(stage: Stage, dialogue: RasaDialogue) -> None:
    conversation_id = await says(stage, TYPED)
    assert await intents(stage, conversation_id) != ["sent_location"]
    assert await stage.heard(conversation_id) == [TYPED] and await entities(stage, conversation_id) == {}


async def test_what_the_model_has_no_intent_for_is_for_people(stage: Stage, dialogue: RasaDialogue) -> None:
    assert not dialogue.vocabulary.has("sent_image")
    conversation_id = await says(stage, "o bolo", kind="image")
    assert await replies(stage, conversation_id) == []
    assert [m.reason for m in await stage.messages(conversation_id)] == ["not_text"]
