"""The guards of a merge, each taken out alone: a bench that can't see its absence measures nothing."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.bursts import _without
from conversation import merging as rules
from runtime import turn
from store import conversations, former_ids, merged_rows, merging, outbox, tables, trackers


@contextlib.contextmanager
def _without_mail() -> Iterator[None]:
    """It is put away where it was, and then moved: a row that names what is gone can't be."""
    whole = merged_rows._MOVERS["mailbox"]

    def put_away(tx: Connection, merged: Any, now: datetime) -> None:
        mail = tables.mailbox
        tx.execute(mail.update().where(mail.c.conversation_id == merged.was.id).values(state="done"))
        whole(tx, merged, now)

    merged_rows._MOVERS["mailbox"] = put_away
    try:
        yield
    finally:
        merged_rows._MOVERS["mailbox"] = whole


def _without_ownership() -> Any:
    whole = rules.merged

    def merged(into: Any, was: Any, now: datetime, *, unanswered: bool) -> Any:
        found = whole(into, was, now, unanswered=unanswered)
        after = dataclasses.replace(found.after, state=into.state, owner=into.owner)
        return dataclasses.replace(found, leads=into, after=after)

    return _without(rules, "merged", merged)


@contextlib.contextmanager
def _without_fence() -> Iterator[None]:
    """Neither the ownership number nor the mail's, and the tracker's is not asked for."""
    whole, mail, append = rules.merged, merged_rows._MOVERS["mailbox"], trackers.append

    def merged(into: Any, was: Any, now: datetime, *, unanswered: bool) -> Any:
        found = whole(into, was, now, unanswered=unanswered)
        return dataclasses.replace(found, after=dataclasses.replace(found.after, ownership=into.ownership))

    def append_anyway(*args: Any, **how: Any) -> Any:
        return append(*args, **{**how, "expected_seq": None})

    merged_rows._MOVERS["mailbox"] = merged_rows._simply("mailbox")
    with contextlib.ExitStack() as stack:
        stack.callback(merged_rows._MOVERS.__setitem__, "mailbox", mail)
        stack.enter_context(_without(rules, "merged", merged))
        stack.enter_context(_without(turn, "still_ours", lambda *_: True))
        stack.enter_context(_without(trackers, "append", append_anyway))
        yield


@contextlib.contextmanager
def _without_withdrawal() -> Iterator[None]:
    """What the assistant has queued is moved as it is, and its claim asks nothing."""
    with contextlib.ExitStack() as stack:
        stack.callback(merged_rows._MOVERS.__setitem__, "outbox", merged_rows._MOVERS["outbox"])
        merged_rows._MOVERS["outbox"] = merged_rows._simply("outbox")
        stack.enter_context(_without(outbox, "withdraw_bot_rows", lambda *_: 0))
        stack.enter_context(_without(outbox, "why_not_leave", lambda *_: None))
        yield


@contextlib.contextmanager
def _without_lock() -> Iterator[None]:
    """No row of the two is locked first: whatever is written down meanwhile is written to what is gone."""

    talks, people = tables.conversations, tables.contacts

    def found(tx: Connection, one: str, other: str) -> Any:
        theirs = sa.select(talks).where(talks.c.contact_id.in_([one, other])).order_by(talks.c.id)
        return [conversations.from_row(row) for row in tx.execute(theirs)]

    class Unlocked:
        def __init__(self, one: str, other: str) -> None:
            self._query = sa.select(people).where(people.c.id.in_([one, other])).order_by(people.c.id)

        def with_for_update(self) -> Any:
            return self._query

    with _without(merging, "_locked", found), _without(merging, "_these", Unlocked):
        yield


OF_MERGES: dict[str, Any] = {
    "mail-left-behind": _without_mail,
    "ownership-not-moved": _without_ownership,
    "no-fence": _without_fence,
    "no-withdraw": _without_withdrawal,
    "no-old-names": lambda: _without(former_ids, "add", lambda *_: None),
    "not-where-it-is": lambda: _without(outbox, "where_it_is", lambda tx, row: row),
    "no-lock": _without_lock,
}
