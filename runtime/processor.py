"""Rasa's message processor and agent, with the places plugged where a turn would leak out of its transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action, ActionListen
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import IS_EXTERNAL
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, ReminderCancelled, ReminderScheduled, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from runtime.custom_actions import Watched, quickened
from runtime.fold import OutOfReach
from runtime.fold_reach import ModelFacts, facts_of
from runtime.graph_order import OrderedGraph
from runtime.llm.action import AnswerWithLlm, after_the_message, of_its_own
from runtime.llm.mind import Mind
from runtime.llm.whom_to_ask import ANSWER_WITH_LLM, Heard, is_for_the_llm
from runtime.tracker_store import OpenTurn, open_turn


class TurnChannel(OutputChannel):
    """Stands for the real channel, so that responses are chosen for it. Nothing is sent from within a turn."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:  # type: ignore[override]
        return self._name


class TurnProcessor(MessageProcessor):
    """A `MessageProcessor` that only decides: what it would send, schedule or store is left in the open turn."""

    fail_as_stock = False

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        name, metadata, runner = MessageProcessor._load_model(model_path)
        return name, metadata, OrderedGraph(runner)

    async def parse_message(
        self, message: UserMessage, tracker: DialogueStateTracker | None = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        """A customer's words are words: a leading slash never reaches Rasa's shortcut to intents and slots."""
        turn = open_turn.get()
        words = _without_slashes(message.text or "")
        if turn is None or turn.chosen or words == message.text:
            return dict(await super().parse_message(message, tracker, only_output_properties))
        plain = UserMessage(
            words or "?",
            message.output_channel,
            message.sender_id,
            input_channel=message.input_channel,
            message_id=message.message_id,
            metadata=message.metadata,
        )
        return {**await super().parse_message(plain, tracker, only_output_properties), "text": message.text}

    @staticmethod
    async def _send_bot_messages(
        events: list[Event], tracker: DialogueStateTracker, output_channel: OutputChannel
    ) -> None:
        """The outbox is made of the turn's `BotUttered` events, in its commit."""

    async def _schedule_reminders(
        self, events: list[Event], tracker: DialogueStateTracker, output_channel: OutputChannel
    ) -> None:
        turn = open_turn.get()
        if turn is not None:
            turn.scheduled += [event for event in events if isinstance(event, ReminderScheduled)]

    @staticmethod
    async def _cancel_reminders(events: list[Event], tracker: DialogueStateTracker) -> None:
        turn = open_turn.get()
        if turn is None:
            return
        for event in events:
            if isinstance(event, ReminderCancelled):
                turn.cancelled.append(event)
                # One that this very turn scheduled before never was.
                turn.scheduled = [
                    r
                    for r in turn.scheduled
                    if not event.cancels_job_with_name(r.scheduled_job_name(tracker.sender_id), tracker.sender_id)
                ]

    def _get_action(self, action_name: str) -> Action | None:
        action = super()._get_action(action_name)
        return quickened(action) if action is not None else None

    async def _run_prediction_loop(self, output_channel: OutputChannel, tracker: DialogueStateTracker) -> None:
        """The agent's language model answers where it is asked and has an answer; in all else it is Rasa's turn."""
        turn = open_turn.get()
        if turn is not None and turn.mind is not None:
            words = await self._words_instead(turn, turn.mind, tracker)
            if words:
                await self._run_action(AnswerWithLlm(words), tracker, output_channel, self.nlg, after_the_message())
                await self._run_action(ActionListen(), tracker, output_channel, self.nlg, of_its_own())
                return
        await super()._run_prediction_loop(output_channel, tracker)

    async def _words_instead(self, turn: OpenTurn, mind: Mind, tracker: DialogueStateTracker) -> str | None:
        if not self._should_handle_message(tracker) or tracker.followup_action:
            return None
        action, _ = turn.foreseen = self.predict_next_with_tracker_if_should(tracker)
        if not is_for_the_llm(_heard(tracker, turn, action), mind.asked_when):
            return None
        words = await mind.words(tracker)
        if words:
            turn.foreseen = None
        return words

    def predict_next_with_tracker_if_should(self, tracker: DialogueStateTracker) -> tuple[Action, PolicyPrediction]:
        turn = open_turn.get()
        if turn is not None and turn.foreseen is not None:
            foreseen, turn.foreseen = turn.foreseen, None
            return foreseen
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        return quickened(action), prediction

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """Rasa goes on when an action raises, its events lost. Here the turn fails, and is tried again."""
        if action.name() == ANSWER_WITH_LLM and not isinstance(action, AnswerWithLlm):
            action = await _with_words(tracker)  # a rule of the project's names it
        watched = Watched(action)
        goes_on = await super()._run_action(watched, tracker, output_channel, nlg, prediction)
        if watched.failure is not None and not (self.fail_as_stock and _is_the_actions_own(watched.failure)):
            raise watched.failure
        return bool(goes_on)

    def _has_session_expired(self, tracker: DialogueStateTracker) -> bool:
        """By when the mail arrived, not by when we got round to it: a backlog must not end anybody's session."""
        turn = open_turn.get()
        if turn is None or not turn.arrived_at:
            return bool(super()._has_session_expired(tracker))
        minutes = self.domain.session_config.session_expiration_time
        if not self.domain.session_config.are_sessions_enabled():
            return False
        last: UserUttered | None = tracker.get_last_event_for(UserUttered)
        return last is not None and (turn.arrived_at - last.timestamp) / 60 > minutes


def _heard(tracker: DialogueStateTracker, turn: OpenTurn, first: Action) -> Heard:
    message = tracker.latest_message
    theirs = message is not None and not message.metadata.get(IS_EXTERNAL)
    return Heard(
        has_words=theirs and bool(message.text and message.text.strip()),
        chosen=turn.chosen,
        intent=message.intent_name if message else None,
        first_action=first.name(),
        loop=tracker.active_loop_name,
    )


async def _with_words(tracker: DialogueStateTracker) -> AnswerWithLlm:
    turn = open_turn.get()
    return AnswerWithLlm(await turn.mind.words(tracker) if turn is not None and turn.mind is not None else None)


def _is_the_actions_own(failure: Exception) -> bool:
    return not isinstance(failure, OutOfReach)


def _without_slashes(text: str) -> str:
    """Rasa strips every kind of white space before it looks for the slash, and so do we, if there is one."""
    if not text.lstrip().startswith("/"):
        return text
    while text and (text[0] == "/" or text[0].isspace()):
        text = text[1:]
    return text


class TurnAgent(Agent):
    """Rasa's agent with our processor, and without the wrapper that goes on in memory when the store fails."""

    fail_as_stock = False
    facts: ModelFacts

    @staticmethod
    def _create_tracker_store(store: TrackerStore | None, domain: Domain) -> TrackerStore:
        if store is None:
            raise ValueError("a turn needs a tracker store")
        store.domain = domain
        return store

    def load_model(self, model_path: str | Path, fingerprint: str | None = None) -> None:
        processor = TurnProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
            http_interpreter=self.http_interpreter,
        )
        processor.fail_as_stock = self.fail_as_stock
        self.processor = processor
        self.facts = facts_of(processor)
        self.domain = processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        if isinstance(self.nlg, TemplatedNaturalLanguageGenerator):
            self.nlg.responses = self.domain.responses if self.domain else {}
