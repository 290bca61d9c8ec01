"""Staying silent, taking back the wish for a person, what a typed "yes" means, and what is done when not understood."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet, UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher

from actions.accept_offer import AcceptOffer
from actions.ask_affirmation import AskAffirmation
from actions.cancel_handover import CancelHandover
from actions.check_agent import CheckAgent
from actions.give_up import GiveUp
from actions.not_sure import FALLBACK_LOOP
from tests.actions.given import make_tracker, said

SILENT = {"verdict": "RECORD", "reason": "agent_inactive"}
PENDING = {"state": "pending", "turn_key": "t1"}
GAVE_UP = SlotSet("handover_reason", "fallback")


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


def test_where_it_may_not_answer_what_was_given_up_on_is_forgotten(dispatcher: CollectingDispatcher) -> None:
    tracker = make_tracker(metadata=SILENT, slots={"handover_reason": "fallback"})

    assert SlotSet("handover_reason", None) in CheckAgent().run(dispatcher, tracker, {})


@pytest.mark.parametrize(
    ("wish", "state", "response"),
    [
        ({"reason": "asked"}, None, "utter_handover_cancelled"),
        (None, None, "utter_handover_not_requested"),
        (None, "pending", "utter_handover_cancelled"),  # somebody else asked for a person
        ({"reason": "asked"}, "bot", "utter_handover_not_requested"),  # nobody came, or nobody could be called
        ({"reason": "asked"}, "", "utter_handover_not_requested"),  # the same, unnamed
    ],
)
def test_cancelling_says_whether_anybody_had_been_asked_for(
    wish: dict[str, str] | None, state: str | None, response: str, dispatcher: CollectingDispatcher
) -> None:
    metadata = {} if state is None else {"turn_key": "t1", **({"state": state} if state else {})}
    tracker = make_tracker(metadata=metadata, slots={"handover_request": wish})

    events = CancelHandover().run(dispatcher, tracker, {})

    assert events == [SlotSet("handover_request", None), SlotSet("pending_noted", None)]
    assert said(dispatcher) == [response]


async def test_yes_to_an_offered_person_asks_for_one_with_the_buttons_reason(
    dispatcher: CollectingDispatcher,
) -> None:
    offered = bot('/ask_human{"handover_reason": "complaint"}', "/deny")
    tracker = make_tracker(text="sim", intent="affirm", events=[user("veio frio"), offered, user("sim")])

    events = await AcceptOffer().run(dispatcher, tracker, {})

    wish = {"reason": "complaint", "priority": "high", "intent": "affirm", "language": "pt"}
    assert events == [SlotSet("handover_request", wish)]


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


def test_the_second_message_in_a_row_that_is_not_understood_asks_nothing_more(dispatcher: CollectingDispatcher) -> None:
    # Rasa asks after the guess again where the first one was refused, and gives up where it was not answered.
    tracker = make_tracker(intent="nlu_fallback", loop=FALLBACK_LOOP)

    assert AskAffirmation().run(dispatcher, tracker, {}) == [GAVE_UP, ActiveLoop(None)]
    assert GiveUp().run(dispatcher, tracker, {}) == [GAVE_UP]
    assert said(dispatcher) == []


def test_after_giving_up_in_vain_the_next_one_is_a_first_one_again(dispatcher: CollectingDispatcher) -> None:
    asked = SlotSet("asked_what_was_meant", True)
    third = make_tracker(intent="nlu_fallback")
    fourth = make_tracker(intent="nlu_fallback", slots={asked["name"]: asked["value"]})

    assert GiveUp().run(dispatcher, third, {}) == [asked]
    assert said(dispatcher) == ["utter_did_you_mean_something"]
    assert GiveUp().run(dispatcher, fourth, {}) == [GAVE_UP]
    assert said(dispatcher) == ["utter_did_you_mean_something"]


@pytest.mark.parametrize("action", [AskAffirmation(), GiveUp()])
@pytest.mark.parametrize("loop", [None, FALLBACK_LOOP])
def test_while_a_person_is_awaited_what_is_not_understood_is_left_to_them_and_said_once(
    action: AskAffirmation | GiveUp, loop: str | None, dispatcher: CollectingDispatcher
) -> None:
    first = make_tracker(intent="nlu_fallback", metadata=PENDING, loop=loop)
    second = make_tracker(intent="nlu_fallback", metadata=PENDING, loop=loop, slots={"pending_noted": True})

    assert action.run(dispatcher, first, {}) == [SlotSet("pending_noted", True), ActiveLoop(None)]
    assert action.run(dispatcher, second, {}) == [ActiveLoop(None)]
    assert said(dispatcher) == ["utter_pending_unsure"]


def test_what_was_understood_but_leads_nowhere_offers_a_person_and_keeps_the_language(
    dispatcher: CollectingDispatcher,
) -> None:
    events = GiveUp().run(dispatcher, make_tracker(intent="thank", slots={"language": "en"}), {})

    assert said(dispatcher) == ["utter_default"]
    assert events == [UserUtteranceReverted(), SlotSet("language", "en")]
