"""What a process has in memory, as Linux counts it."""

from __future__ import annotations

from pathlib import Path


def resident_mb(pid: int) -> float | None:
    """Resident set size; None where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return None


def sum_mb(pids: list[int]) -> float | None:
    found = [resident_mb(pid) for pid in pids]
    return None if None in found else round(sum(mb for mb in found if mb is not None), 1)
