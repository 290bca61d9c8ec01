"""Asks Rasa what to say. Nothing is sent, stored or scheduled here: the turn's commit does that, or nothing does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    ReminderCancelled,
    ReminderScheduled,
    SessionStarted,
    SlotSet,
    UserUttered,
)

from conversation.agent import Agent, Provider
from conversation.conversation import ConversationId
from conversation.errors import Unavailable
from conversation.said import say
from conversation.sent import Vocabulary
from runtime.channel import Utterance
from runtime.custom_actions import CustomAction, InProcessEndpoint
from runtime.dialogue import Question, Reply
from runtime.fold import OutOfReach
from runtime.live_trackers import LiveTrackers, snapshot_of
from runtime.llm.brief import Brief, of_a_trial
from runtime.llm.mind import Mind
from runtime.llm.scratch import TRIAL_PATIENCE_S, Scratch
from runtime.llm.thinker import Thinker
from runtime.processor import TurnAgent, TurnChannel, TurnProcessor
from runtime.settings import RuntimeSettings
from runtime.stored_tracker import StoredTracker
from runtime.tracker_store import VERDICT_SLOT, BatonTrackerStore, OpenTurn
from runtime.trying_out import Tried
from runtime.turn_context import opened
from store.database import Database
from store.handovers import REQUEST_SLOT
from store.snapshots import Snapshot
from store.timers import Change as TimerChange

log = structlog.get_logger()

#: What a turn does with Rasa: a message to hear, a reminder to ring.
Part = Callable[[TurnProcessor, OpenTurn, Question], Awaitable[None]]

#: Not carried over when a person gives a conversation back: they are about the handover that is over.
_HANDOVER_SLOTS = (
    REQUEST_SLOT,
    VERDICT_SLOT,
    SESSION_START_METADATA_SLOT,
    "requested_slot",
    "handover_reason",
    "pending_noted",
)


class RasaDialogue:
    """A trained Rasa model, its actions and live trackers. One event loop uses it; turns interleave at awaits only."""

    def __init__(self, db: Database, settings: RuntimeSettings, thinker: Thinker | None = None) -> None:
        """`thinker`: asks the language models of agents that have one; without it Rasa answers for all."""
        self._db, self._settings, self._thinker = db, settings, thinker
        self._agent: TurnAgent | None = None
        self._vocabulary = Vocabulary(loaded=False)
        self._live = LiveTrackers(db, settings)
        self._scratch = Scratch()

    @property
    def ready(self) -> bool:
        return self._agent is not None

    @property
    def vocabulary(self) -> Vocabulary:
        """What the model's domain can be told, of its own."""
        return self._vocabulary

    def load(self, model: Path, endpoints_file: Path | None, actions: str | None) -> None:
        """Both halves at once, for whoever has no turn under way."""
        self.switch(self.prepare(model, endpoints_file, actions))

    def prepare(self, model: Path, endpoints_file: Path | None, actions: str | None) -> TurnAgent:
        """Loads a model aside; in a thread, where turns go on meanwhile: they share nothing with it.

        `actions`: the package whose custom actions run here; None: behind the `action_endpoint` of the endpoints file.
        """
        endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file)) if endpoints_file else AvailableEndpoints()
        if endpoints.event_broker is not None:
            log.warning("event_broker_not_served", file=str(endpoints_file))
        CustomAction.events_shown = self._settings.action_events
        agent = TurnAgent(
            generator=endpoints.nlg,
            tracker_store=BatonTrackerStore(None, database=self._db),
            lock_store=InMemoryLockStore(),
            action_endpoint=InProcessEndpoint(actions) if actions else endpoints.action,
        )
        agent.fail_as_stock = self._settings.actions_fail_as_stock
        agent.load_model(model)
        log.info("model_loaded", model=model.name)
        return agent

    def switch(self, agent: TurnAgent) -> None:
        """From now on turns begin with this one; those under way end with the one they began with."""
        self._agent = agent
        domain = agent.domain
        self._vocabulary = Vocabulary(intents=frozenset(domain.intents), entities=frozenset(domain.entities))
        self._live.clear()  # they hold on to the model before, and are built anew by this one's domain
        self._scratch.clear()

    async def answer(self, question: Question) -> Reply:
        return await self._within_reach(question, _hear)

    async def remind(self, question: Question) -> Reply:
        """A reminder fell due: what Rasa's scheduler would do now."""
        return await self._within_reach(question, _ring)

    async def try_out(self, agent: Agent, session: str, text: str, account_ids: Collection[str] | None = None) -> Tried:
        """As a turn would answer, by a tracker that nobody else sees and nothing is kept of."""
        if self._agent is None or not isinstance(self._agent.processor, TurnProcessor):
            raise Unavailable(say("The assistant has no model yet, or is still loading it."))
        processor = self._agent.processor
        brief = await self._db.read(of_a_trial, agent, TRIAL_PATIENCE_S, account_ids)
        return await self._scratch.try_out(processor, brief, session, text, self._mind(brief))

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        self._live.committed(conversation_id, seq)

    def forget(self, conversation_id: ConversationId) -> None:
        self._live.forget(conversation_id)

    async def _within_reach(self, question: Question, part: Part) -> Reply:
        """Nothing has happened outside until the commit, so a turn that reaches too far back is begun again."""
        mind = self._mind(question.brief) if part is _hear else None
        try:
            return await self._turn(question, part, mind)
        except OutOfReach as beyond:
            log.info("whole_session_read", why=str(beyond))
            self.forget(question.mail.conversation_id)
            if mind is not None:
                mind.begin_again()
            return await self._turn(question, part, mind, whole=True)

    def _mind(self, brief: Brief | None) -> Mind | None:
        if brief is None or self._thinker is None or brief.agent.provider is Provider.RASA:
            return None
        return Mind(self._thinker, brief)

    async def _turn(self, question: Question, part: Part, mind: Mind | None, whole: bool = False) -> Reply:
        if self._agent is None or not isinstance(self._agent.processor, TurnProcessor):
            raise RuntimeError("no model is loaded")
        processor, facts = self._agent.processor, self._agent.facts
        tracker = await self._live.get(question.mail.conversation_id, facts, whole=whole)
        tracker.model_id = processor.model_metadata.model_id
        tracker.assistant_id = processor.model_metadata.assistant_id
        base_seq = tracker.position.seq
        arrived_at = question.mail.arrived_at.timestamp()
        turn = OpenTurn(tracker=tracker, arrived_at=arrived_at, chosen=question.chosen, mind=mind)
        with opened(turn, question.shop):
            await part(processor, turn, question)
        return self._reply(turn, base_seq, snapshot_of(tracker, facts))

    def _reply(self, turn: OpenTurn, base_seq: int, snapshot: Snapshot | None) -> Reply:
        new = turn.tracker.unsaved()
        said = next((e for e in new if isinstance(e, UserUttered)), None)
        return Reply(
            base_seq=base_seq,
            events=[event.as_dict() for event in new],
            utterances=[_utterance(event) for event in new if isinstance(event, BotUttered)],
            timers=_timer_changes(turn),
            intent=said.intent_name if said else None,
            confidence=(said.intent or {}).get("confidence") if said else None,
            snapshot=snapshot,
        )


