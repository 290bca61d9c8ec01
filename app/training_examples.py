"""Makes examples of what customers wrote: NLU YAML that Rasa reads, for trainers to review before they train it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from conversation.masking import masked
from store.heard import Heard

#: The intent of what nobody has guessed: no domain has it, so that `rasa data validate` says what is still to be named.
NEEDS_REVIEW = "needs_review"

_HEADER = """\
# What customers wrote, to be reviewed: read each text, move it to the intent it belongs to, take out what should not be
# learned, and put the rest into data/. Names and numbers were replaced where they could be told ({what}).
# Made on {now}.
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`intents`: as they were decided on; empty: any. `max_confidence`: of the best guess. `taken_over`: also what was
    written while a person had the conversation, which no model was asked about."""

    intents: Collection[str] = ()
    max_confidence: float | None = None
    taken_over: bool = True

    def has(self, heard: Heard) -> bool:
        if heard.taken_over or heard.intent is None:
            return heard.taken_over and self.taken_over
        guess = heard.guess
        confidence = guess[1] if guess is not None else heard.confidence or 0.0
        if self.max_confidence is not None and confidence > self.max_confidence:
            return False
        return not self.intents or heard.intent in self.intents


@dataclass(frozen=True, kw_only=True)
class Example:
    """One text, masked. `times`: how often it was written, word for word; the rest is of the first time."""

    text: str
    intent: str
    metadata: dict[str, Any]
    times: int = 1


def examples(found: Iterable[Heard], wanted: Wanted, operators: Sequence[str]) -> list[Example]:
    """One for each text and guess, as they came."""
    made: dict[tuple[str, str], Example] = {}
    for heard in found:
        text = _text(heard, operators)
        if not wanted.has(heard) or not text:
            continue
        guess = heard.guess
        intent = guess[0] if guess is not None else NEEDS_REVIEW
        before = made.get((intent, text))
        times = 1 if before is None else before.times + 1
        metadata = _metadata(heard, operators) if before is None else {**before.metadata, "times": times}
        made[intent, text] = Example(text=text, intent=intent, metadata=metadata, times=times)
    return list(made.values())


def nlu_yaml(found: Sequence[Example], now: datetime) -> str:
    """Rasa's training data, the intents by name, the least sure example of each first."""
    by_intent = defaultdict(list)
    for each in found:
        by_intent[each.intent].append(each)
    blocks = [
        {
            "intent": intent,
            "examples": [
                {"text": each.text, "metadata": each.metadata}
                for each in sorted(of_it, key=lambda each: each.metadata.get("confidence") or 0.0)
            ],
        }
        for intent, of_it in sorted(by_intent.items())
    ]
    body = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False, width=1000)
    return _HEADER.format(what="NAME, NUMBER, EMAIL, LINK", now=now.strftime("%Y-%m-%d")) + body


def _text(heard: Heard, operators: Sequence[str]) -> str:
    """On one line, and without the signs that mark entities: they are the customer's, not a trainer's."""
    text = masked(" ".join(heard.text.split()), [*heard.channel_names, *operators])
    return text.translate(_PLAIN).strip()


_PLAIN = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")"})


def _metadata(heard: Heard, operators: Sequence[str]) -> dict[str, Any]:
    """Where it comes from; ids lead to it, and say nothing of anybody."""
    guess = heard.guess
    found: dict[str, Any] = {
        "conversation": heard.conversation_id,
        "message": heard.message_id,
        "at": heard.at.isoformat(timespec="seconds"),
        "decided_as": heard.intent,
        "guess": guess[0] if guess else None,
        "confidence": round(guess[1], 4) if guess else None,
        "next_guess": _next(heard),
    }
    if heard.taken_over:
        found["taken_over"] = True
        answer = heard.answer and masked(" ".join(heard.answer.split()), [*heard.channel_names, *operators])
        found["person_answered"] = answer
    return {name: value for name, value in found.items() if value is not None}


def _next(heard: Heard) -> str | None:
    guess = heard.guess
    others = [each for each in heard.ranking if guess is not None and each[0] not in (guess[0], "nlu_fallback")]
    return f"{others[0][0]} {others[0][1]:.4f}" if others else None
