"""What our names in Redis begin with: several installations may share one."""

from __future__ import annotations

from store import identity
from store.database import Database


def prefix(given: str | None, db: Database) -> str:
    """`given`: BATON_REDIS_PREFIX. Else made of the database, which is the same for all that should hear each other."""
    return f"baton:{given or db.read_now(identity.name)}"