async def _hear(processor: TurnProcessor, turn: OpenTurn, question: Question) -> None:
    if question.return_due or _is_in_a_loop_no_more(turn.tracker, processor):
        start_from_known_point(turn.tracker, processor)
    await processor.handle_message(_user_message(question))


def _is_in_a_loop_no_more(tracker: StoredTracker, processor: TurnProcessor) -> bool:
    """In a form that the model before knew, and this one's domain does not: Rasa would fail at every message."""
    loop = tracker.active_loop_name
    return bool(loop) and loop not in processor.domain.action_names_or_texts


async def _ring(processor: TurnProcessor, turn: OpenTurn, question: Question) -> None:
    tracker, reminder = turn.tracker, _reminder(question.mail.payload)
    outdated = reminder.kill_on_user_message and processor._has_message_after_reminder(tracker, reminder)
    if not outdated and processor._is_reminder_still_valid(tracker, reminder):
        await processor.trigger_external_user_uttered(
            reminder.intent, reminder.entities, tracker, TurnChannel(question.channel)
        )


def _user_message(question: Question) -> UserMessage:
    return UserMessage(
        question.text,
        TurnChannel(question.channel),
        question.mail.conversation_id,
        input_channel=question.channel,
        message_id=question.mail.provider_id,
        metadata=dict(question.metadata),
    )


def start_from_known_point(tracker: StoredTracker, processor: TurnProcessor) -> None:
    """A session start with one event per slot kept: it closes loops, clears followups and a pause; trained for."""
    kept = [
        SlotSet(name, slot.value)
        for name, slot in tracker.slots.items()
        if name not in _HANDOVER_SLOTS and slot.value != slot.initial_value
    ]
    start = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), *kept, ActionExecuted(ACTION_LISTEN_NAME)]
    tracker.update_with_events(start, processor.domain)


def _utterance(event: BotUttered) -> Utterance:
    said = event.data or {}
    # Rasa writes a picture down as an attachment too, and sends it once.
    attachment = said.get("attachment") if said.get("attachment") != said.get("image") else None
    return Utterance(
        text=event.text or None,
        buttons=[*(said.get("buttons") or []), *(said.get("quick_replies") or [])],
        image=said.get("image"),
        attachment=attachment,
        elements=said.get("elements") or [],
        custom=said.get("custom") or {},
    )


def _timer_changes(turn: OpenTurn) -> list[TimerChange]:
    sender_id = turn.tracker.sender_id

    def cancels(event: ReminderCancelled, payload: Mapping[str, Any]) -> bool:
        return bool(event.cancels_job_with_name(_reminder(payload).scheduled_job_name(sender_id), sender_id))

    changes = [
        TimerChange(cancels=lambda payload, event=event: cancels(event, payload))  # type: ignore[misc]
        for event in turn.cancelled
    ]
    return changes + [
        TimerChange(name=event.name, due_at=_aware(event.trigger_date_time), payload=event.as_dict())
        for event in turn.scheduled
    ]


def _reminder(payload: Mapping[str, Any]) -> ReminderScheduled:
    event = ReminderScheduled._from_parameters(dict(payload))
    assert isinstance(event, ReminderScheduled)
    return event


def _aware(moment: datetime) -> datetime:
    return moment.astimezone()  # Rasa's reminders are often naive, and then in local time
