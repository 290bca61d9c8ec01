"""Sessions that are over are forgotten without Rasa's noticing: what it is given to decide on is the same."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered

from runtime.retention import SETTING, Retention
from runtime.tracker_store import BatonTrackerStore
from store import settings, trackers
from tests import services
from tests.house import Stage

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")


@pytest.fixture
def domain() -> Domain:
    return Domain.from_dict({"intents": ["hi"], "slots": {"food": {"type": "text", "mappings": [{"type": "custom"}]}}})


@services.sqlite_only
async def test_a_tracker_is_as_it_was_before_its_past_was_deleted(stage: Stage, domain: Domain) -> None:
    conversation_id = await stage.hears()
    at = stage.clock.now().timestamp() - 400 * 86_400
    session = [SessionStarted(at), ActionExecuted("action_listen", timestamp=at)]
    said = [UserUttered("oi", {"name": "hi", "confidence": 1.0}, timestamp=at), SlotSet("food", "pizza", timestamp=at)]
    events = [event.as_dict() for event in [*session, *said, *session, said[1], *session, *said]]
    await stage.db.write(trackers.append, conversation_id, events, now=stage.clock.now())
    store = BatonTrackerStore(domain, database=stage.db)
    before = await store.retrieve(conversation_id)

    await stage.db.write(settings.change, SETTING, {"history": 30}, by="chefe", now=stage.clock.now())
    assert (await Retention(stage.db, stage.clock, pause_s=0).sweep())["history"] == 7

    after = await store.retrieve(conversation_id)
    assert [event.as_dict() for event in after.events] == [event.as_dict() for event in before.events]
    assert after.current_state() == before.current_state()
    assert after.past_states(domain) == before.past_states(domain)
    whole = await store.retrieve_full_tracker(conversation_id)
    assert whole is not None
    assert len(whole.events) == 4
