"""How deep what somebody made up may be nested: what one reader can still read is too deep for the next."""

from __future__ import annotations

from typing import Any

DEEPEST = 20


def refuse_too_deep(value: Any) -> None:
    """`ValueError` where lists and objects stand in each other more than so often."""
    layer = [value]
    for _ in range(DEEPEST):
        layer = [each for holder in layer for each in _inside(holder)]
        if not layer:
            return
    if any(isinstance(each, (dict, list)) for each in layer):
        raise ValueError(f"Nested deeper than {DEEPEST}")


def _inside(holder: Any) -> list[Any]:
    if isinstance(holder, dict):
        return list(holder.values())
    return holder if isinstance(holder, list) else []
