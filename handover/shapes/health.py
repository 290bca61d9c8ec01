"""Whether we are there."""

from __future__ import annotations

from typing import Any, TypedDict


class Health(TypedDict):
    """`model`: which one answers, which is being loaded, and which could not be; as far as is known here."""

    status: str
    model: dict[str, Any]
