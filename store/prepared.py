"""Statements of the hot path: compiled once for each kind of database, then run by the driver itself.

SQLAlchemy's own way through a statement costs five times what SQLite needs for it, and accepting a webhook is eight of
them. What is compiled is the same Core statement, with the same types; errors are SQLAlchemy's too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection


class Prepared:
    """A statement with its parameters named, or one for each kind of database. Rows are plain tuples, and only of
    columns that need no conversion."""

    def __init__(self, statement: Any, *names: str, new_id: Any = None) -> None:
        """`names`: the columns an INSERT is given. `new_id`: the column of the number it makes, for `added`."""
        self.statement, self._names, self._new_id = statement, names, new_id
        self._compiled: dict[str, _Compiled] = {}

    def first(self, tx: Connection, **values: Any) -> Any:
        """The first row, or None."""
        return self._run(tx, values).fetchone()

    def all(self, tx: Connection, **values: Any) -> list[Any]:
        return list(self._run(tx, values).fetchall())

    def changed(self, tx: Connection, **values: Any) -> int:
        """How many rows it added or changed."""
        return int(self._run(tx, values).rowcount)

    def added(self, tx: Connection, **values: Any) -> int:
        """The number of the row it added."""
        cursor = self._run(tx, values)
        return int(cursor.lastrowid if tx.dialect.name == "sqlite" else cursor.fetchone()[0])

    def _run(self, tx: Connection, values: dict[str, Any]) -> Any:
        compiled = self._compiled.get(tx.dialect.name) or self._compile(tx)
        cursor = tx.connection.cursor()
        try:
            cursor.execute(compiled.sql, compiled.parameters(values))
        except Exception as error:
            # As if SQLAlchemy had run it: the class, what is told and hidden, whether the connection is lost.
            raising: Any = tx
            raising._handle_dbapi_exception(error, compiled.sql, None, cursor, None)
            raise
        return cursor

    def _compile(self, tx: Connection) -> _Compiled:
        name = tx.dialect.name
        statement = self.statement[name] if isinstance(self.statement, Mapping) else self.statement
        if self._new_id is not None and name != "sqlite":
            statement = statement.returning(self._new_id)
        compiled = self._compiled[name] = _Compiled.of(statement, self._names, tx.dialect)
        return compiled


@dataclass(frozen=True)
class _Compiled:
    sql: str
    order: tuple[str, ...] | None  # of the parameters, where the driver knows them by their place
    constants: Mapping[str, Any]
    processors: Mapping[str, Callable[[Any], Any]]

    @classmethod
    def of(cls, statement: Any, names: tuple[str, ...], dialect: Any) -> _Compiled:
        compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return cls(
            sql=str(compiled),
            order=tuple(compiled.positiontup) if compiled.positional else None,
            constants=constants,
            processors=dict(compiled._bind_processors),
        )

    def parameters(self, values: Mapping[str, Any]) -> Any:
        given = {**self.constants, **values}
        for name, process in self.processors.items():
            given[name] = process(given[name])
        return given if self.order is None else [given[name] for name in self.order]
