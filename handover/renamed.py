"""Old ids in a path: whoever still has that of a conversation, or of a contact, which became another one is answered
about that one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.errors import NotFound
from store import former_ids
from store.database import Database

#: Names of path values that may be such an id.
_OF_SOMEBODY = frozenset({"conversation_id", "contact_id"})


async def as_they_are(db: Database, path_values: Mapping[str, Any]) -> dict[str, Any]:
    """The path's values, with the ids that these go by now."""
    named = {name: str(value) for name, value in path_values.items() if name in _OF_SOMEBODY}
    if not named:
        return dict(path_values)
    return {**path_values, **await db.read(_resolved, named)}


async def answered(db: Database, handler: Callable[..., Awaitable[Any]], path_values: Mapping[str, Any]) -> Any:
    """What the handler answers; once more where what it is about became another while it was asked, for then it has
    changed nothing."""
    values = await as_they_are(db, path_values)
    try:
        return await handler(**values)
    except (NotFound, sa.exc.IntegrityError):
        now = await as_they_are(db, values)
        if now == values:
            raise
        return await handler(**now)


def _resolved(tx: Connection, named: Mapping[str, str]) -> dict[str, str]:
    return {name: former_ids.resolved(tx, value) for name, value in named.items()}
