"""The guards, each removed alone: a bench that cannot see its absence measures nothing.

Only here, never in the product. Each function changes modules of the process it is called in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def no_fence() -> None:
    """A turn's commit does not ask again who may speak. The tracker's number, which a take moves too and which would
    refuse the same commit, is not looked at either: otherwise it would hide that the fence is gone."""
    from runtime import turn
    from store import trackers

    append = trackers.append

    def append_anyway(*args: Any, **kwargs: Any) -> trackers.Position:
        return append(*args, **{**kwargs, "expected_seq": None})

    turn.still_ours = lambda *_: True
    trackers.append = append_anyway


def no_gate_at_claim() -> None:
    """What was said leaves whenever its turn comes: a claim asks nothing, and a take withdraws nothing."""
    from store import outbox

    outbox.why_not_leave = lambda *_: None
    outbox.withdraw_bot_rows = lambda *_: 0


def no_wait() -> None:
    """A take or a switch-off answers at once, whatever is claimed."""
    from runtime.ownership import Ownership

    async def settled_at_once(self: Ownership, **whose: str) -> int:
        return 0

    Ownership._settled = settled_at_once  # type: ignore[method-assign]


SABOTAGES: dict[str, Callable[[], None]] = {
    "no-fence": no_fence,
    "no-gate-at-claim": no_gate_at_claim,
    "no-wait": no_wait,
}
