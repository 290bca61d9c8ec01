"""What happened, by its number."""

from __future__ import annotations

from typing import Any, TypedDict


class _Notices(TypedDict):
    items: list[dict[str, Any]]
    last: int


class Notices(_Notices, total=False):
    """`last`: the number to go on after. `anew`: what came next is kept no longer: read everything anew."""

    anew: bool
