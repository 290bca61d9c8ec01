"""Settings of the whole installation, by name: see `conversation/installation_settings.py` for which there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import installation_settings, versions
from store import doors
from store.tables import settings


@dataclass(frozen=True, kw_only=True)
class Setting:
    """`version`: 0 where nobody has ever changed it; then all of it is as it comes."""

    name: str
    value: Mapping[str, Any]
    version: int = 0
    changed_by: str | None = None
    changed_at: datetime | None = None


def get(tx: Connection, name: str) -> Setting:
    kind = installation_settings.kind(name)
    row = tx.execute(sa.select(settings).where(settings.c.name == name)).first()
    if row is None:
        return Setting(name=name, value=kind.checked({}))
    return Setting(
        name=name,
        value=kind.checked(row.value),
        version=row.version,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def all_of(tx: Connection) -> list[Setting]:
    return [get(tx, name) for name in sorted(installation_settings.KINDS)]


def change(
    tx: Connection, name: str, facts: Mapping[str, Any], *, by: str, now: datetime, version: int | None = None
) -> Setting:
    """The setting with these facts in place. `version`: the one it was decided on."""
    doors.hold(tx, f"setting:{name}")  # it may have no row yet that could be locked
    before = get(tx, name)
    versions.check(before.version, version)
    value = installation_settings.kind(name).checked({**before.value, **facts})
    row = {"value": value, "version": before.version + 1, "changed_by": by, "changed_at": now}
    if before.version:
        tx.execute(settings.update().where(settings.c.name == name).values(**row))
    else:
        tx.execute(settings.insert(), {"name": name, **row})
    return get(tx, name)
