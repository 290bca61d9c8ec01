"""Who answers a message: the trained model, or the agent's language model. A rule, without I/O.

A language model may order nothing, so what only Rasa can do stays with Rasa: a button that stands for an intent, a form
that it has begun, and a person who is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasa.shared.core.constants import ACTION_DEFAULT_FALLBACK_NAME, ACTION_TWO_STAGE_FALLBACK_NAME

from conversation.agent_model import AskedWhen

#: The action that says what a language model thinks. A project may name it in its rules, too.
ANSWER_WITH_LLM = "answer_with_llm"
#: What a model that is not sure does first.
_GIVES_UP = frozenset({ACTION_DEFAULT_FALLBACK_NAME, ACTION_TWO_STAGE_FALLBACK_NAME})
_NOT_UNDERSTOOD = "nlu_fallback"
#: They change who answers, which words can't.
_OF_HANDOVER = frozenset({"check_agent", "request_handover", "cancel_handover"})


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What Rasa makes of a message. `first_action`: what it would do. `loop`: what it is in the middle of."""

    has_words: bool
    chosen: bool
    intent: str | None
    first_action: str
    loop: str | None


def is_for_the_llm(heard: Heard, asked_when: AskedWhen) -> bool:
    if not heard.has_words or heard.chosen or heard.first_action in _OF_HANDOVER:
        return False
    if asked_when is AskedWhen.UNSURE:
        unsure = heard.intent == _NOT_UNDERSTOOD or heard.first_action in _GIVES_UP
        return unsure and heard.loop is None
    # Rasa asked something, because of a button or because the model was away: only Rasa can use the answer. Its own
    # fallback only asks what was meant, and that is told here.
    return heard.loop in (None, ACTION_TWO_STAGE_FALLBACK_NAME) and heard.first_action != ANSWER_WITH_LLM
