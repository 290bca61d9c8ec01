"""After an update the database is brought to the new version's schema, but not under an old version that runs on it."""

from __future__ import annotations

from app import state_lock
from app.settings import Settings
from conversation.errors import BadInput
from store import migrations
from store.database import Database


def bring_up_to_date(db: Database, chosen: Settings) -> None:
    before = migrations.current(db)
    if before == migrations.head():
        return
    running = state_lock.running(chosen.home) if before is not None else None
    if running is not None and not running.is_this_process:
        raise BadInput(
            "Baton was updated while it runs, and the database is still the old version's."
            " Stop Baton and start it again: that brings the database up to date."
        )
    migrations.upgrade(db)
