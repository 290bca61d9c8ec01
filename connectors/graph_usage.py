"""How much of Meta's budgets of calls a token has used, as each answer tells: from three quarters on we are slower.

`X-App-Usage`: the app's, for all calls. `X-Business-Use-Case-Usage`: a business's, by type; that of managing a WhatsApp
business is no budget of its messages. [Graph docs: rate limits]
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.reading import items, obj
from conversation.course import Course
from conversation.errors import SendError

_APP, _BUSINESS = "X-App-Usage", "X-Business-Use-Case-Usage"
_SHARES = ("call_count", "total_time", "total_cputime")
_OF_MANAGING_ONLY = "whatsapp_business_management"
_SLOWER_FROM = 75.0
#: What an answer said holds for so long: budgets are counted by the hour, and quiet ones fill again.
_GOOD_FOR_S = 300.0
#: At all of it used. A claim is good for five seconds.
_LONGEST_MANAGING_S, _LONGEST_SENDING_S = 10.0, 1.0
_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Usage:
    """In percent of what is allowed; `regain_s`: until Meta takes calls again, where it takes none."""

    sending: float = 0.0
    managing: float = 0.0
    sending_regain_s: float = 0.0
    managing_regain_s: float = 0.0


def read(headers: Mapping[str, str]) -> Usage | None:
    """The fullest of what an answer names; None: it names none."""
    app, business = _document(headers.get(_APP)), _document(headers.get(_BUSINESS))
    if app is None and business is None:
        return None
    sending = managing = _share(app or {})
    sending_s = managing_s = 0.0
    for each in (obj(one) for listed in (business or {}).values() for one in items(listed)):
        regain_s = _number(each.get("estimated_time_to_regain_access")) * 60
        managing, managing_s = max(managing, _share(each)), max(managing_s, regain_s)
        if each.get("type") != _OF_MANAGING_ONLY:
            sending, sending_s = max(sending, _share(each)), max(sending_s, regain_s)
    return Usage(sending=sending, managing=managing, sending_regain_s=sending_s, managing_regain_s=managing_s)


class Budgets:
    """What is known of each token's, in this process. Tokens are not kept: only what they can be known again by."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[float, Usage]] = {}

    def note(self, token: str | None, headers: Mapping[str, str]) -> None:
        usage = read(headers)
        if token is None or usage is None:
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[_key(token)] = (self._clock(), usage)

    def of(self, token: str | None) -> Usage | None:
        """As the last answer said; None: none did, or too long ago."""
        told_at, usage = self._known.get(_key(token or ""), (0.0, None))
        if usage is None:
            return None
        regain_s = max(usage.managing_regain_s, usage.sending_regain_s)
        return usage if self._clock() - told_at < max(_GOOD_FOR_S, regain_s) else None

    def wait_s(self, token: str | None, *, sending: bool) -> float:
        """How long a call waits now. `SendError` while Meta has said that it takes none."""
        usage = self.of(token)
        if usage is None:
            return 0.0
        told_at = self._known[_key(token or "")][0]
        regain_s = usage.sending_regain_s if sending else usage.managing_regain_s
        left_s = told_at + regain_s - self._clock()
        if left_s > 0:
            raise SendError(
                "Not asked of Meta: it takes no more calls for this account for now.",
                retryable=True,
                retry_after_s=left_s,
                course=Course.PAUSE_ACCOUNT,
            )
        used, longest_s = (usage.sending, _LONGEST_SENDING_S) if sending else (usage.managing, _LONGEST_MANAGING_S)
        return longest_s * min(max(used - _SLOWER_FROM, 0.0) / (100.0 - _SLOWER_FROM), 1.0)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _share(told: Mapping[str, Any]) -> float:
    return max(_number(told.get(name)) for name in _SHARES)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def _document(header: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(header) if header else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
