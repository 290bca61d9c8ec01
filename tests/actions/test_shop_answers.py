"""The answers that only fill in a fact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rasa_sdk import Action
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_address import AnswerAddress
from actions.answer_delivery_area import AnswerDeliveryArea
from actions.answer_greeting import AnswerGreeting
from actions.answer_menu import AnswerMenu
from actions.answer_place_order import AnswerPlaceOrder
from tests.actions.given import make_tracker


@pytest.fixture(autouse=True)
def shop(shop_file: Callable[..., Path]) -> None:
    shop_file(
        name="Bar do Zé",
        menu_link="https://ze.example",
        address="Rua A, 1",
        phone="55",
        delivery_area=["Sé", "Vila Sé"],
    )


@pytest.mark.parametrize(
    ("action", "response", "facts"),
    [
        (AnswerGreeting(), "utter_greet", {"shop_name": "Bar do Zé"}),
        (AnswerMenu(), "utter_menu", {"menu_link": "https://ze.example"}),
        (AnswerPlaceOrder(), "utter_place_order", {"menu_link": "https://ze.example"}),
        (AnswerAddress(), "utter_address", {"address": "Rua A, 1", "phone": "55"}),
    ],
)
def test_an_answer_is_a_response_filled_with_the_shops_facts(
    action: Action, response: str, facts: dict[str, str], dispatcher: CollectingDispatcher
) -> None:
    assert action.run(dispatcher, make_tracker(), {}) == []

    (message,) = dispatcher.messages
    assert message["response"] == response
    assert facts.items() <= message.items()


@pytest.mark.parametrize(
    ("text", "neighbourhood"),
    [
        ("vcs entregam na SE?", "Sé"),
        ("entrega na vila sé", "Vila Sé"),
        ("será que entregam aqui?", None),  # "se" only as part of a word
        ("/ask_delivery_area", None),
    ],
)
def test_a_place_the_shop_delivers_to_gets_a_plain_yes(
    text: str, neighbourhood: str | None, dispatcher: CollectingDispatcher
) -> None:
    AnswerDeliveryArea().run(dispatcher, make_tracker(text=text), {})

    (message,) = dispatcher.messages
    if neighbourhood:
        assert (message["response"], message["neighbourhood"]) == ("utter_delivery_yes", neighbourhood)
    else:
        assert (message["response"], message["area"]) == ("utter_delivery_area", "Sé, Vila Sé")


def test_a_shop_that_delivers_nowhere_says_where_to_pick_up(dispatcher: CollectingDispatcher) -> None:
    AnswerDeliveryArea().run(dispatcher, make_tracker(metadata={"shop": {"delivery_area": []}}), {})

    (message,) = dispatcher.messages
    assert (message["response"], message["address"]) == ("utter_delivery_none", "Rua A, 1")
