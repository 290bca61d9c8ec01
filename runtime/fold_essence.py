"""What is still asked for of events long past: the last of each kind, and what the states of then speak of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import State
from rasa.shared.core.events import ActionExecuted, Event, ReminderScheduled, SlotSet, UserUttered
from rasa.shared.nlu.constants import ACTION_NAME, ACTION_TEXT, INTENT, INTENT_NAME_KEY, TEXT

from runtime.fold_moment import is_a


def essence(events: Sequence[Event]) -> tuple[Event, ...]:
    """The last of each kind, in order: what is still asked for of events long past."""
    last: dict[Any, Event] = {}
    for event in events:
        kind = kind_of(event)
        last.pop(kind, None)
        last[kind] = event
    return tuple(last.values())


def kind_of(event: Event) -> tuple[Any, ...]:
    if is_a(event, SlotSet):
        return (type(event), event.key)
    if is_a(event, ReminderScheduled):
        return (type(event), event.name)
    if is_a(event, ActionExecuted):
        return (type(event), event.action_name == ACTION_LISTEN_NAME)
    if is_a(event, UserUttered):
        return (type(event), bool(event.text))
    return (type(event),)


def mentioned(states: Iterable[State]) -> list[Event]:
    """Events with these texts, intents and actions: featurizers look for them among a tracker's."""
    parts = {json.dumps(part, sort_keys=True): part for state in states for part in _parts(state)}
    return [_event_of(part) for part in parts.values()]


def _parts(state: State) -> list[dict[str, Any]]:
    """The parts of a state that can be looked up: what the customer said, and the action before."""
    parts = (state.get(USER, {}), state.get(PREVIOUS_ACTION, {}))
    looked_up = (TEXT, INTENT, ACTION_NAME, ACTION_TEXT)
    return [{k: v for k, v in part.items() if k in looked_up} for part in parts if part]


def _event_of(part: Mapping[str, Any]) -> Event:
    if ACTION_NAME in part or ACTION_TEXT in part:
        return ActionExecuted(part.get(ACTION_NAME), action_text=part.get(ACTION_TEXT))
    return UserUttered(part.get(TEXT), {INTENT_NAME_KEY: part.get(INTENT)})
