"""What a session's events come to, kept as they come: an exact fold with an undo stack.

Rasa's tracker goes through all its events whenever it is asked which of them apply, what the past states were, or for a
copy. Here every event is folded in once. The events that apply are a stack, as in Rasa's own `applied_events`: most are
pushed, some take others off. Each one remembers the moment before it, so whatever is undone is simply gone.

Beneath the stack is a floor: what must be known of the applied events that are not in memory any more. An event that
reaches beneath it raises `OutOfReach`, and the talk is read from the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core import events as rasa_events
from rasa.shared.core.domain import State
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered

from runtime.fold_essence import essence, kind_of, mentioned
from runtime.fold_moment import TOUCH_THE_MESSAGE, Moment, Stage, is_a
from runtime.fold_reading import Past, Reading, Record, copied

_NEW_START = (rasa_events.Restarted, rasa_events.SessionStarted)
_REVERTS = (rasa_events.ActionReverted, rasa_events.UserUtteranceReverted)
#: What Rasa takes away between two runs of a form that goes well; the rest of what happened there stays.
UNDONE_BY_A_LOOP = (ActionExecuted, UserUttered, rasa_events.DefinePrevUserUtteredFeaturization)


class OutOfReach(Exception):
    """To go on, events are needed that are not in memory."""


class Step:
    """An applied event, the moment before it, and how each way of reading the past saw it."""

    __slots__ = ("before", "event", "records", "seq")

    def __init__(self, event: Event, seq: int, before: Moment) -> None:
        self.event, self.seq, self.before = event, seq, before
        self.records: dict[str, Record] = {}  # by the key of the reading

    @property
    def is_action(self) -> bool:
        return is_a(self.event, ActionExecuted)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a way of reading the past has come to at the floor, and the last states it saw."""

    record: Record
    states: tuple[State, ...]


@dataclass(frozen=True, kw_only=True)
class Floor:
    """What lies beneath the steps. `whole`: nothing does, the session begins here."""

    moment: Moment
    whole: bool = True
    seen: Mapping[str, Seen] = field(default_factory=dict)  # by the key of the reading
    open_loops: frozenset[str] = frozenset()  # that would be taken for going on, were they met again
    essence: tuple[Event, ...] = ()


