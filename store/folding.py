"""Text found again without regard to accents and capitals, the same on both databases and without extensions.

Not the texts are changed, which are many, but what is looked for: each of its letters stands for all that look like it.
Such a pattern means the same to PostgreSQL and to Python's `re`, which SQLAlchemy lends to SQLite.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict

#: Accents that stand by themselves, after their letter.
_MARKS = f"[{chr(0x300)}-{chr(0x36F)}]*"


def _plain(letter: str) -> str | None:
    """The Latin letter without its accent; None where it has none."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    return base.lower() if marks and base.isascii() and all(map(unicodedata.combining, marks)) else None


def _look_alikes() -> dict[str, str]:
    found: defaultdict[str, str] = defaultdict(str)
    for letter in map(chr, range(0xC0, 0x250)):
        plain = _plain(letter)
        if plain is not None:
            found[plain] += letter
    return found


_ALIKE = _look_alikes()


def folded(text: str) -> str:
    """Small letters without accents."""
    letters = (_plain(letter) or letter.lower() for letter in unicodedata.normalize("NFC", text))
    return "".join(letter for letter in letters if not unicodedata.combining(letter[:1] or " "))


def pattern(text: str) -> str:
    """What matches wherever this is said, however it is written."""
    return "".join(map(_one, folded(text)))


def _one(letter: str) -> str:
    if letter.isspace():
        return r"\s"
    if not letter.isalnum():
        return rf"\{letter}" if letter.isascii() else letter
    alike = "".join(dict.fromkeys(letter + letter.upper() + _ALIKE.get(letter, "")))
    return f"[{alike}]{_MARKS}"
