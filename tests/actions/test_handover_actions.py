"""Asking for a person, taking it back, staying silent, and what a typed "yes" means."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.events import FollowupAction, SlotSet, UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher

from actions.accept_offer import AcceptOffer
from actions.ask_affirmation import AskAffirmation
from actions.cancel_handover import CancelHandover
from actions.check_agent import CheckAgent
from actions.offer_person import OfferPerson
from actions.request_handover import RequestHandover
from tests.actions.given import make_tracker, said

SILENT = {"verdict": "RECORD", "reason": "agent_inactive"}


def bot(*payloads: str) -> dict[str, Any]:
    buttons = [{"title": payload, "payload": payload} for payload in payloads]
    return {"event": "bot", "text": "?", "data": {"buttons": buttons or None}}


def user(text: str) -> dict[str, Any]:
    return {"event": "user", "text": text}


@pytest.mark.parametrize(
    ("metadata", "slots"),
    [
        ({"verdict": "ANSWER", "reason": None}, {}),
        ({}, {}),
        ({}, {"agent_verdict": {"verdict": "ANSWER", "reason": None}}),
        ({"verdict": "ANSWER"}, {"agent_verdict": SILENT}),  # the message knows better than the past
    ],
)
def test_check_agent_does_nothing_where_the_assistant_may_answer(
    metadata: dict[str, Any], slots: dict[str, Any], dispatcher: CollectingDispatcher
) -> None:
    assert CheckAgent().run(dispatcher, make_tracker(metadata=metadata, slots=slots), {}) == []


@pytest.mark.parametrize(("metadata", "slots"), [(SILENT, {}), ({}, {"agent_verdict": SILENT})])
def test_check_agent_listens_at_once_where_it_may_not(
    metadata: dict[str, Any], slots: dict[str, Any], dispatcher: CollectingDispatcher
) -> None:
    events = CheckAgent().run(dispatcher, make_tracker(metadata=metadata, slots=slots), {})

    assert events == [SlotSet("agent_verdict", SILENT), FollowupAction("action_listen")]
    assert said(dispatcher) == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [("complaint", "complaint"), ("fallback", "fallback"), ("free beer", "asked"), (None, "asked")],
)
def test_a_person_is_asked_for_with_the_reason_the_button_gave(
    given: str | None, reason: str, dispatcher: CollectingDispatcher
) -> None:
    entities = [{"entity": "handover_reason", "value": given}] if given else []
    tracker = make_tracker(intent="ask_human", entities=entities, slots={"language": "en"})

    events = RequestHandover().run(dispatcher, tracker, {})

    assert events == [SlotSet("handover_request", {"reason": reason, "intent": "ask_human", "language": "en"})]
    assert said(dispatcher) == ["utter_handover_requested"]


@pytest.mark.parametrize(
    ("request_made", "response"),
    [({"reason": "asked"}, "utter_handover_cancelled"), (None, "utter_handover_not_requested")],
)
def test_cancelling_says_whether_anybody_had_been_asked_for(
    request_made: dict[str, str] | None, response: str, dispatcher: CollectingDispatcher
) -> None:
    events = CancelHandover().run(dispatcher, make_tracker(slots={"handover_request": request_made}), {})

    assert events == [SlotSet("handover_request", None)]
    assert said(dispatcher) == [response]


async def test_yes_to_an_offered_person_asks_for_one_with_the_buttons_reason(
    dispatcher: CollectingDispatcher,
) -> None:
    offered = bot('/ask_human{"handover_reason": "complaint"}', "/deny")
    tracker = make_tracker(text="sim", intent="affirm", events=[user("veio frio"), offered, user("sim")])

    events = await AcceptOffer().run(dispatcher, tracker, {})

    assert events == [SlotSet("handover_request", {"reason": "complaint", "intent": "affirm", "language": "pt"})]


async def test_yes_is_as_silent_as_the_button_where_the_assistant_may_not_answer(
    dispatcher: CollectingDispatcher,
) -> None:
    tracker = make_tracker(metadata=SILENT, events=[bot("/ask_human", "/deny"), user("sim")])

    events = await AcceptOffer().run(dispatcher, tracker, {})

    assert FollowupAction("action_listen") in events
    assert said(dispatcher) == []


@pytest.mark.parametrize(
    ("payload", "response"),
    [("/ask_menu", "utter_menu"), ("/complaint", "utter_complaint"), ("/change_order", "utter_change_order")],
)
async def test_yes_to_did_you_mean_gives_the_answer(
    payload: str, response: str, dispatcher: CollectingDispatcher
) -> None:
    # A second message without buttons came after the question.
    events = [user("?"), bot(payload, "/out_of_scope"), bot(), user("sim")]

    await AcceptOffer().run(dispatcher, make_tracker(events=events), {})

    assert said(dispatcher) == [response]


async def test_yes_to_did_you_mean_your_order_begins_the_form(dispatcher: CollectingDispatcher) -> None:
    tracker = make_tracker(events=[bot("/ask_order_status", "/out_of_scope"), user("sim")])

    assert await AcceptOffer().run(dispatcher, tracker, {}) == [FollowupAction("order_form")]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [bot("/ask_hours", "/ask_menu", "/ask_order_status"), user("ok")],  # choices, not a question
        [bot("/ask_human", "/deny"), user("obrigado"), bot(), user("ok")],  # an offer of two turns ago
    ],
)
async def test_yes_to_nothing_in_particular_asks_what_is_wanted(
    events: list[dict[str, Any]], dispatcher: CollectingDispatcher
) -> None:
    assert await AcceptOffer().run(dispatcher, make_tracker(events=events), {}) == []
    assert said(dispatcher) == ["utter_affirm"]


@pytest.mark.parametrize(
    ("ranking", "guess"),
    [
        (["nlu_fallback", "thank", "ask_menu", "ask_hours"], "ask_menu"),
        (["nlu_fallback", "greet", "thank", "deny", "ask_hours"], "something"),
        ([], "something"),
    ],
)
def test_the_first_stage_of_the_fallback_asks_after_the_best_guess_worth_asking(
    ranking: list[str], guess: str, dispatcher: CollectingDispatcher
) -> None:
    AskAffirmation().run(dispatcher, make_tracker(ranking=ranking or ["nlu_fallback"]), {})

    assert said(dispatcher) == [f"utter_did_you_mean_{guess}"]


def test_the_last_stage_offers_a_person_and_keeps_the_language(dispatcher: CollectingDispatcher) -> None:
    events = OfferPerson().run(dispatcher, make_tracker(slots={"language": "en"}), {})

    assert said(dispatcher) == ["utter_default"]
    assert events == [UserUtteranceReverted(), SlotSet("language", "en")]
