"""When a webhook that was not taken is posted again [WA docs: webhooks]."""

from __future__ import annotations

from emulator.settings import Settings

KEPT_S = 7 * 24 * 3600
_LONGEST_MS = 4 * 3600 * 1000
#: Only this network's are kept for days.
KEPT_FOR_DAYS = frozenset({"whatsapp"})


def wait_ms(settings: Settings, channel: str, attempts: int) -> int | None:
    """After so many attempts; None: not by itself any more.

    `desk` is a few times within a minute or so. `days`: at once, then less and less often, for seven days."""
    first = min(settings.retry_first_ms, settings.retry_longest_ms)
    if settings.retry_plan == "days" and channel in KEPT_FOR_DAYS:
        return 0 if attempts == 1 else min(first * 2 ** min(attempts - 2, 40), _LONGEST_MS)
    if attempts > settings.retry_times:
        return None
    return int(min(first * 2 ** (attempts - 1), settings.retry_longest_ms))
