"""A fold as JSON, and back: what a worker needs to go on with a talk without reading all of it.

The events of its steps are not in it, only their numbers: they are in the database already.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rasa.shared.core.constants import SLOTS, USER
from rasa.shared.core.domain import State
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import TrackerActiveLoop
from rasa.shared.nlu.constants import ENTITIES

from runtime.fold import Floor, Fold, Seen
from runtime.fold_moment import Moment
from runtime.fold_reading import Record

Read = Callable[[Mapping[str, Any]], Event]


def pack(fold: Fold) -> dict[str, Any]:
    floor = fold.floor
    return {
        "seq": fold.seq,
        "steps": [step.seq for step in fold.steps],
        "records": [{key: _record(record) for key, record in step.records.items()} for step in fold.steps],
        "told": _moment(fold.told, fold.bare),
        "loops": sorted(fold.loops),
        "executed": fold.executed,
        "acted": fold.acted,
        "floor": {
            "moment": _moment(floor.moment, fold.bare),
            "whole": floor.whole,
            "open_loops": sorted(floor.open_loops),
            "essence": [_event(event) for event in floor.essence],
            "seen": {key: [*_record(seen.record), seen.states] for key, seen in floor.seen.items()},
        },
    }


def unpack(fold: Fold, packed: Mapping[str, Any], events: Mapping[int, Event], read: Read) -> None:
    """Brings a new fold to where the packed one was. `events`: at least those of its steps, by their numbers."""
    floor = packed["floor"]
    fold.floor = Floor(
        moment=_moment_of(floor["moment"], fold.bare, read),
        whole=floor["whole"],
        open_loops=frozenset(floor["open_loops"]),
        essence=tuple(_event_of(event, read) for event in floor["essence"]),
        seen={key: _seen_of(*seen) for key, seen in floor["seen"].items()},
    )
    fold.now = fold.floor.moment
    last = {key: seen.record.last for key, seen in fold.floor.seen.items()}
    for seq, records in zip(packed["steps"], packed["records"], strict=True):
        fold.push(events[seq], seq)
        for key, record in records.items():
            hidden, last_ml_action, state = record
            last[key] = last.get(key) if state is None else _state_of(state)
            fold.steps[-1].records[key] = Record(hidden, last_ml_action, last[key], seen=state is not None)
    fold.told = _moment_of(packed["told"], fold.bare, read)
    fold.seq, fold.acted, fold.executed = packed["seq"], packed["acted"], dict(packed["executed"])
    fold.loops = frozenset(packed["loops"])


def pack_events(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [_event(event) for event in events]


def unpack_events(packed: Sequence[Mapping[str, Any]], read: Read) -> list[Event]:
    return [_event_of(event, read) for event in packed]


def _event(event: Event) -> dict[str, Any]:
    """With what other events wrote into it, which Rasa does not store with it."""
    packed: dict[str, Any] = {"event": event.as_dict()}
    if isinstance(event, UserUttered):
        packed.update(by_text=event.use_text_for_featurization, entities=event.entities)
    return packed


def _event_of(packed: Mapping[str, Any], read: Read) -> Event:
    event = read(packed["event"])
    if isinstance(event, UserUttered):
        event.use_text_for_featurization, event.entities = packed["by_text"], packed["entities"]
    return event


def _moment(moment: Moment, bare: Moment) -> dict[str, Any]:
    slots = {name: [slot.value, slot.has_been_set] for name, slot in moment.slots.items() if _differs(slot, bare)}
    return {
        **moment._asdict(),
        "slots": slots,
        "latest_message": _event(moment.latest_message) if moment.latest_message else None,
        "latest_bot_utterance": _event(moment.latest_bot_utterance) if moment.latest_bot_utterance else None,
        "active_loop": dataclasses.asdict(moment.active_loop) if moment.active_loop else None,
    }


def _moment_of(packed: Mapping[str, Any], bare: Moment, read: Read) -> Moment:
    message, utterance, loop = packed["latest_message"], packed["latest_bot_utterance"], packed["active_loop"]
    return Moment(
        slots={name: _slot_of(slot, packed["slots"].get(name)) for name, slot in bare.slots.items()},
        latest_action=packed["latest_action"],
        latest_message=_event_of(message, read) if message else None,  # type: ignore[arg-type]
        latest_bot_utterance=_event_of(utterance, read) if utterance else None,  # type: ignore[arg-type]
        followup_action=packed["followup_action"],
        active_loop=TrackerActiveLoop(**loop) if loop else None,
        paused=packed["paused"],
    )


def _differs(slot: Slot, bare: Moment) -> bool:
    new = bare.slots.get(slot.name)
    return new is None or slot.has_been_set != new.has_been_set or slot.value != new.value


def _slot_of(new: Slot, packed: Sequence[Any] | None) -> Slot:
    if packed is None:
        return new
    slot = copy.copy(new)
    slot.value, slot._has_been_set = packed
    return slot


def _record(record: Record) -> tuple[bool, Any, State | None]:
    """A state that is not the record's own is the last one of a record before it."""
    return record.hidden, record.last_ml_action, record.last if record.seen else None


def _seen_of(hidden: bool, last_ml_action: Any, _: Any, packed: Sequence[State]) -> Seen:
    states = tuple(_state_of(state) for state in packed)
    return Seen(record=Record(hidden, last_ml_action, states[-1] if states else None), states=states)


def _state_of(packed: State) -> State:
    """JSON makes lists of the tuples that features and entities are."""
    state = {name: dict(part) for name, part in packed.items()}
    state.get(SLOTS, {}).update({k: tuple(v) for k, v in state.get(SLOTS, {}).items() if isinstance(v, list)})
    if ENTITIES in state.get(USER, {}):
        state[USER][ENTITIES] = tuple(state[USER][ENTITIES])  # type: ignore[arg-type]
    return state  # type: ignore[return-value]