class Fold:
    def __init__(self, stage: Stage, past: Past | None = None, bare: Moment | None = None) -> None:
        """`bare`: where a new tracker stands; where `stage`, a new one itself, stands now."""
        self.stage, self.past = stage, past or Past()
        self.bare = bare or stage.moment()
        self.floor = Floor(moment=self.bare)
        self.steps: list[Step] = []
        self.now = self.told = self.bare
        self.seq = 0  # the number of the last event
        self.loops: frozenset[str] = frozenset()
        self.executed: dict[str, int] = {}  # how often actions ran that are not known as loops
        self.acted = False

    def fork(self) -> Fold:
        """To go on from here without this one's knowing."""
        other = object.__new__(Fold)
        other.__dict__.update(self.__dict__, steps=self.steps.copy(), executed=self.executed.copy())
        return other

    @property
    def standing(self) -> Moment:
        """What the applied events come to: where Rasa stands after a replay.

        `told`, beside it, is what all events come to, taken one after another: where Rasa's copies stand.
        """
        return self.now if self.acted else self.bare

    def append(self, event: Event) -> None:
        self.seq += 1
        message = self.now.latest_message
        same = self.told is self.now
        self._learn(event)
        if is_a(event, *_NEW_START):
            self._clear()
        elif is_a(event, rasa_events.ActionReverted):
            self._undo_till(ActionExecuted)
        elif is_a(event, rasa_events.UserUtteranceReverted):
            self._undo_till(UserUttered)
            self._undo_till(ActionExecuted)
        elif is_a(event, ActionExecuted) and event.action_name in self.loops and self._goes_on(event.action_name):
            self._undo_loop(event.action_name)
            same = False
        else:
            self.push(event, self.seq)
        if is_a(event, *_REVERTS):
            self.told = self.standing
        elif same and not is_a(event, *_NEW_START):
            self.told = self.now
        else:
            self.told = self.stage.after(self.told, event, replayed=self.standing)
        if is_a(event, *TOUCH_THE_MESSAGE):
            self._forget_states_of(message)

    def push(self, event: Event, seq: int) -> None:
        self.steps.append(Step(event, seq, self.now))
        self.now = self.stage.after(self.now, event)

    def applied(self) -> list[Event]:
        """Rasa's `applied_events`; of those beneath the floor, the last of each kind."""
        return [*self.floor.essence, *(step.event for step in self.steps)]

    def past_states(self, reading: Reading) -> list[State]:
        """Rasa's `past_states`, or as many of the last as any policy looks at."""
        record = self._record(reading, len(self.steps))
        self.stage.stand_at(self.now)
        last = reading.read(self.stage, False, record)
        states = [last.last] if last.seen and last.last is not None else []
        return copied(list(reversed([*states, *self._seen_before(reading, len(self.steps), len(states))])))

    # What an event does to the stack

    def _learn(self, event: Event) -> None:
        if is_a(event, ActionExecuted):
            self.acted = True
            if event.action_name and event.action_name not in self.loops:
                self.executed[event.action_name] = self.executed.get(event.action_name, 0) + 1
        elif is_a(event, ActiveLoop) and event.name and event.name not in self.loops:
            self.loops |= {event.name}
            if self.executed.pop(event.name, 0) > 1:
                # The second time was the loop's going on, which nobody could know then. Rasa never makes this.
                raise OutOfReach(f"{event.name} turns out to be a loop")

    def _clear(self) -> None:
        self.floor, self.steps, self.now = Floor(moment=self.bare), [], self.bare
        self.executed = {}

    def _undo_till(self, kind: type[Event]) -> None:
        while self.steps:
            step = self.steps.pop()
            self.now = step.before
            if is_a(step.event, kind):
                break
        if not self.steps and not self.floor.whole:
            raise OutOfReach("as much is undone as is in memory")

    def _goes_on(self, loop: str, upto: int | None = None) -> bool:
        beneath: list[Event] = [ActionExecuted(loop)] if loop in self.floor.open_loops else []
        applied = [*beneath, *(step.event for step in self.steps[:upto])]
        return not self.stage._first_loop_execution_or_unhappy_path(loop, applied)

    def _undo_loop(self, loop: str) -> None:
        """A form asks again: of what happened since it ran last, Rasa forgets the message and the actions."""
        start = next((i for i in self._backwards() if _runs(self.steps[i].event, loop)), None)
        if start is None:
            raise OutOfReach("a loop goes on that began before what is in memory")
        undone = [i for i in range(start + 1, len(self.steps)) if is_a(self.steps[i].event, *UNDONE_BY_A_LOOP)]
        if not undone:
            return
        after = self.steps[undone[0] :]
        del self.steps[undone[0] :]
        self.now = after[0].before
        for step in after:
            if not is_a(step.event, *UNDONE_BY_A_LOOP):
                self.push(step.event, step.seq)

    def _backwards(self) -> Iterable[int]:
        return range(len(self.steps) - 1, -1, -1)

    def _forget_states_of(self, message: UserUttered | None) -> None:
        """The event wrote into the message itself: states made of it are to be made again."""
        for i in self._backwards():
            if self.steps[i].before.latest_message is not message:
                return
            self.steps[i].records.clear()
        if not self.floor.whole and self.floor.moment.latest_message is message:
            raise OutOfReach("a message changed that is not in memory")

    # The states that policies see

    def _record(self, reading: Reading, upto: int) -> Record:
        """The record before the step with this index, made where it was not asked for before."""
        missing: list[Step] = []
        record: Record | None = None
        for i in range(upto - 1, -1, -1):
            step = self.steps[i]
            if step.is_action:
                record = step.records.get(reading.key)
                if record is not None:
                    break
                missing.append(step)
        if record is None:
            record = self._seen_at_floor(reading).record
        for step in reversed(missing):
            self.stage.stand_at(step.before)
            record = reading.read(self.stage, step.event.hide_rule_turn, record)
            step.records[reading.key] = record
        return record

    def _seen_at_floor(self, reading: Reading) -> Seen:
        seen = self.floor.seen.get(reading.key)
        if seen is None and not self.floor.whole:
            raise OutOfReach("nobody asked for the past in this way while it was in memory")
        return seen or Seen(record=Record(), states=())

    def _seen_before(self, reading: Reading, upto: int, found: int = 0) -> Iterator[State]:
        """The states before this step, the last first. `found`: how many the caller has already."""
        for state in self._all_seen_before(reading, upto):
            if self.past.tail is not None and found >= self.past.tail:
                return
            found += reading.counts(state)
            yield state

    def _all_seen_before(self, reading: Reading, upto: int) -> Iterator[State]:
        for i in range(upto - 1, -1, -1):
            record = self.steps[i].records.get(reading.key)
            if record is not None and record.seen and record.last is not None:
                yield record.last
        yield from reversed(self._seen_at_floor(reading).states)

    # Letting go of what nobody looks at any more

    def let_go(self, upto: int) -> None:
        """Raises the floor to this step, an action."""
        step = self.steps[upto]
        seen = {}
        for reading in self.past.readings:
            record = self._record(reading, upto)
            states = tuple(reversed(list(self._seen_before(reading, upto))))
            seen[reading.key] = Seen(record=record, states=states)
        self.floor = Floor(
            moment=step.before,
            whole=False,
            seen=seen,
            # Who looks for a loop from above passes this action on the way.
            open_loops=frozenset(loop for loop in self.loops if self._goes_on(loop, upto + 1)),
            essence=essence([*self.floor.essence, *(s.event for s in self.steps[:upto])]),
        )
        self.steps = self.steps[upto:]

    def mentioned(self) -> list[Event]:
        """What the states at the floor speak of: featurizers look for each text and action among a tracker's events."""
        return mentioned(state for seen in self.floor.seen.values() for state in seen.states)

    def thin(self, upto: int) -> None:
        """Of what a form leaves that asks over and over, keeps the last of each kind. Nothing is undone to these."""
        kept: list[Step] = []
        between: dict[Any, Step] = {}
        for step in self.steps[:upto]:
            if is_a(step.event, *UNDONE_BY_A_LOOP):
                kept += [*between.values(), step]
                between = {}
            else:
                between.pop(kind_of(step.event), None)
                between[kind_of(step.event)] = step
        self.steps = [*kept, *between.values(), *self.steps[upto:]]


def _runs(event: Event, action: str) -> bool:
    return is_a(event, ActionExecuted) and event.action_name == action
