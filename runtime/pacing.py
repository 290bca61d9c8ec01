"""The platform's pace, kept here before it refuses: each claim takes from its number's bucket, and its contact's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation import pacing
from conversation.account import Account, AccountId
from conversation.conversation import ConversationId
from conversation.errors import SendError
from conversation.pacing import Bucket, Pace
from store import paces
from store.outbox import Lane, Row

#: Too much to one contact; too much from one number.
_PAIR_CODE, _NUMBER_CODE = 131056, 130429
#: A number that has written enough rests for so long at least: then several of its messages may go.
_REST = timedelta(seconds=0.1)
#: For so long after a rest a process still tries no more of a number than may go at once.
_FORGET = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class _Rest:
    until: datetime
    at_once: int


def take(tx: Connection, row: Row, account: Account, now: datetime) -> datetime | None:
    """Takes what this request uses. Or says when to come again: then nothing is taken."""
    number = pacing.of_number(account)
    if number is None:
        return None
    pair = pacing.of_pair(account) if row.lane is Lane.MESSAGE else None
    to_pair = None
    if pair is not None:
        to_pair = _bucket(tx, paces.of_pair(row.conversation_id), pair, now, row.conversation_id)
        waits_s = pacing.wait_s(to_pair, pair, now)
        if waits_s:
            return now + timedelta(seconds=waits_s)
    of_number = _bucket(tx, paces.of_number(account.id), number, now, None)
    leaving = pacing.left_to_messages(number) if row.lane is Lane.SIGNAL else 0.0
    waits_s = pacing.wait_s(of_number, number, now, leaving=leaving)
    if waits_s:
        return now + timedelta(seconds=waits_s)
    paces.put(tx, paces.of_number(account.id), pacing.taken(of_number, number, now))
    if pair is not None:
        paces.put(tx, paces.of_pair(row.conversation_id), pacing.taken(to_pair, pair, now))
    return None


def refused(tx: Connection, account: Account, conversation_id: ConversationId, error: SendError, now: datetime) -> None:
    """Meta counts otherwise than we do: what it had enough of is empty but for what it refused."""
    if error.error_code == _PAIR_CODE and (pair := pacing.of_pair(account)) is not None:
        _empty(tx, paces.of_pair(conversation_id), pair, now, conversation_id)
    if error.error_code == _NUMBER_CODE and (number := pacing.of_number(account)) is not None:
        _empty(tx, paces.of_number(account.id), number, now, None)


class Numbers:
    """What one process remembers of numbers that have written enough: nothing depends on it but how often it asks."""

    def __init__(self) -> None:
        self._rests: dict[AccountId, _Rest] = {}

    def take(self, tx: Connection, row: Row, account: Account, now: datetime) -> datetime | None:
        """As `take`. Where it is the number that has written enough, the others of it need not ask."""
        again_at = take(tx, row, account, now)
        number = pacing.of_number(account)
        if again_at is not None and number is not None:
            name = paces.of_number(account.id)
            if pacing.wait_s(paces.several(tx, [name]).get(name), number, now):
                until = max(again_at, now + _REST)
                self._rests[account.id] = _Rest(until=until, at_once=max(int(number.size), 1))
        return again_at

    def resting(self, now: datetime) -> tuple[AccountId, ...]:
        """Accounts of which nothing need be tried now."""
        for which, rest in list(self._rests.items()):  # claims are made on other threads
            if rest.until < now - _FORGET:
                self._rests.pop(which, None)
        return tuple(which for which, rest in list(self._rests.items()) if rest.until > now)

    def worth_trying(self, rows: Iterable[Row]) -> list[Row]:
        """Of a number that had to rest a moment ago no more than may go at once."""
        counts, found = Counter[AccountId](), list[Row]()
        for row in rows:
            counts[row.account_id] += 1
            rest = self._rests.get(row.account_id)
            if rest is None or counts[row.account_id] <= rest.at_once:
                found.append(row)
        return found

    def look_again_s(self, now: datetime, usual_s: float) -> float:
        waiting = [(rest.until - now).total_seconds() for rest in list(self._rests.values())]
        return min([usual_s, *(max(each, 0.01) for each in waiting if each > 0)])


def _bucket(tx: Connection, name: str, pace: Pace, now: datetime, conversation_id: ConversationId | None) -> Bucket:
    full = Bucket(level=pace.size, at=now)
    return paces.look(tx, name) or paces.begin(tx, name, full, conversation_id)


def _empty(tx: Connection, name: str, pace: Pace, now: datetime, conversation_id: ConversationId | None) -> None:
    _bucket(tx, name, pace, now, conversation_id)
    paces.put(tx, name, pacing.emptied(now))
