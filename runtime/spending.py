"""What may be sent from an account on one day: counted in the transaction that queues it, whoever writes.

What is withdrawn before it leaves, or refused by Meta, has been counted and is not given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from conversation import account_limits
from conversation.account import Account
from conversation.account_limits import Spent
from conversation.errors import SpendLimit
from conversation.said import say
from runtime.channel import Rendered
from store import notices, spent

#: What a message that was withheld for it says.
LIMIT = SpendLimit.code


def spend(tx: Connection, account: Account, rendered: Sequence[Rendered], now: datetime) -> None:
    """All of these, or `SpendLimit`."""
    reached = _take(tx, account, rendered, now)
    if reached is not None:
        raise SpendLimit(
            say(
                "This account's limit for one day is reached: {limit}, at most {most}.",
                limit=f"max_{reached.value}_per_day",
                most=account.limits.of(reached),
            ),
            retry_after_s=account_limits.seconds_left(now, account.handover.opening.zone),
        )


def may_leave(tx: Connection, account: Account, rendered: Rendered, now: datetime) -> bool:
    """Whether this one may, by the assistant or by the rules; then it is counted."""
    return _take(tx, account, [rendered], now) is None


def left(tx: Connection, account: Account, now: datetime) -> dict[Spent, int | None]:
    """How many more today; None: no limit."""
    found: dict[Spent, int | None] = {}
    for kind in Spent:
        most, zone = account.limits.of(kind), account.handover.opening.zone
        if most is None:
            found[kind] = None
            continue
        day, begins = account_limits.day_of(now, zone), account_limits.day_begins(now, zone)
        found[kind] = max(most - spent.used(tx, account.id, kind, day=day, begins=begins), 0)
    return found


def _take(tx: Connection, account: Account, rendered: Sequence[Rendered], now: datetime) -> Spent | None:
    """The limit that stands in the way; None: there is none, and all are counted. Asked before they are written: what
    a day's count begins with must not have them in it already."""
    zone, taken = account.handover.opening.zone, list[tuple[Spent, int]]()
    day, begins = account_limits.day_of(now, zone), account_limits.day_begins(now, zone)
    for kind, amount in ((Spent.MESSAGES, len(rendered)), (Spent.PAID, sum(each.paid for each in rendered))):
        most = account.limits.of(kind)
        if most is None or not amount:
            continue
        used = spent.take(tx, account.id, kind, amount, most=most, day=day, begins=begins)
        if used is None:
            for before, how_many in taken:
                spent.give_back(tx, account.id, before, how_many, day=day)
            return kind
        taken.append((kind, amount))
        if used == most:
            notices.add(tx, "account", None, {"account": account.id, "limit": kind.value, "day": day}, now)
    return None
