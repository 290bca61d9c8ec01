"""The talk so far, as a language model is told it: who said what, from the tracker, within bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from rasa.shared.core.events import BotUttered, Event, Restarted, SessionStarted, UserUttered

from runtime.announcing import WHAT_NEXT
from runtime.llm.provider import Line

#: What it is told at most: more costs more with every message, and helps little.
MOST_LINES = 20
MOST_SIGNS = 12_000
_LONGEST_LINE = 4_000
#: A button of ours, as Rasa heard it: the intent it stands for, and facts.
_CHOSEN = re.compile(r"/(?P<intent>\w+)(?:\{.*\})?", re.DOTALL)

Hide = Callable[[Line], Line]


def lines_of(events: Iterable[Event], *, memory_s: float, hide: Hide) -> list[Line]:
    """Of the latest session, the oldest first; the last one is the customer's message that is to be answered. They
    alternate, as Anthropic asks, and begin with the customer's.

    `memory_s`: what is older is left out; 0: only the message. `hide` takes out of each what the model may not see.
    """
    said = _said(events)
    while said and said[-1][1].role == "assistant":
        said.pop()
    if not said:
        return []
    asked_at, asked = said[-1]
    earlier = [line for at, line in said[:-1] if at >= asked_at - memory_s] if memory_s > 0 else []
    told = _latest([hide(line) for line in [*earlier, asked][-MOST_LINES:]])
    return _alternating(told)


def _said(events: Iterable[Event]) -> list[tuple[float, Line]]:
    said: list[tuple[float, Line]] = []
    for event in events:
        if isinstance(event, (SessionStarted, Restarted)):
            said = []
        text = _words(event)
        if text:
            role = Line("user", text) if isinstance(event, UserUttered) else Line("assistant", text)
            said.append((event.timestamp or 0.0, role))
    return said


def _words(event: Event) -> str:
    """What was said, by whomever; an operator's words are the assistant's to the model."""
    if isinstance(event, BotUttered):
        return str(event.text or "").replace(WHAT_NEXT, "").strip()[:_LONGEST_LINE]
    if not isinstance(event, UserUttered) or (event.metadata or {}).get("is_external"):
        return ""
    text = str(event.text or "").strip()
    chosen = _CHOSEN.fullmatch(text)
    if chosen and chosen["intent"] == event.intent_name:
        return chosen["intent"].replace("_", " ")
    return text[:_LONGEST_LINE]


def _latest(lines: Sequence[Line]) -> list[Line]:
    kept: list[Line] = []
    left = MOST_SIGNS
    for line in reversed(lines):
        left -= len(line.text)
        if kept and left < 0:
            break
        kept.append(line)
    return kept[::-1]


def _alternating(lines: Sequence[Line]) -> list[Line]:
    merged: list[Line] = []
    for line in lines:
        if merged and merged[-1].role == line.role:
            merged[-1] = Line(line.role, f"{merged[-1].text}\n{line.text}")
        elif merged or line.role == "user":
            merged.append(line)
    return merged
