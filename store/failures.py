"""Failures of a database that are nobody's fault: what is run again, and what means that it can't be reached."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from conversation.errors import Unavailable
from conversation.said import say

T = TypeVar("T")

#: How often a transaction is run before its failure is its caller's.
TRIES = 6
_SERIALIZATION_FAILURE, _DEADLOCK = "40001", "40P01"
#: What a row is of is gone since it was read: a contact who became another, or was erased.
_IS_GONE = "23503"


class DatabaseUnavailable(Unavailable):
    """The database can't be reached. What was to be written is not there."""


class CommitUnknown(DatabaseUnavailable):
    """The connection was lost in the commit: what was to be written may be there or not."""


class DatabaseClosed(RuntimeError):
    """The database was closed while this was waiting for it."""


def persistently(transaction: Callable[[], T]) -> T:
    """The transaction's result. It is run again where it lost a race against another, which the server then undid, or
    a connection that broke before it was committed; in both cases nothing of it is there."""
    for tries in range(1, TRIES + 1):
        try:
            return transaction()
        except sa.exc.DBAPIError as error:
            if not (lost_race(error) or lost_connection(error)):
                raise
            if tries == TRIES and _code(error) == _IS_GONE:
                raise  # it is not gone, it never was
            if tries == TRIES:
                why = type(error.orig).__name__
                raise DatabaseUnavailable(
                    say("The database failed {tries} times ({why}).", tries=TRIES, why=why)
                ) from error
            time.sleep(random.uniform(0, 0.002 * 2**tries))  # two that met should not meet again
    raise AssertionError("unreachable")


def lost_race(error: sa.exc.DBAPIError) -> bool:
    return _code(error) in (_SERIALIZATION_FAILURE, _DEADLOCK, _IS_GONE)


def _code(error: sa.exc.DBAPIError) -> str | None:
    return getattr(error.orig, "pgcode", None)


def lost_connection(error: sa.exc.DBAPIError) -> bool:
    return bool(error.connection_invalidated)


def of_the_database(error: BaseException) -> bool:
    """Whether it is the database that fails, for now, and not what was asked of it."""
    return isinstance(
        error,
        (
            Unavailable,
            DatabaseClosed,
            sqlite3.OperationalError,
            sa.exc.OperationalError,
            sa.exc.InterfaceError,
            sa.exc.TimeoutError,
        ),
    )
