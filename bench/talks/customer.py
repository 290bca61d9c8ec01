"""A random customer: answers what is asked often enough to get somewhere, and is unreasonable often enough to matter.

What one says follows from the seed and from what stock Rasa answered, never from ours: a talk can be had again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.talks import desk

_SHORT_S, _LONG_S = (0.0, 300.0), (3_700.0, 20_000.0)
#: What a message may be, and how often in a hundred when something was asked.
_ANSWER, _PRESS, _OPENING, _ODD = 60, 15, 15, 10
#: Buttons that end a session.
_ENDS = ("/restart", "/session_start")


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message. `pressed`: the payload of a button. `restarted`: our process is a new one when it comes."""

    text: str
    pressed: bool = False
    after_s: float = 0.0
    restarted: bool = False


class Customer:
    """`lasting`: one who talks long, and in one session."""

    def __init__(self, seed: str, *, lasting: bool = False) -> None:
        self._random = random.Random(seed)
        self.lasting = lasting
        self.turns = self._random.randint(40, 90) if self.lasting else self._random.randint(6, 18)

    def says(self, heard: Sequence[Mapping[str, Any]]) -> Said:
        """The next message, after these of the assistant's."""
        choose = self._random
        text, pressed = self._words(heard)
        return Said(
            text=text,
            pressed=pressed,
            after_s=choose.uniform(*(_LONG_S if choose.random() < 0.06 and not self.lasting else _SHORT_S)),
            restarted=choose.random() < 0.12,
        )

    def _words(self, heard: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
        sayings, choose = desk.sayings(), self._random
        answers = sayings["asked"].get(_question(heard))
        payloads = [button["payload"] for message in heard for button in _buttons(message)]
        if self.lasting:
            payloads = [payload for payload in payloads if payload not in _ENDS]
        kinds = {
            "answer": _ANSWER if answers else 0,
            "press": _PRESS if payloads else 0,
            "opening": _OPENING,
            "odd": _ODD if heard else 0,
        }
        kind = choose.choices(list(kinds), weights=list(kinds.values()))[0]
        if kind == "press":
            return choose.choice(payloads), True
        words = choose.choice(answers if kind == "answer" else sayings["openings" if kind == "opening" else "odd"])
        return "hello" if self.lasting and words in sayings["ends"] else words, False


def _question(heard: Sequence[Mapping[str, Any]]) -> str | None:
    """Which response of the domain the last words were; `buttons` for others that offer some."""
    if not heard:
        return None
    last = heard[-1]
    return str(last.get("utter_action") or ("buttons" if _buttons(last) else ""))


def _buttons(message: Mapping[str, Any]) -> list[dict[str, str]]:
    return [*(message.get("buttons") or []), *(message.get("quick_replies") or [])]
