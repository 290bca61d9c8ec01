"""Rasa's tracker over the fold: the same answers as `DialogueStateTracker`, at a cost that does not grow with the talk.

A live tracker keeps what anything can reach, not its whole session: the steps of the fold, and the last events as they
were stored. What Rasa asks of older ones is answered by the last of each kind. docs/decisions/0006-the-exact-fold.md.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import EventVerbosity

from runtime.fold import Fold, OutOfReach
from runtime.fold_essence import essence
from runtime.fold_moment import Movable, Stage
from runtime.fold_reading import Past
from store.trackers import Position

#: Applied actions and messages of the customer's that are kept to be undone, or walked over, by whoever may.
_ACTIONS_KEPT = 24
_MESSAGES_KEPT = 8
#: Letting go takes as long as what is let go; done only now and then, it costs nothing for each event.
_SLACK = 100


class StoredTracker(Movable):
    """A tracker that knows where in the store it was read, and whether the assistant may speak."""

    position = Position()
    stored_events = 0  # how many of its events are in the store, or stand for such
    remembered = 0  # how many of its events, at the front, stand for older ones
    snapshot_seq = 0  # the event its last snapshot was made at
    silenced = False
    built_for: object = None  # the model it was built for

    def __init__(
        self,
        sender_id: str,
        slots: Iterable[Slot] | None,
        max_event_history: int | None = None,
        sender_source: str | None = None,
        is_rule_tracker: bool = False,
        past: Past | None = None,
    ) -> None:
        super().__init__(sender_id, slots, max_event_history, sender_source, is_rule_tracker)
        self.fold = Fold(Stage(sender_id, None if slots is None else self.slots.values()), past)

    @property
    def whole(self) -> bool:
        """All events of the session are in memory."""
        return self.fold.floor.whole and not self.remembered

    def update(self, event: Event, domain: Domain | None = None) -> None:
        self._fold(event)
        self.own_message(event)
        super().update(event, domain)

    def applied_events(self) -> list[Event]:
        """None, as of a new one, while its messages were only recorded: then Rasa starts a session first."""
        return self.fold.applied() if self.fold.acted else []

    def past_states(
        self,
        domain: Domain,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        reading = self.fold.past.reading(domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data)
        if reading is not None and self.fold.acted:
            return self.fold.past_states(reading)
        if not self.fold.floor.whole:
            raise OutOfReach("the past is asked for by another domain than the model's")
        return list(super().past_states(domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data))

    def replay_events(self) -> None:
        self.stand_at(self.fold.standing)

    def recreate_from_dialogue(self, dialogue: Dialogue) -> None:
        for event in dialogue.events:
            self.update(event)
        self.replay_events()

    def copy(self) -> StoredTracker:
        """Where Rasa's own copy stands, which plays all events again, one after another."""
        twin = copy.copy(self)
        twin.events, twin.fold = self.events.copy(), self.fold.fork()
        twin.stand_at(self.fold.told)
        twin.model_id = twin.assistant_id = twin.sender_source = None
        twin.silenced = False
        return twin

    def events_after_latest_restart(self) -> list[Event]:
        """For whoever builds another tracker of them: events that come to the same."""
        return list(super().events_after_latest_restart()) if self.whole else self.applied_events()

    def _events_for_verbosity(self, event_verbosity: EventVerbosity) -> list[Event] | None:
        if event_verbosity == EventVerbosity.AFTER_RESTART:
            return list(super().events_after_latest_restart())
        events = super()._events_for_verbosity(event_verbosity)
        return None if events is None else list(events)

    def is_paused(self) -> bool:
        return self.silenced or super().is_paused()

    @property
    def followup_action(self) -> str | None:
        """What is predicted before any policy is asked. A silenced one only listens: a restart and an intent triggered
        from outside do not ask whether it is paused."""
        return ACTION_LISTEN_NAME if self.silenced else self._followup_action

    @followup_action.setter
    def followup_action(self, name: str | None) -> None:
        self._followup_action = name

    def get_last_event_for(self, event_type: Any, *args: Any, **kwargs: Any) -> Event | None:
        """A silenced one has heard nothing that a session could be too old for: starting one may speak."""
        if self.silenced and event_type is UserUttered:
            return None
        found: Event | None = super().get_last_event_for(event_type, *args, **kwargs)
        return found

    def unsaved(self) -> list[Event]:
        return list(self.events)[self.stored_events :]

    def committed(self, seq: int) -> None:
        """A turn is over: the tracker goes on as one just read would, which is what Rasa does at each turn."""
        starts = [
            i for i, event in enumerate(self.unsaved(), self.position.seq + 1) if isinstance(event, SessionStarted)
        ]
        self.position = Position(seq=seq, session_seq=starts[-1] if starts else self.position.session_seq)
        self.stored_events = len(self.events)
        if starts:
            self._begin_session()
        self.replay_events()

    def let_go(self, events_kept: int) -> None:
        """Drops from memory what nothing can reach any more; only events that are stored."""
        if self.fold.past.tail is None or len(self.events) - self.remembered < events_kept + _SLACK:
            return
        actions = max(_ACTIONS_KEPT, self.fold.past.actions)
        floor = _lowest_needed([step.event for step in self.fold.steps], actions)
        if floor:
            self.fold.let_go(floor)
        self.fold.thin(len(self.fold.steps) - _SLACK)
        events = list(self.events)
        kept = [*self.fold.mentioned(), *essence(events[:-events_kept])]
        self._hold([*kept, *events[-events_kept:]], remembered=len(kept))

    def _hold(self, events: Sequence[Event], remembered: int) -> None:
        self.events = deque(events, self._max_event_history)
        self.stored_events, self.remembered = len(events), remembered

    def _fold(self, event: Event) -> None:
        try:
            self.fold.append(event)
        except OutOfReach:
            if not self.whole:
                raise
            self._fold_again([*self.events, event])

    def _fold_again(self, events: Sequence[Event]) -> None:
        """As Rasa reads: what is a loop anywhere is one from the start."""
        told, seq = self.fold.told, self.fold.seq
        self.fold = Fold(self.fold.stage, self.fold.past, bare=self.fold.bare)
        self.fold.seq = seq - len(events)
        self.fold.loops = frozenset(e.name for e in events if isinstance(e, ActiveLoop) and e.name)
        for event in events:
            self.fold.append(event)
        self.fold.told = self.fold.stage.after(told, events[-1], replayed=self.fold.standing)

    def _begin_session(self) -> None:
        """Rasa reads the latest session only, and knows nothing of the ones before."""
        events = list(self.events)
        start = max(i for i, event in enumerate(events) if isinstance(event, SessionStarted))
        self._hold(events[start:], remembered=0)
        self.fold.loops = frozenset(e.name for e in self.events if isinstance(e, ActiveLoop) and e.name)
        self.fold.acted = any(isinstance(e, ActionExecuted) for e in self.events)


def _lowest_needed(applied: Sequence[Event], actions: int) -> int:
    """The last action with enough actions and messages from there on."""
    messages = 0
    for i in range(len(applied) - 1, -1, -1):
        messages += isinstance(applied[i], UserUttered)
        if isinstance(applied[i], ActionExecuted):
            actions -= 1
            if actions <= 0 and messages >= _MESSAGES_KEPT:
                return i
    return 0
