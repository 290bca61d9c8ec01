"""What a platform says of an account: changed in one place, by who has the account to themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import platform_facts
from conversation.account import Account, AccountId, Channel
from conversation.platform_facts import PlatformFacts
from store import accounts as all_accounts
from store import doors
from store.tables import accounts


def change(tx: Connection, account_id: AccountId, make: Callable[[PlatformFacts], PlatformFacts]) -> PlatformFacts:
    """`make` is given what was known, while nobody else can write another."""
    doors.hold(tx, account_id)
    this = sa.select(accounts.c.meta).where(accounts.c.id == account_id).with_for_update(key_share=True)
    before = platform_facts.read(tx.execute(this).scalar_one())
    after = make(before)
    if after != before:
        all_accounts.set_meta(tx, account_id, after)
    return after


def due(tx: Connection, channel: Channel, now: datetime) -> list[Account]:
    """In use, without a fault, and not asked about for long enough."""
    found = (each for each in all_accounts.all_of(tx) if each.channel is channel)
    return [
        each
        for each in found
        if each.active and each.fault is None and (each.meta.refresh_at is None or each.meta.refresh_at <= now)
    ]
