"""domain.yml has words for all that the actions say, in both languages, within what the channels allow."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pytest
import yaml

from actions.answer_order_status import KNOWN_STATUSES
from actions.ask_affirmation import WORTH_ASKING
from actions.offers import offer_in
from tests.actions.given import ROOT

DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]
# The intents, with what is written about each; most have nothing.
INTENTS: dict[str, dict[str, Any]] = dict(
    next(iter(intent.items())) if isinstance(intent, dict) else (intent, {}) for intent in DOMAIN["intents"]
)
BUTTON_TITLE_LIMIT, BUTTON_LIMIT = 20, 3  # WhatsApp's reply buttons


def names_in_actions() -> set[str]:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))
    named = set(re.findall(r'"(utter_[a-z_]+[a-z])"', sources))
    return (
        named
        | {f"utter_order_{status}" for status in KNOWN_STATUSES}
        | {f"utter_did_you_mean_{intent}" for intent in WORTH_ASKING}
    )


def test_every_response_an_action_names_exists() -> None:
    named = names_in_actions()

    assert "utter_hours_open" in named
    assert named - set(RESPONSES) == set()


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_response_says_the_same_in_both_languages(name: str) -> None:
    portuguese, english = RESPONSES[name]

    assert "condition" not in portuguese
    assert english["condition"] == [{"type": "slot", "name": "language", "value": "en"}]
    assert re.findall(r"{\w+}", portuguese["text"]) == re.findall(r"{\w+}", english["text"])
    payloads = [[button["payload"] for button in variation.get("buttons", [])] for variation in RESPONSES[name]]
    assert payloads[0] == payloads[1]


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_buttons_fit_and_lead_to_an_intent(name: str) -> None:
    for variation in RESPONSES[name]:
        buttons = variation.get("buttons", [])
        assert len(buttons) <= BUTTON_LIMIT
        for button in buttons:
            offer = offer_in(button["payload"])
            assert offer is not None and offer.intent in INTENTS, button
            assert len(button["title"]) <= BUTTON_TITLE_LIMIT


def test_words_about_a_person_are_sober() -> None:
    """Who hears them may be furious, or ill."""
    sober = [name for name in RESPONSES if re.search("handover|anger|complaint|pending|change_order|understood", name)]

    assert len(sober) >= 10
    for name in sober:
        for variation in RESPONSES[name]:
            assert not [char for char in variation["text"] if unicodedata.category(char) == "So"], variation["text"]


def test_where_nobody_can_be_called_nobody_is_said_to_have_been() -> None:
    for variation in RESPONSES["utter_handover_unavailable"]:
        assert not re.search("cham|call", variation["text"])


def test_every_way_out_of_the_form_is_no_answer_to_it() -> None:
    marked = {intent for intent, properties in INTENTS.items() if properties.get("handover")}
    mappings = DOMAIN["slots"]["order_number"]["mappings"]

    assert {"angry", "ask_allergy"} <= marked
    for mapping in mappings[1:]:
        assert marked <= set(mapping["not_intent"]), "what is marked would be taken for an order number"


def test_no_sample_order_has_a_status_without_words() -> None:
    samples = json.loads((ROOT / "actions" / "sample_orders.json").read_text(encoding="utf-8"))

    assert {order["status"] for order in samples.values()} == KNOWN_STATUSES
