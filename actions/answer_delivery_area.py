"""Says where the shop delivers, and a plain yes when the customer named one of those places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shop import shop_of


class AnswerDeliveryArea(Action):
    def name(self) -> str:
        return "answer_delivery_area"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        shop = shop_of(tracker)
        named = place_named_in((tracker.latest_message or {}).get("text") or "", shop.delivery_area)
        if not shop.delivery_area:
            dispatcher.utter_message(response="utter_delivery_none", address=shop.address)
        elif named:
            dispatcher.utter_message(response="utter_delivery_yes", neighbourhood=named)
        else:
            dispatcher.utter_message(response="utter_delivery_area", area=", ".join(shop.delivery_area))
        return []


def place_named_in(text: str, places: Iterable[str]) -> str | None:
    """The longest of the places that stands in the text as whole words, accents or not."""
    heard = f" {plain(text)} "
    return max((place for place in places if f" {plain(place)} " in heard), key=len, default=None)


def plain(text: str) -> str:
    spread = unicodedata.normalize("NFD", text.casefold())
    return " ".join(re.findall(r"\w+", "".join(char for char in spread if not unicodedata.combining(char))))
