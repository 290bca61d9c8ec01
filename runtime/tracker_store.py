"""Rasa's tracker store over ours: one history, only appended to.

Inside a turn nothing is written here: the turn's commit writes. Outside one (`rasa shell`, Rasa's HTTP API, its other
channels) a save commits by itself, and raises if somebody else appended in between. A tracker read outside a turn is
silent whenever the gate says that the assistant may not speak.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action
from rasa.core.brokers.broker import EventBroker
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core import events as rasa_events
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection

from conversation.gate import Answer, Reason, who_has_it, why_silent
from runtime.clock import SystemClock
from runtime.llm.mind import Mind
from runtime.stored_tracker import StoredTracker
from store import accounts, agents, conversations, former_ids, migrations, trackers
from store.database import Database, sqlite_url
from store.trackers import Position, TrackerMoved

VERDICT_SLOT = "agent_verdict"
_KEYS_AT_ONCE = 5_000


@dataclass
class OpenTurn:
    """The turn this task is in: its tracker, and what Rasa asked for besides events."""

    tracker: StoredTracker
    arrived_at: float = 0.0  # of the mail, seconds since 1970
    chosen: bool = False  # the text is the payload of a button of ours, not a customer's words
    mind: Mind | None = None  # where the agent thinks with a language model
    foreseen: tuple[Action, PolicyPrediction] | None = None  # what Rasa would do next, if it was asked already
    scheduled: list[rasa_events.ReminderScheduled] = field(default_factory=list)
    cancelled: list[rasa_events.ReminderCancelled] = field(default_factory=list)


#: Reaches what Rasa starts from the turn (tasks, `to_thread`).
open_turn: contextvars.ContextVar[OpenTurn | None] = contextvars.ContextVar("open_turn", default=None)


def _types() -> dict[str, type[Event]]:
    pending, found = [Event], {}
    while pending:
        for cls in pending.pop().__subclasses__():
            found[cls.type_name] = cls
            pending.append(cls)
    return found


class _Deserialiser:
    """Rasa walks all event classes for each event; a table does."""

    def __init__(self) -> None:
        self._types: dict[str, type[Event]] = {}

    def __call__(self, stored: Mapping[str, Any]) -> Event:
        name = stored["event"]
        if name not in self._types:
            self._types = _types()
        event = self._types[name]._from_parameters(dict(stored))
        if event is None:
            raise ValueError(f"a stored event of the type {name} can't be read")
        return event


deserialise = _Deserialiser()


def build_tracker(
    sender_id: str, domain: Domain, stored: Iterable[Mapping[str, Any]], position: Position
) -> StoredTracker:
    """A tracker of these events, as Rasa would build it."""
    events = [deserialise(event) for event in stored]
    tracker = StoredTracker(sender_id, domain.slots)
    tracker.fold.seq = position.seq - len(events)
    tracker.recreate_from_dialogue(Dialogue("", events))
    tracker.position, tracker.stored_events = position, len(tracker.events)
    return tracker


def read_session(tx: Connection, sender_id: str) -> tuple[list[dict[str, Any]], Position]:
    """The events of the latest session, which is what Rasa works with."""
    sender_id = former_ids.resolved(tx, sender_id)
    position = trackers.position(tx, sender_id)
    return trackers.events_after(tx, sender_id, position.session_seq - 1), position


def silence(tx: Connection, sender_id: str) -> Reason | None:
    """Why the assistant may not speak to this sender outside a turn: one of our conversations, or any other."""
    conversation = conversations.find(tx, sender_id)
    if conversation is None:
        return why_silent(None, agents.ensure_default(tx, SystemClock().now()))
    account = accounts.get(tx, conversation.account_id)
    return who_has_it(account, conversation) or why_silent(account, agents.get(tx, account.agent_id))


class BatonTrackerStore(TrackerStore):
    """`endpoints.yml`: `tracker_store: {type: runtime.tracker_store.BatonTrackerStore}`.

    Which database: `DATABASE_URL`, else SQLite in `BATON_HOME` (default `var`).
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        url: str | None = None,
        database: Database | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.db = database or open_database(url)

    async def get_or_create_tracker(
        self, sender_id: str, max_event_history: int | None = None, append_action_listen: bool = True
    ) -> DialogueStateTracker:
        turn = open_turn.get()
        if turn is not None and turn.tracker.sender_id == sender_id:
            return turn.tracker
        return await super().get_or_create_tracker(sender_id, max_event_history, append_action_listen)

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        tracker = StoredTracker(sender_id, self.domain.slots)
        await self._hush(tracker)
        if append_action_listen:
            tracker.update(rasa_events.ActionExecuted("action_listen"))
        return tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """Also of somebody new: the wrapper of Rasa's own agent would make one that is never silent."""
        turn = open_turn.get()
        if turn is not None and turn.tracker.sender_id == sender_id:
            return turn.tracker
        stored, position = await self.db.read(read_session, sender_id)
        tracker = build_tracker(sender_id, self.domain, stored, position)
        await self._hush(tracker)
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        stored, position = await self.db.read(_read_whole, conversation_id)
        return build_tracker(conversation_id, self.domain, stored, position) if position.seq else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        if open_turn.get() is not None:
            return
        if isinstance(tracker, StoredTracker):
            new = [event.as_dict() for event in tracker.unsaved()]
            base: int | None = tracker.position.seq
        else:  # built by Rasa's HTTP API from events it was given: they take the place of what is stored
            new, base = [event.as_dict() for event in tracker.events], None
        position = await self.db.write(_save, tracker.sender_id, new, base)
        if isinstance(tracker, StoredTracker):
            tracker.position, tracker.stored_events = position, len(tracker.events)
        await self._publish(tracker.sender_id, new)

    async def exists(self, conversation_id: str) -> bool:
        return await self.db.read(trackers.exists, conversation_id)

    async def keys(self) -> Iterable[str]:
        """All of them, however many, a page at a time: nobody else's reading waits for it."""
        found: list[str] = []
        while True:
            page = await self.db.read(trackers.sender_ids, after=found[-1] if found else "", limit=_KEYS_AT_ONCE)
            found += page
            if len(page) < _KEYS_AT_ONCE:
                return found

    async def delete(self, sender_id: str) -> None:
        await self.db.write(trackers.delete, sender_id)

    async def _hush(self, tracker: StoredTracker) -> None:
        """Silences a tracker that may not be answered; `check_agent` finds why in a slot, where the domain has it."""
        reason = await self.db.write(silence, tracker.sender_id)
        tracker.silenced = reason is not None
        if VERDICT_SLOT not in tracker.slots:
            return
        verdict = {
            "verdict": (Answer.RECORD if reason else Answer.ANSWER).value,
            "reason": (reason or Reason.MAY_ANSWER).value,
        }
        if tracker.get_slot(VERDICT_SLOT) != verdict and (reason or tracker.get_slot(VERDICT_SLOT)):
            tracker.update(SlotSet(VERDICT_SLOT, verdict), self.domain)

    async def _publish(self, sender_id: str, new: list[dict[str, Any]]) -> None:
        if self.event_broker is None:
            return
        for event in new:
            await asyncio.to_thread(self.event_broker.publish, {"sender_id": sender_id, **event})


