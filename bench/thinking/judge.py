"""The judge of `bench llm`: which promises broke."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.thinking.models import HANGS, Asked


@dataclass(frozen=True, kw_only=True)
class Round:
    """A message to the trained model. `answered_ns` None: it never was."""

    said_ns: int
    answered_ns: int | None


@dataclass(frozen=True, kw_only=True)
class Hanging:
    """From the first of the requests that hang until the first of them was given up: all places were asked for."""

    from_ns: int
    until_ns: int

    @property
    def half_ns(self) -> int:
        return (self.from_ns + self.until_ns) // 2


def hanging(asked: Iterable[Asked]) -> Hanging | None:
    """None: no request hung and was given up."""
    of_them = [each for each in asked if each.model == HANGS]
    ends = [each.ended_ns for each in of_them if each.ended_ns is not None]
    if not ends:
        return None
    return Hanging(from_ns=min(each.received_ns for each in of_them), until_ns=min(ends))


def during(rounds: Sequence[Round], window: Hanging) -> list[Round]:
    """Those that were said in its first half: there was time to answer them."""
    return [each for each in rounds if each.said_ns < window.half_ns]


def held_up(rounds: Sequence[Round], window: Hanging) -> int:
    """Of these, those that were answered only after somebody else's language model was given up, or never."""
    return sum(each.answered_ns is None or each.answered_ns > window.until_ns for each in during(rounds, window))


def ratio(busy: dict[str, float | int] | None, quiet: dict[str, float | int] | None) -> dict[str, float] | None:
    if not busy or not quiet:
        return None
    return {name: round(busy[name] / quiet[name], 2) for name in ("p50", "p95") if quiet[name]}


PROMISES = {
    "unanswered": "messages to a language model that failed got no answer at all",
    "held_up": "messages to the trained model waited for somebody else's language model",
    "leaked": "requests of the assistant's arrived after a take that said in_flight 0",
    "kept_asking": "language models were still asked long after the take",
    "doubled": "requests were made twice",
    "lost": "accepted messages have no verdict",
}


def broken(figures: dict[str, object]) -> list[str]:
    return [f"{figures[name]} {what}" for name, what in PROMISES.items() if figures[name]]
