"""Who answers: what only Rasa can do is never left to words."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.agent_model import AskedWhen
from runtime.llm.whom_to_ask import ANSWER_WITH_LLM, Heard, is_for_the_llm

ALWAYS, UNSURE = AskedWhen.ALWAYS, AskedWhen.UNSURE


def heard(**given: Any) -> Heard:
    usual = {"has_words": True, "chosen": False, "intent": "greet", "first_action": "utter_greet", "loop": None}
    return Heard(**{**usual, **given})


@pytest.mark.parametrize(
    ("given", "always", "unsure"),
    [
        ({}, True, False),
        ({"intent": "nlu_fallback"}, True, True),
        ({"first_action": "action_default_fallback"}, True, True),
        ({"first_action": "action_two_stage_fallback"}, True, True),
        ({"chosen": True}, False, False),
        ({"chosen": True, "intent": "nlu_fallback"}, False, False),
        ({"has_words": False, "intent": "nlu_fallback"}, False, False),
        ({"first_action": "check_agent"}, False, False),
        ({"first_action": "request_handover", "intent": "nlu_fallback"}, False, False),
        ({"first_action": "cancel_handover"}, False, False),
        ({"loop": "order_form"}, False, False),
        ({"loop": "order_form", "intent": "nlu_fallback"}, False, False),
        ({"loop": "action_two_stage_fallback", "intent": "nlu_fallback"}, True, False),
        ({"first_action": ANSWER_WITH_LLM}, False, False),
    ],
)
def test_each_case(given: dict[str, Any], always: bool, unsure: bool) -> None:
    assert is_for_the_llm(heard(**given), ALWAYS) is always
    assert is_for_the_llm(heard(**given), UNSURE) is unsure
