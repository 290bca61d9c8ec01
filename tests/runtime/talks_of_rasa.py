"""Talks as Rasa makes them, by chance: streams of events in which only that happens which its processor lets happen."""

from __future__ import annotations

import copy
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rasa.shared.core import events as e
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered

_YAML = """
version: "3.1"
intents: [greet, bye, inform, complain, {choose: {use_entities: [size]}}]
entities: [size, {place: {roles: [from, to]}}]
slots:
  size: {type: text, mappings: [{type: from_entity, entity: size}]}
  mood: {type: categorical, values: [good, bad], mappings: [{type: custom}]}
  vip: {type: bool, initial_value: false, mappings: [{type: custom}]}
  amount: {type: float, min_value: 0, max_value: 10, mappings: [{type: custom}]}
  basket: {type: list, mappings: [{type: custom}]}
  note: {type: any, influence_conversation: false, mappings: [{type: custom}]}
forms:
  order_form: {required_slots: [size]}
  address_form: {required_slots: [amount]}
actions: [action_look, action_count]
responses:
  utter_hi: [{text: oi}]
  utter_bye: [{text: tchau}]
  utter_ask_size: [{text: que tamanho}]
"""

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of entities that fill no slot
    DOMAIN = Domain.from_yaml(_YAML)

#: The ways in which the policies of a model ask for the past.
RULE_ONLY = {"rule_only_slots": ["mood"], "rule_only_loops": ["address_form"]}
QUESTIONS = [(False, False, None), (False, True, RULE_ONLY), (True, False, None), (True, True, None)]

_SAYS = ["utter_hi", "utter_bye", "action_look", "action_count"]
_FORMS = ["order_form", "address_form"]
_VALUES: dict[str, list[Any]] = {
    "size": ["large", "small", None],
    "mood": ["good", "bad", None],
    "vip": [True, False],
    "amount": [1.0, 7.5, None],
    "basket": [["a"], ["a", "b"], None],
    "note": [{"k": 1}, "x", None],
}


