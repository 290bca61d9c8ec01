"""Text as it is searched in: small letters without their accents, the same on both databases and without extensions.

SQLite is given a function for it; PostgreSQL does it by its own `lower` and `translate`, with the Latin letters listed
here. Other alphabets are found as they are written, but for small and capital letters.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa

#: The name of the function on SQLite.
FUNCTION = "folded"


def _plain(letter: str) -> str | None:
    """The letter without its accent; None where it has none."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    return base.lower() if marks and base.isascii() and all(map(unicodedata.combining, marks)) else None


_ACCENTED = {letter: plain for code in range(0xC0, 0x250) if (plain := _plain(letter := chr(code))) is not None}
#: Accents that stand by themselves, after their letter.
_MARKS = "".join(chr(code) for code in range(0x300, 0x370))
_FROM, _TO = "".join(_ACCENTED) + _MARKS, "".join(_ACCENTED.values())
_TABLE = str.maketrans(_FROM[: len(_TO)], _TO, _MARKS)


def fold(text: str | None) -> str | None:
    """What SQLite calls for every row, so the usual is quick."""
    if text is None or text.isascii():
        return text and text.lower()
    return text.translate(_TABLE).lower()


def folded(column: Any, dialect: str) -> Any:
    """The same of a column, in SQL."""
    if dialect == "sqlite":
        return getattr(sa.func, FUNCTION)(column)
    return sa.func.lower(sa.func.translate(column, _FROM, _TO))
