"""Meta's real limits, for who asks for them: messages a second, messages to one person, management calls an hour.

[WA docs: throughput; messages; rate limits]
"""

from __future__ import annotations

import dataclasses
import json
from collections import deque
from dataclasses import dataclass

from emulator.clock import clock
from emulator.fields import Faulty, Fields, Json
from emulator.graph_errors import GraphError

_HOUR_S = 3600.0
_KINDS_UNCOUNTED = frozenset({"read", "typing"})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """0 is no limit."""

    messages_per_s: int = 0  # of one number
    pair_every_s: float = 0.0  # one message in so long to the same person
    pair_burst: int = 45  # that many may be borrowed from the future
    management_per_h: int = 0  # whatever is not a message, of one business


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What the headers say instead of what was counted, in percent."""

    call_count: int = 0
    regain_min: int = 0


class Throttle:
    """What was asked lately, by number, by pair and by business."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}
        self._managed: dict[str, deque[float]] = {}
        self._paid_until: dict[tuple[str, str], float] = {}

    def send(self, limits: Limits, account: str, to: str, kind: str) -> None:
        if kind in _KINDS_UNCOUNTED:
            return
        now = clock.monotonic()
        if limits.messages_per_s:
            sent = _within(self._sent.setdefault(account, deque()), now - 1.0)
            if len(sent) >= limits.messages_per_s:
                raise GraphError(130429, "Cloud API message throughput has been reached.")
            sent.append(now)
        if limits.pair_every_s:
            until = max(now, self._paid_until.get((account, to), 0.0))
            if until - now > limits.pair_every_s * (limits.pair_burst - 1) + 1e-6:
                raise GraphError(131056, "Too many messages sent from this number to the same person.")
            self._paid_until[account, to] = until + limits.pair_every_s

    def manage(self, limits: Limits, business: str) -> None:
        if not limits.management_per_h:
            return
        now = clock.monotonic()
        calls = _within(self._managed.setdefault(business, deque()), now - _HOUR_S)
        if len(calls) >= limits.management_per_h:
            raise GraphError(80007, "There have been too many calls for this WhatsApp Business account.")
        calls.append(now)

    def headers(self, limits: Limits, usage: Usage | None, business: str) -> dict[str, str]:
        """[Graph docs: rate limits]"""
        if usage is None and not limits.management_per_h:
            return {}
        if usage is None:
            now = clock.monotonic()
            calls = _within(self._managed.setdefault(business, deque()), now - _HOUR_S)
            percent = min(100, 100 * len(calls) // limits.management_per_h)
            full = len(calls) >= limits.management_per_h
            regain = int((calls[0] + _HOUR_S - now) // 60) + 1 if full else 0
            usage = Usage(call_count=percent, regain_min=regain)
        shares = {"call_count": usage.call_count, "total_cputime": 0, "total_time": 0}
        one = {
            "type": "whatsapp_business_management",
            **shares,
            "estimated_time_to_regain_access": usage.regain_min,
        }
        return {"X-App-Usage": json.dumps(shares), "X-Business-Use-Case-Usage": json.dumps({business: [one]})}

    def clear(self) -> None:
        self._sent.clear()
        self._managed.clear()
        self._paid_until.clear()


def limits_of(fields: Fields, key: str) -> Limits:
    """Whole each time; `true` is as with Meta: 80 a second, one in 6 s after 45, 5,000 an hour."""
    raw = fields.any(key)
    if raw is None or raw is False:
        return Limits()
    if raw is True:
        return Limits(messages_per_s=80, pair_every_s=6.0, management_per_h=5000)
    inner = Fields(raw, key)
    limits = Limits(
        messages_per_s=inner.whole("messages_per_s", 0),
        pair_every_s=inner.number("pair_every_s", 0.0),
        pair_burst=inner.whole("pair_burst", 45, low=1),
        management_per_h=inner.whole("management_per_h", 0),
    )
    _finish(fields, inner)
    return limits


def usage_of(fields: Fields, key: str) -> Usage | None:
    raw = fields.any(key)
    if raw is None:
        return None
    inner = Fields(raw, key)
    usage = Usage(call_count=inner.whole("call_count", 0, high=1000), regain_min=inner.whole("regain_min", 0))
    _finish(fields, inner)
    return usage


def shown(value: Limits | Usage | None) -> Json | None:
    return None if value is None or value == Limits() else dataclasses.asdict(value)


def _finish(fields: Fields, inner: Fields) -> None:
    try:
        inner.finish()
    except Faulty as faulty:
        fields.problems += faulty.problems


def _within(moments: deque[float], since: float) -> deque[float]:
    while moments and moments[0] <= since:
        moments.popleft()
    return moments
