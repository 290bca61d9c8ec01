"""The action that says a language model's words. It only says: no button, no slot, no order comes from them."""

from __future__ import annotations

from rasa.core.actions.action import Action, ActionBotResponse
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.shared.core.constants import ACTION_TWO_STAGE_FALLBACK_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, BotUttered, DefinePrevUserUtteredFeaturization, Event
from rasa.shared.core.trackers import DialogueStateTracker

from runtime.llm.whom_to_ask import ANSWER_WITH_LLM

_WITHOUT_WORDS = "utter_default"


class AnswerWithLlm(Action):
    """`text`: None where there is none; then the project's `utter_default` is said. Empty: nothing is."""

    def __init__(self, text: str | None = None) -> None:
        self._text = text

    def name(self) -> str:
        return ANSWER_WITH_LLM

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        if self._text is None:
            return list(await ActionBotResponse(_WITHOUT_WORDS).run(output_channel, nlg, tracker, domain))
        if not self._text:
            return []
        # What was meant is clear now: the fallback's question is over.
        asked = tracker.active_loop_name == ACTION_TWO_STAGE_FALLBACK_NAME
        return [*([ActiveLoop(None)] if asked else []), BotUttered(self._text)]


def of_its_own() -> PolicyPrediction:
    """No policy's. Hidden from policies that learn from stories, as a rule's turn is: their talk goes on after it, and
    they need not know the action. So any project's model goes with it."""
    return PolicyPrediction([1.0], policy_name="llm", hide_rule_turn=True)


def after_the_message() -> PolicyPrediction:
    """The first of a turn: Rasa notes with it how the message is read, which is by its intent."""
    prediction = of_its_own()
    prediction.events = [DefinePrevUserUtteredFeaturization(use_text_for_featurization=False)]
    return prediction
