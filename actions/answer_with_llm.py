"""Answers with an agent's language model. The runtime does that itself; this is for `rasa shell` and every other door
Rasa has, where no agent is known whose model could be asked."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

log = logging.getLogger(__name__)


class AnswerWithLlm(Action):
    def name(self) -> str:
        return "answer_with_llm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        log.warning("answer_with_llm asks a language model under ./baton run only; here it says utter_default")
        dispatcher.utter_message(response="utter_default")
        return []
