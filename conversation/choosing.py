"""Choices that went as numbered lines: which one somebody means who writes its number, or its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: A number alone, or after a word for it: "2", "2.", "2)", "opção 2", "nº 2", "a 2", "2️⃣".
_NUMBER = re.compile(r"(?:a |o |the )?(?:op[cç][aã]o|option|n[uú]mero|number|n[º°o]|#)?[\s.:]*(\d{1,2})\s*[.)\]ªº°]*")
_KEYCAP = re.compile("[\ufe0f\u20e3]")
#: In a message's content: what was written, where its words are those of what was chosen by it.
TYPED = "typed"
#: Nobody writes a choice out that is longer.
LONGEST = 300


def number_in(text: str) -> int | None:
    found = _NUMBER.fullmatch(_KEYCAP.sub("", text).strip().casefold())
    return int(found.group(1)) if found else None


def chosen(text: str | None, titles: Sequence[str]) -> int | None:
    """Its place among them; None where it is none of them, or could be two."""
    if not text or len(text) > LONGEST:
        return None
    words = _plain(text)
    same = [place for place, title in enumerate(titles) if _plain(title) == words]
    if same:
        return same[0] if len(same) == 1 else None
    number = number_in(text)
    return number - 1 if number is not None and 1 <= number <= len(titles) else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
