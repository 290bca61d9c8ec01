"""A tracker that can be put at any moment of its talk at once: what it knows is replaced, never changed in place."""

from __future__ import annotations

import copy
import dataclasses
import functools
from typing import Any, NamedTuple

from rasa.shared.core.events import BotUttered, DefinePrevUserUtteredFeaturization, EntitiesAdded, Event, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, TrackerActiveLoop


@functools.cache
def _is_kind(cls: type[Event], kinds: tuple[type[Event], ...]) -> bool:
    return issubclass(cls, kinds)


def is_a(event: Event, *kinds: type[Event]) -> bool:
    """`isinstance`, quick where it is not so: Rasa's events are abstract classes, which Python asks at length."""
    return _is_kind(type(event), kinds)  # type: ignore[arg-type]


TOUCH_THE_MESSAGE = (DefinePrevUserUtteredFeaturization, EntitiesAdded)


class Moment(NamedTuple):
    """All that a tracker knows, between two events. Shared by whoever stood there: nobody writes into it."""

    slots: dict[str, Slot]
    latest_action: dict[str, str] | None
    latest_message: UserUttered | None
    latest_bot_utterance: BotUttered | None
    followup_action: str | None
    active_loop: TrackerActiveLoop | None
    paused: bool


class Movable(DialogueStateTracker):
    """To take its moment, or to stand at one, costs the same however long the talk."""

    def moment(self) -> Moment:
        return Moment(
            self.slots,
            self.latest_action,
            self.latest_message,
            self.latest_bot_utterance,
            self.followup_action,
            self.active_loop,
            self._paused,
        )

    def stand_at(self, moment: Moment) -> None:
        self.slots = moment.slots
        self.latest_action = moment.latest_action
        self.latest_message = moment.latest_message
        self.latest_bot_utterance = moment.latest_bot_utterance
        self.followup_action = moment.followup_action
        # The one thing of a moment that Rasa's events change in place.
        self.active_loop = dataclasses.replace(moment.active_loop) if moment.active_loop else None
        self._paused = moment.paused

    def own_message(self, event: Event) -> None:
        """Before an event that writes into the latest message: the blank one of a new session is everybody's."""
        message = self.latest_message
        if is_a(event, *TOUCH_THE_MESSAGE) and message is not None and not message.text and not message.intent:
            self.latest_message = copy.copy(message)
            self.latest_message.entities = list(message.entities)

    def _set_slot(self, key: str, value: Any) -> None:
        if key not in self.slots:
            super()._set_slot(key, value)  # which says in the log that there is no such slot
            return
        slots = copy.copy(self.slots)
        slots[key] = changed = copy.copy(slots[key])
        changed.value = value
        self.slots = slots

    def _reset_slots(self) -> None:
        slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        for slot in slots.values():
            slot.reset()
        self.slots = type(self.slots)(slots)


class Stage(Movable):
    """Where events are tried out: it holds none itself, and nobody sees it but the fold."""

    replayed: Moment

    def after(self, moment: Moment, event: Event, replayed: Moment | None = None) -> Moment:
        """The moment after this event. `replayed`: what an event comes to that makes Rasa replay all others."""
        self.replayed = replayed or moment
        self.stand_at(moment)
        self.own_message(event)
        event.apply_to(self)
        return self.moment()

    def replay_events(self) -> None:
        self.stand_at(self.replayed)

    def _set_slot(self, key: str, value: Any) -> None:
        if key in self.slots:  # the tracker itself has said so already where there is none
            super()._set_slot(key, value)

    def export_stories_to_file(self, export_path: str = "") -> None:
        """Only the tracker itself does that."""