def _read_whole(tx: Connection, sender_id: str) -> tuple[list[dict[str, Any]], Position]:
    sender_id = former_ids.resolved(tx, sender_id)
    return trackers.events_after(tx, sender_id, 0), trackers.position(tx, sender_id)


def _save(tx: Connection, sender_id: str, new: list[dict[str, Any]], base: int | None) -> Position:
    sender_id = former_ids.resolved(tx, sender_id)
    if base is None:
        stored = trackers.events_after(tx, sender_id, 0)
        if new[: len(stored)] == stored:
            new = new[len(stored) :]
        elif conversations.find(tx, sender_id) is not None:
            # Where reading failed, Rasa's wrapper goes on with an empty tracker: it must not cost a customer's history.
            raise TrackerMoved(f"the history of {sender_id} is only appended to")
        else:
            trackers.delete(tx, sender_id)
    return trackers.append(tx, sender_id, new, now=SystemClock().now(), expected_seq=base)


def open_database(url: str | None) -> Database:
    """For Rasa's own commands, which know no settings of ours."""
    home = Path(os.environ.get("BATON_HOME") or "var")
    home.mkdir(parents=True, exist_ok=True)
    database = Database(url or os.environ.get("DATABASE_URL") or sqlite_url((home / "baton.db").resolve()))
    migrations.upgrade(database)
    return database
