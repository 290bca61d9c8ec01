"""How policies read the past: Rasa's `Domain.states_for_tracker_history`, one action at a time.

Rasa makes the list of states anew from all events whenever a policy asks. Each state depends on the one before it only
by what a `Record` holds, so here a state is made once, when its action is first asked about, and kept with the action.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rasa.shared.core.constants import ACTION_UNLIKELY_INTENT_NAME, PREVIOUS_ACTION
from rasa.shared.core.domain import Domain, State
from rasa.shared.nlu.constants import ACTION_NAME

from runtime.fold_moment import Movable


class Record(NamedTuple):
    """What the next state has to know of the ones before it."""

    hidden: bool = False  # rules decided this turn: policies that learn from stories do not see it
    last_ml_action: Any = None  # what such a policy takes for the last action
    last: State | None = None  # the last state that was seen
    seen: bool = False  # whether it is this one


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to ask for past states: the arguments of `past_states`. Policies of a model ask in two or three ways."""

    key: str
    domain: Domain
    omit_unset_slots: bool
    ignore_rule_only_turns: bool
    rule_only_data: dict[str, Any] | None

    def read(self, at: Movable, hide: bool, before: Record) -> Record:
        """The record at one action, from the one before; the body of Rasa's loop, in Rasa's order."""
        hidden, last_ml_action = before.hidden, before.last_ml_action
        if self.ignore_rule_only_turns:
            if not hidden:
                last_ml_action = self.domain._get_prev_action_sub_state(at)
            if not at.followup_action and at.latest_action_name != at.active_loop_name:
                hidden = hide
            if hidden:
                return Record(hidden, last_ml_action, before.last)
        state = self.domain.get_active_state(at, omit_unset_slots=self.omit_unset_slots)
        if self.ignore_rule_only_turns:
            self.domain._remove_rule_only_features(state, self.rule_only_data)
            if before.last is not None:
                self.domain._substitute_rule_only_user_input(state, before.last)
            if last_ml_action:
                state[PREVIOUS_ACTION] = last_ml_action
        return Record(hidden, last_ml_action, self.domain._clean_state(state), seen=True)

    def counts(self, state: State) -> bool:
        """Policies drop states after `action_unlikely_intent` before they count how many they look at."""
        return bool(state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME) != ACTION_UNLIKELY_INTENT_NAME)


@dataclass
class Past:
    """How far, and in which ways, the policies of one model look back. All trackers of the model share it."""

    tail: int | None = None  # no policy looks at more states than these; None: one may look at all
    actions: int = 0  # no policy walks back over more applied actions than these by itself
    _readings: dict[str, Reading] = field(default_factory=dict)
    _same: list[Domain] = field(default_factory=list)

    @property
    def readings(self) -> list[Reading]:
        """All that were asked for so far."""
        return list(self._readings.values())

    def reading(
        self,
        domain: Domain,
        omit_unset_slots: bool,
        ignore_rule_only_turns: bool,
        rule_only_data: dict[str, Any] | None,
    ) -> Reading | None:
        """None for a domain that is not the model's: such a question is answered the long way."""
        if not ignore_rule_only_turns:
            rule_only_data = None  # it is not looked at
        if not self._knows(domain):
            return None
        key = json.dumps([bool(omit_unset_slots), bool(ignore_rule_only_turns), rule_only_data], sort_keys=True)
        if key not in self._readings:
            self._readings[key] = Reading(key, domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data)
        return self._readings[key]

    def _knows(self, domain: Domain) -> bool:
        """Rasa holds the model's domain twice; to compare them takes long, and is done once."""
        if any(domain is known for known in self._same):
            return True
        if self._same and domain.fingerprint() != self._same[0].fingerprint():
            return False
        self._same.append(domain)
        return True


def copied(states: Sequence[State]) -> list[State]:
    """For a policy to change: featurizers take out of states what they do not want to see."""
    return [{name: dict(part) if isinstance(part, Mapping) else part for name, part in s.items()} for s in states]
