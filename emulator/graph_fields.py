"""The parameter `fields` of Graph API: names, with inner ones in braces, as in `id,messages.limit(5){id,from}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from emulator.graph_errors import GraphError

_NAME = re.compile(r"\s*([a-z_]+)((?:\.[a-z]+\([^()]*\))*)\s*")
_LIMIT = re.compile(r"\.limit\((\d+)\)")
_DEEPEST = 5


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The inner names of one name. None at all: as Graph API sees fit."""

    inner: dict[str, Wanted] = field(default_factory=dict)
    limit: int | None = None


def read(text: str) -> dict[str, Wanted]:
    """Raises error 100 for what is not such a list."""
    found, end = _list(text, 0, 0) if text.strip() else ({}, len(text))
    if end != len(text):
        raise GraphError(100, f"Syntax error in the field expansion string at character {end}: {text}")
    return found


def _list(text: str, at: int, depth: int) -> tuple[dict[str, Wanted], int]:
    found: dict[str, Wanted] = {}
    while True:
        name = _NAME.match(text, at)
        if name is None or depth > _DEEPEST:
            raise GraphError(100, f"Syntax error in the field expansion string at character {at}: {text}")
        at = name.end()
        inner: dict[str, Wanted] = {}
        if text[at : at + 1] == "{":
            inner, at = _list(text, at + 1, depth + 1)
            if text[at : at + 1] != "}":
                raise GraphError(100, f"Syntax error in the field expansion string at character {at}: {text}")
            at += 1
        limit = _LIMIT.search(name[2])
        found[name[1]] = Wanted(inner=inner, limit=int(limit[1]) if limit else None)
        if text[at : at + 1] != ",":
            return found, at
        at += 1
