"""Asking for a person: the wish that is written down, and what the customer hears about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reasons import PRIORITIES, REASONS
from actions.request_handover import RequestHandover
from tests.actions.given import make_tracker, said

# The runtime names only what is out of the ordinary.
TURN = {"turn_key": "t1"}
PENDING = {**TURN, "state": "pending"}
MARKED = {"intents": ["greet", {"ask_allergy": {"handover": "urgent"}}, {"ask_party": {"handover": True}}]}


def ask(dispatcher: CollectingDispatcher, **tracker: Any) -> dict[str, Any] | None:
    """The wish that was written down, if any."""
    events = RequestHandover().run(dispatcher, make_tracker(**{"intent": "ask_human", **tracker}), MARKED)
    wishes = [event["value"] for event in events if event["name"] == "handover_request"]
    assert len(wishes) <= 1
    return wishes[0] if wishes else None


def button(reason: str) -> list[dict[str, Any]]:
    return [{"entity": "handover_reason", "value": reason}]


@pytest.mark.parametrize(
    ("tracker", "reason", "priority"),
    [
        ({"text": "quero um atendente"}, "asked", "medium"),
        ({"text": "/ask_human"}, "button", "medium"),
        ({"text": "/ask_human", "entities": button("complaint")}, "complaint", "high"),
        ({"text": "/ask_human", "entities": button("order_unreachable")}, "order_unreachable", "medium"),
        ({"text": "/ask_human", "entities": button("free beer")}, "button", "medium"),
        ({"intent": "angry"}, "anger", "high"),
        ({"intent": "angry", "slots": {"handover_request": {"reason": "anger"}}}, "anger", "urgent"),
        ({"intent": "nlu_fallback", "slots": {"handover_reason": "fallback"}}, "fallback", "medium"),
        ({"intent": "give_order_number", "slots": {"handover_reason": "form_failed"}}, "form_failed", "medium"),
        ({"intent": "ask_allergy"}, "marked", "urgent"),
        ({"intent": "ask_party"}, "marked", "medium"),
    ],
)
def test_a_wish_says_why_and_how_urgent_it_is(
    tracker: dict[str, Any], reason: str, priority: str, dispatcher: CollectingDispatcher
) -> None:
    wish = ask(dispatcher, metadata=TURN, **tracker)

    assert wish is not None
    assert (wish["reason"], wish["priority"], wish["language"]) == (reason, priority, "pt")
    assert wish["intent"] == tracker.get("intent", "ask_human")
    assert said(dispatcher)[-1] == "utter_handover_requested"


def test_every_reason_has_a_priority() -> None:
    assert set(REASONS.values()) <= set(PRIORITIES)


def test_the_wish_names_the_customers_language(dispatcher: CollectingDispatcher) -> None:
    wish = ask(dispatcher, slots={"language": "en"})

    assert wish is not None and wish["language"] == "en"


def test_anger_that_is_not_sure_is_offered_a_person_and_called_none(dispatcher: CollectingDispatcher) -> None:
    assert ask(dispatcher, intent="angry", confidence=0.66) is None
    assert said(dispatcher) == ["utter_complaint"]


def test_while_a_person_is_awaited_it_is_left_to_them(dispatcher: CollectingDispatcher) -> None:
    assert ask(dispatcher, intent="angry", confidence=0.66, metadata=PENDING) is None
    assert said(dispatcher) == ["utter_pending_unsure"]


@pytest.mark.parametrize(
    ("tracker", "first"),
    [
        ({"intent": "angry"}, "utter_anger"),
        ({"intent": "nlu_fallback", "slots": {"handover_reason": "fallback"}}, "utter_not_understood"),
    ],
)
def test_regret_comes_before_the_news(tracker: dict[str, Any], first: str, dispatcher: CollectingDispatcher) -> None:
    ask(dispatcher, **tracker)

    assert said(dispatcher) == [first, "utter_handover_requested"]


@pytest.mark.parametrize(("metadata", "what_next"), [(TURN, " [[what_next]]"), (PENDING, " [[what_next]]"), ({}, "")])
def test_what_happens_next_is_filled_in_at_the_commit_and_left_out_where_there_is_none(
    metadata: dict[str, Any], what_next: str, dispatcher: CollectingDispatcher
) -> None:
    ask(dispatcher, metadata=metadata)

    assert dispatcher.messages[0]["what_next"] == what_next


@pytest.mark.parametrize(
    ("metadata", "slots"),
    [
        (PENDING, {"handover_request": {"reason": "asked", "priority": "medium"}}),
        (PENDING, {}),  # somebody else asked for a person
        ({}, {"handover_request": {"reason": "asked", "priority": "medium"}}),  # in `rasa shell`
    ],
)
def test_who_asks_again_hears_where_things_stand_and_no_second_wish_is_made(
    metadata: dict[str, Any], slots: dict[str, Any], dispatcher: CollectingDispatcher
) -> None:
    assert ask(dispatcher, metadata=metadata, slots=slots) is None
    assert said(dispatcher) == ["utter_handover_pending"]


@pytest.mark.parametrize(
    ("before", "priority"),
    [
        ({"reason": "asked", "priority": "medium"}, "high"),
        ({"reason": "complaint", "priority": "high"}, "high"),
        ({"reason": "anger", "priority": "high"}, "urgent"),
        ({"reason": "anger", "priority": "urgent"}, None),
    ],
)
def test_anger_while_waiting_makes_the_wish_more_urgent(
    before: dict[str, str], priority: str | None, dispatcher: CollectingDispatcher
) -> None:
    wish = ask(dispatcher, intent="angry", metadata=PENDING, slots={"handover_request": before})

    assert (wish and wish["priority"]) == priority
    assert said(dispatcher) == ["utter_handover_pending"]


def test_where_nobody_came_a_person_can_be_asked_for_again(dispatcher: CollectingDispatcher) -> None:
    assert ask(dispatcher, metadata=TURN, slots={"handover_request": {"reason": "asked", "priority": "medium"}})
    assert said(dispatcher) == ["utter_handover_requested"]


@pytest.mark.parametrize("state", ["bot", "pending"])
@pytest.mark.parametrize(
    ("given", "told"),
    [("WhatsApp da loja: ligue 3333", "WhatsApp da loja: ligue 3333"), (None, "Rua A, 1 · +55 11 5555-0199")],
)
def test_where_nothing_is_handed_over_the_wish_is_kept_and_the_customer_hears_how_else_to_reach_the_shop(
    given: str | None, told: str, state: str, dispatcher: CollectingDispatcher, shop_file: Callable[..., Path]
) -> None:
    shop_file(address="Rua A, 1", phone="+55 11 5555-0199")
    metadata = {**TURN, "state": state, "handoff": "off", "other_ways": given}

    assert ask(dispatcher, metadata=metadata, slots={"language": "pt"})
    (message,) = dispatcher.messages
    assert (message["response"], message["other_ways"]) == ("utter_handover_unavailable", told)


def test_a_new_wish_begins_a_new_wait_and_what_was_given_up_on_is_done_with(dispatcher: CollectingDispatcher) -> None:
    slots = {"handover_reason": "fallback", "pending_noted": True, "asked_what_was_meant": True}

    events = RequestHandover().run(dispatcher, make_tracker(metadata=TURN, slots=slots), MARKED)

    assert all(SlotSet(slot, None) in events for slot in slots)


def test_asking_again_does_not_begin_a_new_wait(dispatcher: CollectingDispatcher) -> None:
    tracker = make_tracker(intent="angry", metadata=PENDING, slots={"pending_noted": True})

    assert SlotSet("pending_noted", None) not in RequestHandover().run(dispatcher, tracker, MARKED)
