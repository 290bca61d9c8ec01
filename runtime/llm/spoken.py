"""What a language model's words are worth: a text to a customer, and nothing else."""

from __future__ import annotations

import re
import unicodedata

#: As much as one message of WhatsApp's holds; on a channel whose messages hold less, it leaves as several.
LONGEST = 4_000
#: What models that reason aloud write before their answer; one that does not end leaves no answer.
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_ENDS = re.compile(r"[.!?…](?=\s)|\n")
_KEPT = "\n\t\u200d\u200c"  # the last two hold emoji and some scripts together
_NO_TEXT = frozenset({"Cc", "Cs", "Cf", "Co", "Cn"})


def spoken(text: str) -> str:
    """Without its thoughts, without signs that are no text, and without a token of ours; empty where nothing is left.

    Our tokens stand in double brackets, and the turn's commit puts sentences in their place: none is the model's.
    """
    text = _THOUGHTS.sub("", text)
    text = "".join(sign for sign in text if sign in _KEPT or unicodedata.category(sign) not in _NO_TEXT)
    text = re.sub(r"\[(?=\[)", "[ ", text).strip()
    return text if len(text) <= LONGEST else _cut(text)


def _cut(text: str) -> str:
    """At the end of a sentence if there is one in the second half, else of a word."""
    text = text[: LONGEST - 2]
    ends = [found.end() for found in _ENDS.finditer(text) if found.end() > LONGEST // 2]
    if ends:
        return text[: ends[-1]].rstrip()
    word = text.rfind(" ")
    return (text[:word] if word > LONGEST // 2 else text).rstrip() + " …"
