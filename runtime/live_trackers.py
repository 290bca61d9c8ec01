"""The trackers a worker keeps in memory, each caught up with the store before a turn, or read from it anew.

A long session is read by its snapshot and the events after it. A snapshot is worth nothing to another model, and may be
lost or spoilt: then the session is read whole, which is slow and right.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from rasa.shared.core.events import Event, SessionStarted, UserUttered
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from runtime import fold_check, fold_snapshot
from runtime.fold import OutOfReach
from runtime.fold_reach import ModelFacts
from runtime.settings import RuntimeSettings
from runtime.stored_tracker import StoredTracker
from runtime.tracker_store import deserialise
from store import snapshots, trackers
from store.database import Database
from store.snapshots import Snapshot
from store.trackers import Position

log = structlog.get_logger()

#: A snapshot is written when the last one is older than so many events.
_SNAPSHOT_EVERY = 100
#: A session shorter than this is as soon read whole.
_WORTH_A_SNAPSHOT = 300
#: A session is read so many events at a time: all of a long one would not fit into a small worker.
_PAGE = 2_000
#: More events than these are played in a thread: other conversations' turns must not wait for it.
_QUICK = 500
#: What an event of a live tracker takes, about, with the step it made; a message brings what was understood of it.
_BYTES_AN_EVENT, _BYTES_A_MESSAGE = 1_500, 6_000

#: However few of them actions are shown.
_EVENTS_KEPT = 50

#: What reading something spoilt comes to.
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)

Numbered = tuple[int, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """A snapshot, the events that go with it, and where the talk stands now."""

    position: Position
    events: Sequence[Numbered]
    snapshot: Snapshot


class LiveTrackers:
    def __init__(self, db: Database, settings: RuntimeSettings) -> None:
        self._db, self._settings = db, settings
        self._live: OrderedDict[str, StoredTracker] = OrderedDict()
        self._weights: dict[str, int] = {}
        self._turns = 0

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._live

    def __getitem__(self, conversation_id: str) -> StoredTracker:
        return self._live[conversation_id]

    def __len__(self) -> int:
        return len(self._live)

    @property
    def _events_kept(self) -> int:
        return max(self._settings.action_events, _EVENTS_KEPT)

    async def get(self, conversation_id: ConversationId, model: ModelFacts, *, whole: bool = False) -> StoredTracker:
        """At what is stored now. `whole`: with every event of its session in memory, for a turn that needs them."""
        tracker = None if whole else self._live.get(conversation_id)
        if tracker is None or tracker.built_for is not model or not await self._catch_up(tracker, model):
            tracker = await self._read(conversation_id, model, whole=whole)
        if self._is_due_for_a_check() and not await self._is_as_stock_has_it(tracker, model):
            tracker = await self._read(conversation_id, model, whole=True)
        self._live[conversation_id] = tracker
        self._live.move_to_end(conversation_id)
        return tracker

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        tracker = self._live.get(conversation_id)
        if tracker is None:
            return
        tracker.committed(seq)
        tracker.let_go(self._events_kept)
        self._weights[conversation_id] = _weight(tracker)
        limit = self._settings.live_trackers_mb * 1_000_000
        while self._live and (len(self._live) > self._settings.live_trackers or sum(self._weights.values()) > limit):
            self.forget(ConversationId(next(iter(self._live))))

    def forget(self, conversation_id: ConversationId) -> None:
        self._live.pop(conversation_id, None)
        self._weights.pop(conversation_id, None)

    def clear(self) -> None:
        self._live.clear()
        self._weights.clear()

    # From the store

    async def _read(self, conversation_id: ConversationId, model: ModelFacts, *, whole: bool) -> StoredTracker:
        if not whole:
            stored = await self._db.read(_by_snapshot, conversation_id, model)
            if stored is not None:
                try:
                    return self._from_snapshot(conversation_id, stored, model)
                except _UNREADABLE:
                    log.warning("snapshot_unreadable", conversation=conversation_id)
            with contextlib.suppress(OutOfReach):
                return await self._read_through(conversation_id, model, self._events_kept)
        return await self._read_through(conversation_id, model, None)

    def _from_snapshot(self, conversation_id: str, stored: _Stored, model: ModelFacts) -> StoredTracker:
        tracker = _new(conversation_id, model)
        _go_on(tracker, stored.snapshot, stored.events)
        tracker.position, tracker.stored_events = stored.position, len(tracker.events)
        tracker.let_go(self._events_kept)
        return tracker

    async def _read_through(self, conversation_id: str, model: ModelFacts, kept: int | None) -> StoredTracker:
        """The session page by page, however long it is. `kept`: so many events stay in memory; None: all."""
        position = await self._db.read(trackers.position, conversation_id)
        tracker = _new(conversation_id, model)
        tracker.fold.seq = position.session_seq - 1
        while tracker.fold.seq < position.seq:
            until = min(tracker.fold.seq + _PAGE, position.seq)
            page = await self._db.read(trackers.numbered_after, conversation_id, tracker.fold.seq, until=until)
            if not page:
                break  # deleted while it was read: the turn's commit will be refused
            if len(page) > _QUICK:
                await asyncio.to_thread(_play, tracker, page, kept)
            else:
                _play(tracker, page, kept)
        tracker.replay_events()
        tracker.position, tracker.stored_events = position, len(tracker.events)
        return tracker

    async def _catch_up(self, tracker: StoredTracker, model: ModelFacts) -> bool:
        """Appends what others stored since. False: the store has another talk under this name, this one is gone."""
        seq = tracker.position.seq
        later, position = await self._db.read(
            lambda tx: (
                trackers.numbered_after(tx, tracker.sender_id, max(0, seq - 1)),
                trackers.position(tx, tracker.sender_id),
            )
        )
        if seq and (not later or not _is_same(later.pop(0)[1], tracker)):
            return False
        tracker.model_id = tracker.assistant_id = None  # what others stored says itself which model it is of
        for _, event in later:
            tracker.update(deserialise(event), model.domain)
        if later:
            tracker.committed(position.seq)
        tracker.position = position
        return True

    # Against Rasa's own

    def _is_due_for_a_check(self) -> bool:
        self._turns += 1
        every = self._settings.self_check_every
        return every > 0 and self._turns % every == 0

    async def _is_as_stock_has_it(self, tracker: StoredTracker, model: ModelFacts) -> bool:
        position = tracker.position
        events = await self._db.read(trackers.events_after, tracker.sender_id, position.session_seq - 1)
        stock = fold_check.stock_tracker(tracker.sender_id, [deserialise(event) for event in events], model.domain)
        differing = fold_check.differences(tracker, stock)
        if differing:
            log.error("fold_differs", conversation=tracker.sender_id, seq=position.seq, where=differing)
        return not differing


def snapshot_of(tracker: StoredTracker, model: ModelFacts) -> Snapshot | None:
    """One to be stored with what the tracker has not stored yet; None where the last one will do."""
    if tracker.fold.past.tail is None or not _is_due(tracker):
        return None
    seq, events = tracker.fold.seq, list(tracker.events)
    body = {
        "fold": fold_snapshot.pack(tracker.fold),
        "remembered": fold_snapshot.pack_events(events[: tracker.remembered]),
        "first": seq - (len(events) - tracker.remembered) + 1,
    }
    tracker.snapshot_seq = seq
    return Snapshot(seq=seq, model=model.id, domain=model.fingerprint, body=body)


def _is_due(tracker: StoredTracker) -> bool:
    if any(isinstance(event, SessionStarted) for event in tracker.unsaved()):
        return False  # the session before is over, and the new one short
    seq, start = tracker.fold.seq, tracker.position.session_seq
    return seq - start >= _WORTH_A_SNAPSHOT and seq - tracker.snapshot_seq >= _SNAPSHOT_EVERY


def _go_on(tracker: StoredTracker, snapshot: Snapshot, stored: Sequence[Numbered]) -> None:
    events: dict[int, Event] = {seq: deserialise(event) for seq, event in stored}
    fold_snapshot.unpack(tracker.fold, snapshot.body["fold"], events, deserialise)
    remembered = fold_snapshot.unpack_events(snapshot.body["remembered"], deserialise)
    recent = [events[seq] for seq in range(snapshot.body["first"], snapshot.seq + 1)]
    tracker.events = deque([*remembered, *recent])
    tracker.remembered, tracker.snapshot_seq = len(remembered), snapshot.seq
    for seq, event in events.items():
        if seq > snapshot.seq:
            tracker.update(event)
    tracker.replay_events()


def _new(conversation_id: str, model: ModelFacts) -> StoredTracker:
    tracker = StoredTracker(conversation_id, model.domain.slots, past=model.past)
    tracker.built_for = model
    return tracker


def _play(tracker: StoredTracker, events: Sequence[Numbered], kept: int | None) -> None:
    for _, event in events:
        tracker.update(deserialise(event))
    tracker.stored_events = len(tracker.events)
    if kept is not None:
        tracker.let_go(kept)


def _by_snapshot(tx: Connection, sender_id: str, model: ModelFacts) -> _Stored | None:
    position, snapshot = trackers.position(tx, sender_id), _snapshot(tx, sender_id, model)
    if snapshot is None or not position.session_seq <= snapshot.seq <= position.seq:
        return None
    first: int = snapshot.body["first"]
    older = [seq for seq in snapshot.body["fold"]["steps"] if seq < first]
    events = [*trackers.numbered(tx, sender_id, older), *trackers.numbered_after(tx, sender_id, first - 1)]
    return _Stored(position=position, events=events, snapshot=snapshot)


def _snapshot(tx: Connection, sender_id: str, model: ModelFacts) -> Snapshot | None:
    try:
        snapshot = snapshots.find(tx, sender_id, model=model.id, domain=model.fingerprint)
        return snapshot if snapshot is None or {"first", "fold"} <= snapshot.body.keys() else None
    except _UNREADABLE:
        log.warning("snapshot_unreadable", conversation=sender_id)
        return None


def _is_same(event: dict[str, Any], tracker: StoredTracker) -> bool:
    last = tracker.events[-1] if tracker.events else None
    return last is not None and event["event"] == last.type_name and event.get("timestamp") in (None, last.timestamp)


def _weight(tracker: StoredTracker) -> int:
    return sum(_BYTES_A_MESSAGE if isinstance(event, UserUttered) else _BYTES_AN_EVENT for event in tracker.events)
