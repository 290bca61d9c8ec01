"""What a language model said so far, of whichever provider: its words and their end, and nothing it would order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runtime.llm.provider import Line, LlmFailed, Outcome, Thought

_MOST_CHARACTERS = 16_000
_MOST_TOKENS = 100_000_000  # more is no count
#: What no message can hold: controls but tab and new line, and halves of characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_THOUGHTS_END = "</think>"


class Unreadable(Exception):
    """An answer of a shape that nobody documented, or larger than an answer can be."""


class Heard:
    """Filled piece by piece, so that what came is known whenever it breaks off."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._characters = 0
        self.tokens_in = self.tokens_out = 0
        self.ordered = False  # it calls a tool
        self.withheld = False  # the provider's filter, or the model itself, would not
        self.ended = False  # it said that this is all

    def word(self, text: object) -> None:
        if text is None:
            return
        if not isinstance(text, str):
            raise Unreadable("words that are no text")
        self._characters += len(text)
        if self._characters > _MOST_CHARACTERS:
            raise Unreadable("more words than an answer has")
        self._parts.append(text)

    def tokens(self, told: object, said: object) -> None:
        """The last count is the whole one; what is no number counts nothing."""
        self.tokens_in = _count(told, self.tokens_in)
        self.tokens_out = _count(said, self.tokens_out)

    def thought(self) -> Thought:
        if not self.ended:
            raise self.failed(Outcome.GARBAGE, "it breaks off")
        text = "" if self.withheld else _spoken("".join(self._parts))
        if text:
            return Thought(text=text, tokens_in=self.tokens_in, tokens_out=self.tokens_out)
        if self.ordered:
            raise self.failed(Outcome.ORDERED)
        raise self.failed(Outcome.EMPTY, "withheld" if self.withheld else "")

    def failed(self, outcome: Outcome, detail: str = "", retry_after_s: float | None = None) -> LlmFailed:
        spent = {"tokens_in": self.tokens_in, "tokens_out": self.tokens_out}
        return LlmFailed(outcome, detail, retry_after_s=retry_after_s, **spent)


def _spoken(text: str) -> str:
    """Without what it thought aloud: some servers leave that among the words."""
    _, end, after = text.rpartition(_THOUGHTS_END)
    if not end and after.lstrip().startswith("<think>"):
        return ""
    return _UNWRITABLE.sub("", after).strip()


def _count(number: object, before: int) -> int:
    known = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= _MOST_TOKENS
    return int(number) if known else before  # type: ignore[call-overload, no-any-return]


def turns(lines: Sequence[Line], *, customer_first: bool = False) -> list[tuple[str, str]]:
    """Role and words by turns, none empty: what one says in several messages is one turn, as many models want it."""
    told: list[tuple[str, str]] = []
    for line in lines:
        text = line.text.strip()
        if not text or (customer_first and not told and line.role != "user"):
            continue
        if told and told[-1][0] == line.role:
            told[-1] = (line.role, f"{told[-1][1]}\n{text}")
        else:
            told.append((line.role, text))
    return told
