"""Which of our languages somebody would rather read, by their `Accept-Language`."""

from __future__ import annotations

import re

from conversation.said import LANGUAGES
from conversation.words import DEFAULT_LANGUAGE

#: "pt-BR;q=0.9", "*". What does not look so is passed over.
_RANGE = re.compile(
    r"(?P<language>[a-z]{1,8}|\*)(?:-[a-z0-9-]*)?[ \t]*(?:;[ \t]*q=(?P<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?",
    re.ASCII | re.IGNORECASE,
)


def preferred(accept_language: str) -> str:
    """The one of the greatest weight, of equal ones the first; ours by default where they read none of them."""
    wanted: dict[str, tuple[float, int]] = {}
    for place, each in enumerate(accept_language.split(",")):
        found = _RANGE.fullmatch(each.strip())
        if found is None:
            continue
        language = found["language"].lower()
        given = (float(found["weight"] or 1), -place)
        wanted[language] = max(given, wanted.get(language, given))
    any_other = wanted.get("*", (0.0, 0))
    best = max(LANGUAGES, key=lambda language: wanted.get(language, any_other))
    return best if wanted.get(best, any_other)[0] > 0 else DEFAULT_LANGUAGE
