"""What a process has in memory and has spent, as Linux counts it."""

from __future__ import annotations

import os
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


def cpu_s(pid: int) -> float | None:
    """The processor time of all its threads; None where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
