"""Which files came last: whether a folder is the one that all share can be seen by them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.media import FileState
from store.tables import media


def stored_last(tx: Connection, limit: int) -> list[str]:
    """Their sha256, the latest first."""
    stored = media.c.state == FileState.STORED.value
    return list(tx.execute(sa.select(media.c.sha256).where(stored).order_by(media.c.id.desc()).limit(limit)).scalars())