class Talk:
    """One customer with one assistant; `turn()` is what the next message leads to."""

    def __init__(self, seed: int, sessions: bool = True) -> None:
        """`sessions`: whether sessions end; without, the talk is one that goes on and on."""
        self._chance, self._sessions = random.Random(seed), sessions
        self._form: str | None = None
        self._count = 0

    def __iter__(self) -> Iterator[list[Event]]:
        yield self._session()
        while True:
            yield self.turn()

    def turn(self) -> list[Event]:
        turns: list[tuple[int, Callable[[], list[Event]]]] = [
            (30, self._answered),
            (20, self._form_goes_well),
            (8, self._form_is_left_for_a_moment),
            (4, self._form_is_given_up),
            (8, self._not_understood),
            (3, self._back),
            (2 * self._sessions, self._restart),
            (3 * self._sessions, self._expired),
            (4, self._followed_up),
            (5, self._recorded),
            (3, self._undone),
            (3, self._understood_by_its_words),
            (1, self._two_stages),
        ]
        weights, kinds = zip(*turns, strict=True)
        return self._chance.choices(kinds, weights)[0]()

    def lawless(self) -> list[Event]:
        """Anything at all, which Rasa would never make, but an HTTP call or an action can."""
        some = self._chance.choice
        action: Event = ActionExecuted(some([*_SAYS, *_FORMS, "action_listen"]), hide_rule_turn=self._maybe(0.3))
        possible: list[Event] = [
            *[action] * 6,
            *[self._said()] * 4,
            e.DefinePrevUserUtteredFeaturization(self._maybe(0.3)),
            e.EntitiesAdded([{"entity": "size", "value": "s"}]),
            *self._slots(3),
            e.AllSlotsReset(),
            ActiveLoop(some([*_FORMS, None])),
            e.LoopInterrupted(self._maybe(0.5)),
            e.ActionExecutionRejected(some(_FORMS)),
            e.UserUtteranceReverted(),
            e.ActionReverted(),
            e.FollowupAction(some(_SAYS)),
            e.ConversationPaused(),
            e.ConversationResumed(),
            e.BotUttered("b"),
            e.Restarted(),
            e.SessionStarted(),
        ]
        return [some(possible)]

    # Turns

    def _answered(self) -> list[Event]:
        return [*self._heard(), *self._acts(self._chance.choice(_SAYS)), self._listens()]

    def _followed_up(self) -> list[Event]:
        first, then = self._chance.sample(_SAYS, 2)
        return [*self._heard(), *self._acts(first), e.FollowupAction(then), *self._acts(then), self._listens()]

    def _form_goes_well(self) -> list[Event]:
        if self._form is None:
            self._form = self._chance.choice(_FORMS)
            asked = SlotSet("requested_slot", "size")
            return [*self._heard(), self._does(self._form), ActiveLoop(self._form), asked, _says(), self._listens()]
        ran = [*self._heard(), self._does(self._form), *self._slots(1)]
        if self._maybe(0.5):
            return [*ran, SlotSet("requested_slot", "size"), _says(), self._listens()]
        self._form = None
        over: list[Event] = [SlotSet("requested_slot", None), ActiveLoop(None)]
        return [*ran, *over, *self._acts("utter_bye"), self._listens()]

    def _form_is_left_for_a_moment(self) -> list[Event]:
        if self._form is None:
            return self._form_goes_well()
        rejected = e.ActionExecutionRejected(self._form, "RulePolicy", 1.0)
        interrupted = [e.LoopInterrupted(True)] if self._maybe(0.7) else []
        # Asked once more after the rejection, the policies say once more what they went by.
        return [
            *self._heard(),
            rejected,
            e.DefinePrevUserUtteredFeaturization(False),
            *self._acts("utter_hi"),
            *interrupted,
            self._does(self._form),
            _says(),
            self._listens(),
        ]

    def _form_is_given_up(self) -> list[Event]:
        if self._form is None:
            return self._form_goes_well()
        rejected = e.ActionExecutionRejected(self._form, "RulePolicy", 1.0)
        self._form = None
        stopped = [self._does("action_deactivate_loop"), ActiveLoop(None), SlotSet("requested_slot", None)]
        return [*self._heard(), rejected, *stopped, self._listens()]

    def _not_understood(self) -> list[Event]:
        fallback = ActionExecuted("action_default_fallback", hide_rule_turn=self._maybe(0.5))
        return [*self._heard(), fallback, _says(), e.UserUtteranceReverted(), self._listens()]

    def _two_stages(self) -> list[Event]:
        """Asked to say it otherwise; what is said then takes the place of both."""
        self._form = None
        asks = [self._does("action_two_stage_fallback"), ActiveLoop("action_two_stage_fallback"), _says()]
        clear = [ActiveLoop(None), e.UserUtteranceReverted(), self._said()]
        return [
            *self._heard(),
            *asks,
            self._listens(),
            *self._heard(),
            self._does("action_two_stage_fallback"),
            *clear,
            *self._acts("utter_hi"),
            self._listens(),
        ]

    def _back(self) -> list[Event]:
        twice = [e.UserUtteranceReverted(), e.UserUtteranceReverted()]
        return [*self._heard(), self._does("action_back"), *twice, self._listens()]

    def _undone(self) -> list[Event]:
        return [*self._heard(), *self._acts("action_look"), e.ActionReverted(), self._listens()]

    def _understood_by_its_words(self) -> list[Event]:
        said = self._said()
        by_text = [e.DefinePrevUserUtteredFeaturization(True), e.EntitiesAdded([{"entity": "size", "value": "s"}])]
        return [said, *by_text, *self._acts("utter_hi"), self._listens()]

    def _restart(self) -> list[Event]:
        self._form = None
        return [*self._heard(), self._does("action_restart"), e.Restarted(), *self._session()]

    def _expired(self) -> list[Event]:
        self._form = None
        return self._session()

    def _recorded(self) -> list[Event]:
        """A person answers: the customer's words and theirs are written down."""
        return [self._said(), e.AgentUttered("já vejo"), *([self._said()] if self._maybe(0.5) else [])]

    # Their parts

    def _session(self) -> list[Event]:
        kept = self._slots(self._chance.randrange(3))
        return [ActionExecuted("action_session_start"), e.SessionStarted(), *kept, self._listens()]

    def _heard(self) -> list[Event]:
        slots = self._slots(1) if self._maybe(0.3) else []
        return [self._said(), *slots, e.DefinePrevUserUtteredFeaturization(False)]

    def _said(self) -> UserUttered:
        self._count += 1
        entities = [{"entity": "size", "value": "large"}] if self._maybe(0.3) else []
        if self._maybe(0.2):
            entities.append({"entity": "place", "role": self._chance.choice(["from", "to"]), "value": "a"})
        intent = self._chance.choice(["greet", "bye", "inform", "complain", "choose"])
        return UserUttered(f"t{self._count}", {"name": intent, "confidence": 1.0}, entities, input_channel="whatsapp")

    def _acts(self, action: str) -> list[Event]:
        return [self._does(action), *([_says()] if self._maybe(0.6) else []), *self._slots(self._chance.randrange(2))]

    def _does(self, action: str) -> Event:
        return ActionExecuted(action, "RulePolicy", 1.0, hide_rule_turn=self._maybe(0.4))

    def _listens(self) -> Event:
        return self._does("action_listen")

    def _slots(self, count: int) -> list[Event]:
        return [SlotSet(name, self._chance.choice(_VALUES[name])) for name in self._chance.choices([*_VALUES], k=count)]

    def _maybe(self, likelihood: float) -> bool:
        return self._chance.random() < likelihood


def _says() -> Event:
    return e.BotUttered("b")


def twice(events: Sequence[Event]) -> Iterator[tuple[Event, Event]]:
    """Each event and its twin: events write into each other."""
    return ((event, copy.deepcopy(event)) for event in events)
