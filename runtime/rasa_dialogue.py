"""Asks Rasa what to say. Nothing is sent, stored or scheduled here: the turn's commit does that, or nothing does."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
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
    Event,
    ReminderCancelled,
    ReminderScheduled,
    SessionStarted,
    SlotSet,
    UserUttered,
)

from conversation.conversation import ConversationId
from runtime import custom_actions
from runtime.channel import Utterance
from runtime.custom_actions import CustomAction, InProcessEndpoint
from runtime.dialogue import Question, Reply
from runtime.processor import TurnAgent, TurnChannel, TurnProcessor
from runtime.settings import RuntimeSettings
from runtime.tracker_store import (
    VERDICT_SLOT,
    BatonTrackerStore,
    OpenTurn,
    StoredTracker,
    build_tracker,
    catch_up,
    open_turn,
    read_session,
)
from store import trackers
from store.database import Database
from store.handovers import REQUEST_SLOT
from store.timers import Change as TimerChange

log = structlog.get_logger()

#: Not carried over when a person gives a conversation back: they are about the handover that is over.
_HANDOVER_SLOTS = (REQUEST_SLOT, VERDICT_SLOT, SESSION_START_METADATA_SLOT, "requested_slot")


class RasaDialogue:
    """A trained Rasa model, its actions and live trackers. One event loop uses it; turns interleave at awaits only."""

    def __init__(self, db: Database, settings: RuntimeSettings) -> None:
        self._db, self._settings = db, settings
        self._store = BatonTrackerStore(None, database=db)
        self._agent: TurnAgent | None = None
        self._live: OrderedDict[str, StoredTracker] = OrderedDict()

    @property
    def ready(self) -> bool:
        return self._agent is not None

    def load(self, model: Path, endpoints_file: Path | None, actions: str | None) -> None:
        """Loads a model; may be called in a thread. What was loaded before answers until this one can.

        `actions`: the package whose custom actions run here; None: behind the `action_endpoint` of the endpoints file.
        """
        endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file)) if endpoints_file else AvailableEndpoints()
        if endpoints.event_broker is not None:
            log.warning("event_broker_not_served", file=str(endpoints_file))
        CustomAction.events_shown = self._settings.action_events
        agent = TurnAgent(
            generator=endpoints.nlg,
            tracker_store=self._store,
            lock_store=InMemoryLockStore(),
            action_endpoint=InProcessEndpoint(actions) if actions else endpoints.action,
        )
        agent.fail_as_stock = self._settings.actions_fail_as_stock
        agent.load_model(model)
        self._agent = agent  # live trackers of the model before are built anew when they are next needed
        log.info("model_loaded", model=model.name)

    async def answer(self, question: Question) -> Reply:
        processor = self._processor
        tracker = await self._tracker(processor, question.mail.conversation_id)
        base_seq, before = tracker.position.seq, len(tracker.events)
        turn = OpenTurn(tracker=tracker, arrived_at=question.mail.arrived_at.timestamp(), chosen=question.chosen)
        with _opened(turn, question.shop):
            if question.return_due:
                start_from_known_point(tracker, processor)
            await processor.handle_message(_user_message(question))
        return self._reply(turn, base_seq, before)

    async def remind(self, question: Question) -> Reply:
        """A reminder fell due: what Rasa's scheduler would do now."""
        processor = self._processor
        tracker = await self._tracker(processor, question.mail.conversation_id)
        base_seq, before = tracker.position.seq, len(tracker.events)
        turn = OpenTurn(tracker=tracker, arrived_at=question.mail.arrived_at.timestamp())
        reminder = _reminder(question.mail.payload)
        with _opened(turn, question.shop):
            outdated = reminder.kill_on_user_message and processor._has_message_after_reminder(tracker, reminder)
            if not outdated and processor._is_reminder_still_valid(tracker, reminder):
                await processor.trigger_external_user_uttered(
                    reminder.intent, reminder.entities, tracker, TurnChannel(question.channel)
                )
        return self._reply(turn, base_seq, before)

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        tracker = self._live.get(conversation_id)
        if tracker is not None:
            tracker.position = trackers.Position(seq=seq, session_seq=tracker.position.session_seq)
            tracker.stored_events = len(tracker.events)

    def forget(self, conversation_id: ConversationId) -> None:
        self._live.pop(conversation_id, None)

    @property
    def _processor(self) -> TurnProcessor:
        if self._agent is None or not isinstance(self._agent.processor, TurnProcessor):
            raise RuntimeError("no model is loaded")
        return self._agent.processor

    async def _tracker(self, processor: TurnProcessor, conversation_id: ConversationId) -> StoredTracker:
        """The live tracker, brought up to what others stored in the meantime; else read from the store."""
        tracker = self._live.get(conversation_id)
        if tracker is None or tracker.built_for is not processor:
            stored, position = await self._db.read(read_session, conversation_id)
            tracker = build_tracker(conversation_id, processor.domain, stored, position)
            tracker.built_for = processor
        else:
            seq = tracker.position.seq
            later, position = await self._db.read(
                lambda tx: (
                    trackers.events_after(tx, conversation_id, seq),
                    trackers.position(tx, conversation_id),
                )
            )
            if later:
                catch_up(tracker, later, position, processor.domain)
        tracker.model_id = processor.model_metadata.model_id
        tracker.assistant_id = processor.model_metadata.assistant_id
        self._live[conversation_id] = tracker
        self._live.move_to_end(conversation_id)
        while len(self._live) > self._settings.live_trackers:
            self._live.popitem(last=False)
        return tracker

    def _reply(self, turn: OpenTurn, base_seq: int, before: int) -> Reply:
        new: list[Event] = list(turn.tracker.events)[before:]
        said = next((e for e in new if isinstance(e, UserUttered)), None)
        return Reply(
            base_seq=base_seq,
            events=[event.as_dict() for event in new],
            utterances=[_utterance(event) for event in new if isinstance(event, BotUttered)],
            timers=_timer_changes(turn),
            intent=said.intent_name if said else None,
            confidence=(said.intent or {}).get("confidence") if said else None,
        )


@contextlib.contextmanager
def _opened(turn: OpenTurn, shop: Mapping[str, Any]) -> Iterator[None]:
    token = open_turn.set(turn)
    seen = custom_actions.extra_metadata.set({"shop": dict(shop)} if shop else {})
    try:
        yield
    finally:
        custom_actions.extra_metadata.reset(seen)
        open_turn.reset(token)


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
    return Utterance(
        text=event.text or None,
        buttons=[*(said.get("buttons") or []), *(said.get("quick_replies") or [])],
        image=said.get("image"),
        attachment=said.get("attachment"),
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
