"""Takes out of a text who it is about: names that are known or announced, numbers, addresses. For training data, and
for what is told to a language model.

What cannot be known for a name stays: who takes such a text further reads it first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import regex

NAME, NUMBER, EMAIL, LINK = "NAME", "NUMBER", "EMAIL", "LINK"

#: A part of a name that is shorter could be any word.
_LEAST = 3
#: Parts of names that are words of their own.
_COMMON = frozenset({"dos", "das", "del", "von", "van", "the", "and"})
_LINKS = re.compile(r"\b(?:https?://|www\.)\S+", re.I)
#: Looked for only where a word begins, or where one was found just before: from each of its signs on, a long word would
#: be read as often as it has signs.
_EMAILS = regex.compile(r"(?:(?<![\w.+-])|\G)[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_HANDLES = re.compile(r"(?<![\w@])@[\w.]{2,}")
#: A phone, a document, an order, a card: digits with what people write between them.
_NUMBERS = re.compile(r"\+?\d(?:[\d .()/-]*\d)?")
#: After these somebody says their name: one to three words that begin with a capital.
_ANNOUNCED = re.compile(
    r"(?P<said>\b(?i:meu nome (?:é|e)|me chamo|aqui (?:é|e) (?:o|a)|sou (?:o|a)|my name is|i am|i'm|this is)\s+)"
    r"(?P<name>[A-ZÀ-Ý][\w'-]+(?:\s+(?:d[aeo]s?\s+)?[A-ZÀ-Ý][\w'-]+){0,2})"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def masked(text: str, names: Iterable[str] = (), *, digits: int = 3, links: bool = True) -> str:
    """The text with what is known of `names` (of the contact, of operators), and with numbers, left out.

    A number keeps how long it is, as far as it matters to a model: one of fewer `digits` stays. `links`: they go too.
    """
    if links:
        text = _LINKS.sub(LINK, text)
    text = _EMAILS.sub(EMAIL, text)
    text = _HANDLES.sub(NAME, text)
    text = _NUMBERS.sub(lambda found: found[0] if sum(map(str.isdigit, found[0])) < digits else NUMBER, text)
    text = _ANNOUNCED.sub(lambda found: found["said"] + NAME, text)
    known = _parts(names)
    if known:
        text = _WORD.sub(lambda found: NAME if _folded(found[0]) in known else found[0], text)
    return re.sub(rf"\b{NAME}(?:\s+{NAME})+\b", NAME, text)


def _parts(names: Iterable[str]) -> frozenset[str]:
    words = (_folded(word) for name in names for word in _WORD.findall(name))
    return frozenset(word for word in words if len(word) >= _LEAST and word not in _COMMON)


def _folded(word: str) -> str:
    """Without case and accents, as people write names in a hurry."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(sign))
