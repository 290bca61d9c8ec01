"""What a check of an account found, step by step."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from handover.shapes.words import Instant


class Step(TypedDict):
    """`step`: where it looks. `cure`: what mends it; of a step that is well what is worth doing all the same."""

    step: str
    verdict: Literal["ok", "failed", "skipped"]
    found: str
    cure: str | None


class Check(TypedDict):
    """`first_failed`: the step to mend first, null: all is well. `meta`: what Meta said of the number."""

    ok: bool
    first_failed: str | None
    steps: list[Step]
    last_webhook_at: Instant | None
    last_sent_at: Instant | None
    meta: dict[str, Any]
