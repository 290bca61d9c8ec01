"""How a word may stand written somewhere: a phone number as people write it, a text as JSON escapes it."""

from __future__ import annotations

import json
import re

#: Shorter, and it may be anything.
SHORTEST = 5
_PHONE = re.compile(r"\+?[0-9]{10,15}")
#: Country, area, and a mobile's number, which has had one digit more for some years: both are in use.
_BRAZILIAN = re.compile(r"(55)([0-9]{2})(9?)([0-9]{4})([0-9]{4})")


def spellings(word: str) -> list[str]:
    """Itself first."""
    found = [word]
    if _PHONE.fullmatch(word):
        digits = word.lstrip("+")
        found += [digits, *_as_written(digits)]
    escaped = [json.dumps(each, ensure_ascii=ascii)[1:-1] for each in found for ascii in (True, False)]
    return list(dict.fromkeys([*found, *escaped]))


def _as_written(digits: str) -> list[str]:
    read = _BRAZILIAN.fullmatch(digits)
    if read is None:
        return []
    country, area, _, first, last = read.groups()
    written = []
    for start in (f"9{first}", first):
        written += [
            f"{country}{area}{start}{last}",
            f"{country} {area} {start}-{last}",
            f"{country} ({area}) {start}-{last}",
            f"({area}) {start}-{last}",
            f"{area} {start}-{last}",
            f"{area} {start}{last}",
            f"{area}{start}{last}",
        ]
    return written
