"""What tables are made of. Instants are aware datetimes in Python and microseconds since 1970 in the database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData()
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MICROSECOND = dt.timedelta(microseconds=1)


class Instant(TypeDecorator):  # type: ignore[type-arg]
    """An aware datetime, kept as an integer that sorts, the same on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> dt.datetime | None:
        return None if value is None else _EPOCH + dt.timedelta(microseconds=value)


class Words(TypeDecorator):  # type: ignore[type-arg]
    """What others wrote. SQLite keeps all of it; PostgreSQL would refuse what has no room, and one sign."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sa.String(self.length) if self.length else sa.Text())

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else value[: self.length].replace("\x00", "\ufffd")


Id = sa.String(40)
# SQLite numbers rows by itself only for INTEGER; AUTOINCREMENT, so that a number is never given twice.
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def serial(name: str = "id") -> sa.Column[Any]:
    return sa.Column(name, Serial, primary_key=True, autoincrement=True)
