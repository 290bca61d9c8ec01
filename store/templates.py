"""Messages that Meta approves beforehand, as it last told of them: by its list, or by news of a single one.

News come in any order: what is older than what is known changes nothing. What a list no longer has is kept, and is
marked: what was sent by it still has its words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.errors import NotFound
from conversation.said import say
from store import doors
from store.tables import templates as table

_IN_ORDER = sa.select(table).order_by(table.c.name, table.c.language)


@dataclass(frozen=True, kw_only=True)
class Template:
    """`id`: Meta's own. `missing_since`: not in its last list."""

    business_id: str
    id: str
    name: str
    language: str
    category: str
    status: str
    quality: str | None = None
    reason: str | None = None
    components: Sequence[Mapping[str, Any]] = ()
    updated_at: datetime
    missing_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Synced:
    """How many there are, and what one list changed."""

    count: int
    added: int
    changed: int
    missing: int


def from_row(row: Any) -> Template:
    return Template(
        business_id=row.business_id,
        id=row.provider_id,
        name=row.name,
        language=row.language,
        category=row.category,
        status=row.status,
        quality=row.quality,
        reason=row.reason,
        components=tuple(row.components),
        updated_at=row.updated_at,
        missing_since=row.missing_since,
    )


def get(tx: Connection, business_id: str, name: str, language: str) -> Template | None:
    row = tx.execute(sa.select(table).where(_this(business_id, name, language))).first()
    return None if row is None else from_row(row)


def known(tx: Connection, business_id: str, name: str) -> list[Template]:
    """One in all its languages; `NotFound` where there is none."""
    found = of_business(tx, business_id, name=name)
    if not found:
        raise NotFound(say("There is no template {name}. Sync them, if it is new.", name=name))
    return found


def of_business(
    tx: Connection,
    business_id: str,
    *,
    status: str | None = None,
    name: str | None = None,
    language: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> list[Template]:
    """By name and language, those that are missing too. `after`: the name and language to go on after."""
    query = _IN_ORDER.where(table.c.business_id == business_id)
    if status is not None:
        query = query.where(table.c.status == status)
    if name is not None:
        query = query.where(table.c.name == name)
    if language is not None:
        query = query.where(table.c.language == language)
    if after is not None:
        same_name = sa.and_(table.c.name == after[0], table.c.language > after[1])
        query = query.where(sa.or_(table.c.name > after[0], same_name))
    return [from_row(row) for row in tx.execute(query if limit is None else query.limit(limit))]


def put_all(tx: Connection, business_id: str, told: Sequence[Template], now: datetime) -> Synced:
    """All that a list holds, as it was asked for at `now`: news that came since stand."""
    doors.hold(tx, f"templates:{business_id}")
    before = {(each.name, each.language): each for each in of_business(tx, business_id)}
    listed = {(each.name, each.language): each for each in told}
    changed = sum(_put(tx, before.get(key), each) for key, each in listed.items())
    gone = [
        each
        for key, each in before.items()
        if key not in listed and each.missing_since is None and each.updated_at <= now
    ]
    for each in gone:
        tx.execute(table.update().where(_same(each)).values(missing_since=now, updated_at=now))
    added = len(listed.keys() - before.keys())
    return Synced(count=len(listed), added=added, changed=changed - added, missing=len(gone))


def _put(tx: Connection, before: Template | None, told: Template) -> bool:
    """Whether it is new, or another than it was."""
    if before is None:
        tx.execute(table.insert().values(**_values(told)))
        return True
    if before.updated_at > told.updated_at:
        return False
    values = _values(told)
    if told.reason is None and told.status == before.status:
        values["reason"] = before.reason  # lists tell of refusals alone; why it is paused, only the news did
    tx.execute(table.update().where(_same(before)).values(**values))
    kept = {**_values(before), "reason": values["reason"], "updated_at": None}
    return {**values, "updated_at": None} != kept


def add(tx: Connection, template: Template) -> None:
    """One that was just made, or made anew after it had gone."""
    doors.hold(tx, f"templates:{template.business_id}")
    _put(tx, get(tx, template.business_id, template.name, template.language), template)


def note(tx: Connection, business_id: str, provider_id: str, at: datetime, **told: Any) -> Template | None:
    """What one is from `at` on; None where it is not known, or more is known by now."""
    doors.hold(tx, f"templates:{business_id}")
    this = sa.and_(table.c.business_id == business_id, table.c.provider_id == provider_id)
    row = tx.execute(sa.select(table).where(this)).first()
    if row is None or row.updated_at > at:
        return None
    tx.execute(table.update().where(this).values(**told, updated_at=at))
    return from_row(tx.execute(sa.select(table).where(this)).one())


def has(tx: Connection, business_id: str, provider_id: str) -> bool:
    this = sa.and_(table.c.business_id == business_id, table.c.provider_id == provider_id)
    return tx.execute(sa.select(table.c.name).where(this)).first() is not None


def gone(tx: Connection, business_id: str, name: str, now: datetime) -> int:
    """It was taken away, in all its languages."""
    doors.hold(tx, f"templates:{business_id}")
    this = sa.and_(table.c.business_id == business_id, table.c.name == name, table.c.missing_since.is_(None))
    return int(tx.execute(table.update().where(this).values(missing_since=now, updated_at=now)).rowcount)


def _values(template: Template) -> dict[str, Any]:
    return {
        "business_id": template.business_id,
        "name": template.name,
        "language": template.language,
        "provider_id": template.id,
        "category": template.category,
        "status": template.status,
        "quality": template.quality,
        "reason": template.reason,
        "components": [dict(each) for each in template.components],
        "updated_at": template.updated_at,
        "missing_since": template.missing_since,
    }


def _this(business_id: str, name: str, language: str) -> sa.sql.ColumnElement:
    return sa.and_(table.c.business_id == business_id, table.c.name == name, table.c.language == language)


def _same(template: Template) -> sa.sql.ColumnElement:
    return _this(template.business_id, template.name, template.language)
