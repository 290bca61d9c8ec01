"""A statement is compiled once in a test process, and not anew for the database of each test.

SQLAlchemy keeps what it compiled with the engine, under the engine's dialect: all engines of one kind of database share
both here. The processes of the product, which have one engine each, know nothing of this.
"""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from store import engines

_make = engines.engine_for
#: By the dialect's name, the engine whose dialect and cache all share.
_first: dict[str, Engine] = {}


def _engine_for(url: str, connections: int = 5) -> Engine:
    made: Any = _make(url, connections)
    first: Any = _first.get(made.dialect.name)
    if first is not None:
        made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
        return made
    with contextlib.suppress(OperationalError):  # a test may mean it not to be there
        made.connect().close()  # a dialect learns from the first server it meets what that can do
        _first[made.dialect.name] = made
    return made


def install() -> None:
    engines.engine_for = _engine_for
