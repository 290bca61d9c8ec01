"""Lists of times made into the few figures people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    if not sorted_values:
        raise ValueError("no values")
    rank = -(-share * len(sorted_values) // 1)  # rounded up
    return sorted_values[max(0, int(rank) - 1)]


def times_ms(values_ms: Iterable[float]) -> dict[str, float | int] | None:
    """`{n, p50, p95, p99, max}` in milliseconds; None for none."""
    ordered = sorted(values_ms)
    if not ordered:
        return None
    shown = {f"p{share}": round(percentile(ordered, share / 100), 2) for share in (50, 95, 99)}
    return {"n": len(ordered), **shown, "max": round(ordered[-1], 2)}


def ms(start_ns: int, end_ns: int) -> float:
    return (end_ns - start_ns) / 1e6
