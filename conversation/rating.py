"""Reads the customer's rating, 1 to 5, from what they wrote; anything that may be more than a rating is none."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

import regex

#: Whoever was asked may answer so long; a number that comes later is about something else.
ANSWERED_WITHIN = timedelta(hours=24)

_NUMBERS = {
    **{str(number): number for number in range(1, 6)},
    **{word: number for number, word in enumerate(("um", "dois", "tres", "quatro", "cinco"), start=1)},
    **{word: number for number, word in enumerate(("one", "two", "three", "four", "five"), start=1)},
    "uma": 1,
    "duas": 2,
}
_ASIDE = r"(?:(?:a|uma|minha|dou|eu|nota|eh|e|rating|score|my|is|i|give|you|it|of)\s+)*"
_UNIT = r"(?:\s*(?:/\s*5|de 5|de cinco|out of 5|out of five|estrelas?|stars?|pontos?|points?))?"
_THANKS = r"(?:\s+(?:obrigad[oa]|valeu|thanks|thank you))?"
_SCORE = regex.compile(rf"{_ASIDE}(?P<number>{'|'.join(_NUMBERS)}){_UNIT}{_THANKS}")
_STARS = regex.compile(r"(?:[⭐🌟★]\s*){1,5}")
#: What stands around a number and says nothing: signs and emoji.
_AROUND = regex.compile(r"[^\w\s/⭐🌟★]")


def score_in(text: str | None) -> int | None:
    """5 in "5", "nota 5!", "Cinco estrelas", "5/5", "⭐⭐⭐⭐⭐"; None in "5 pizzas", "4,5", "10", "1 a 5"."""
    if text is None or len(text) > 60 or regex.search(r"\d\s*[.,]\s*\d|-\s*\d", text):
        return None
    plain = " ".join(_AROUND.sub(" ", _without_accents(text)).lower().split())
    if _STARS.fullmatch(plain):
        return sum(plain.count(star) for star in "⭐🌟★")
    found = _SCORE.fullmatch(plain)
    return _NUMBERS[found["number"]] if found else None


def _without_accents(text: str) -> str:
    """And without what makes a digit a key of a phone, as some keyboards write it."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each)[0] != "M")


def still_answers(asked_at: datetime, now: datetime) -> bool:
    return now - asked_at <= ANSWERED_WITHIN
