"""Our tracker beside Rasa's own, made of the same events: do they answer the same?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from runtime.fold import UNDONE_BY_A_LOOP
from runtime.fold_reading import Reading
from runtime.stored_tracker import StoredTracker
from store import trackers


def stock_tracker(sender_id: str, events: Sequence[Event], domain: Domain) -> DialogueStateTracker:
    """Of events of its own: Rasa's write into each other."""
    return DialogueStateTracker.from_events(sender_id, list(events), domain.slots)


def differences(ours: StoredTracker, stock: DialogueStateTracker) -> list[str]:
    """What the two answer differently, by name; an answer of ours may be the end of stock's, where it must be."""
    found = []
    if not _is_end_of(_turns(step.event for step in ours.fold.steps), _turns(stock.applied_events())):
        found.append("applied_events")
    for reading in ours.fold.past.readings:
        if not _same_states(ours, stock, reading):
            found.append(f"past_states {reading.key}")
    theirs, mine = _as_stored(stock.current_state()), _as_stored(ours.copy().current_state())
    found += sorted(key for key in theirs if theirs[key] != mine[key])
    return found


def _as_stored(state: dict[str, Any]) -> dict[str, Any]:
    """What was never read back has tuples still, and numbers of numpy's."""
    stored: dict[str, Any] = trackers.decode(trackers.encode(state))
    return stored


def _same_states(ours: StoredTracker, stock: DialogueStateTracker, reading: Reading) -> bool:
    question = (reading.domain, reading.omit_unset_slots, reading.ignore_rule_only_turns, reading.rule_only_data)
    mine, theirs = ours.past_states(*question), stock.past_states(*question)
    tail = ours.fold.past.tail
    return mine == theirs[-len(mine) :] and len(mine) >= min(len(theirs), len(theirs) if tail is None else tail)


def _is_end_of(mine: list[str], theirs: list[str]) -> bool:
    return not mine or theirs[-len(mine) :] == mine


def _turns(events: Iterable[Event]) -> list[str]:
    """Who said and did what: of what else a long form leaves, only the last of each kind is kept."""
    return [str(event) for event in events if isinstance(event, UNDONE_BY_A_LOOP)]
