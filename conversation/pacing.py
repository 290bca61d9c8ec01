"""How fast we may write: buckets of requests that fill by themselves, one for a number and one for each contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversation.account import Account, Channel
from conversation.channel_settings import ChannelSettings

#: "20 messages per second" beside the phone's own app; 1,000 once Meta has raised a number [WA docs: throughput].
_BESIDE_THE_APP, _RAISED = 20.0, 1000.0
_HIGH = "HIGH"
#: Of a number's rate: what may go at once. Together with the rest, which comes in time, a second never has more than
#: the rate, from whenever it is counted.
_AT_ONCE = 0.1
#: Read receipts and typing signs leave so much of what may go at once to messages.
_LEFT_TO_MESSAGES = 0.25
_USUAL = ChannelSettings()
#: The clocks of several machines differ by less. What stands further in the future was written by one that has been
#: set back since, and nothing would leave until it is that late again.
_APART_S = 90.0
#: Less than this is missing only because seconds are no whole numbers.
_NOTHING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Pace:
    """`per_s`: how fast the bucket fills; `size`: how much it holds."""

    per_s: float
    size: float


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """`level`: requests that may be made at once, as of `at`."""

    level: float
    at: datetime


def of_number(account: Account) -> Pace | None:
    """None: the channel sets no such pace, or it is kept elsewhere."""
    if account.channel is not Channel.WHATSAPP:
        return None
    per_s = _per_second(account)
    return Pace(per_s=per_s * (1 - _AT_ONCE), size=max(per_s * _AT_ONCE, 1.0))


def _per_second(account: Account) -> float:
    """What was set by hand holds; but beside the phone's own app there is never more than Meta's twenty."""
    asked = account.channel_settings.messages_per_s
    if account.meta.on_phone_app:
        return min(asked, _BESIDE_THE_APP)
    raised = account.meta.throughput == _HIGH and asked == _USUAL.messages_per_s
    return _RAISED if raised else asked


def of_pair(account: Account) -> Pace | None:
    """To one contact. None: no such pace is kept."""
    settings = account.channel_settings
    if account.channel is not Channel.WHATSAPP or settings.pair_every_s <= 0:
        return None
    return Pace(per_s=1 / settings.pair_every_s, size=float(settings.pair_burst))


def left_to_messages(pace: Pace) -> float:
    """What must stay in a number's bucket when a sign leaves."""
    return pace.size * _LEFT_TO_MESSAGES if pace.size >= 2 else 0.0


def level(bucket: Bucket | None, pace: Pace, now: datetime) -> float:
    """One that nobody has taken from is full."""
    if bucket is None:
        return pace.size
    passed_s = (now - bucket.at).total_seconds()
    if passed_s < -_APART_S:
        return pace.size
    passed_s = max(passed_s, 0.0)
    return min(bucket.level + passed_s * pace.per_s, pace.size)


def wait_s(bucket: Bucket | None, pace: Pace, now: datetime, *, leaving: float = 0.0) -> float:
    """Until one request may be made, and `leaving` is left; 0: it may now."""
    missing = 1.0 + leaving - level(bucket, pace, now)
    if missing <= _NOTHING:
        return 0.0
    return missing / pace.per_s


def taken(bucket: Bucket | None, pace: Pace, now: datetime) -> Bucket:
    return Bucket(level=level(bucket, pace, now) - 1.0, at=now)


def emptied(now: datetime) -> Bucket:
    """The platform counts otherwise than we do, and has had enough: only what it refused is left, to be tried again."""
    return Bucket(level=1.0, at=now)
