"""How an agent that thinks with an LLM asks it, what that may cost, and when it is asked at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import msgspec

from conversation.errors import BadInput
from conversation.learnt import reader
from conversation.said import say

_LONGEST_PROMPT = 20_000
Prompt = Annotated[str, msgspec.Meta(max_length=_LONGEST_PROMPT)]
Dollars = Annotated[float, msgspec.Meta(ge=0, le=10_000)]


class AskedWhen(str, Enum):
    ALWAYS = "always"  # it answers every message
    UNSURE = "unsure"  # the trained model answers, and it where that model is not sure


@dataclass(frozen=True, kw_only=True)
class AgentModel:
    """An agent's. Stored as JSON, only what differs from the defaults. None of it counts where Rasa thinks."""

    model_name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    base_url: Annotated[str, msgspec.Meta(max_length=500)] = ""  # empty: the provider's own
    system_prompt: Prompt = ""
    context_prompt: Prompt = ""  # facts and rules that are told after it
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.7
    max_tokens: Annotated[int, msgspec.Meta(ge=1, le=200_000)] = 1_000  # of one answer
    timeout_s: Annotated[float, msgspec.Meta(ge=1, le=120)] = 30.0  # never longer than a turn may take
    use_memory: bool = True  # what was said before is told; else only the message
    memory_ttl_s: Annotated[int, msgspec.Meta(ge=0, le=30 * 86_400)] = 3_600  # what is older is not told
    asked_when: AskedWhen = AskedWhen.ALWAYS
    tokens_per_day: Annotated[int, msgspec.Meta(ge=0)] | None = None  # of all its answers, by UTC; None: no limit
    input_price: Dollars = 0.0  # US dollars a million tokens: what a call's cost is counted by
    output_price: Dollars = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """In millionths of a US dollar."""
        return round(tokens_in * self.input_price + tokens_out * self.output_price)


_NAMES = {each.name for each in dataclasses.fields(AgentModel)}
_read = reader(AgentModel)


def read(facts: Mapping[str, Any]) -> AgentModel:
    """The defaults, and over them what is given; `BadInput` says what can't be read."""
    if not facts:
        return _DEFAULTS
    unknown = sorted(set(facts) - _NAMES)
    if unknown:
        facts_told = {"unknown": ", ".join(unknown), "names": ", ".join(sorted(_NAMES))}
        raise BadInput(say("An agent's model has no {unknown}. There are: {names}.", **facts_told))
    try:
        # Made anew, for msgspec leaves out what is not given, and would when it writes it.
        return dataclasses.replace(_read(dict(facts)))
    except msgspec.ValidationError as error:
        raise BadInput(say("The agent's model does not fit: {why}.", why=str(error))) from error


def changed(model: AgentModel, facts: Mapping[str, Any]) -> AgentModel:
    """With these facts in place of its own; None: the default."""
    put = {**plain(model), **facts}
    return read({name: value for name, value in put.items() if value is not None})


def whole(model: AgentModel) -> dict[str, Any]:
    """As JSON, the defaults too."""
    return {each.name: msgspec.to_builtins(getattr(model, each.name)) for each in dataclasses.fields(model)}


def plain(model: AgentModel) -> dict[str, Any]:
    """As JSON: what differs from the defaults."""
    usual = whole(_DEFAULTS)
    return {name: value for name, value in whole(model).items() if value != usual[name]}


_DEFAULTS = AgentModel()
