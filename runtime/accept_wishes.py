"""What a contact lets Meta tell us that they want, and what the account's own address book calls them."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import msgspec
from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.arrivals import Known, MarketingWish, Unfamiliar
from runtime import opting
from runtime.accept_reports import keep_unfamiliar
from store import contact_list, contacts

_LONGEST_NAME = 200


def wish(tx: Connection, channel: Channel, account_id: AccountId, wish: MarketingWish, now: datetime) -> bool:
    """Whether it told us anything new."""
    if not _keep(tx, channel, "user_preferences", wish, now):
        return False
    opting.wished(tx, account_id, wish, now)
    return True


def known(tx: Connection, channel: Channel, account_id: AccountId, known: Known, now: datetime) -> bool:
    """What our own people call somebody who has written to us, unless they gave them a name here. Whoever never wrote
    is nobody to us: nothing of them is kept. Whether it told us anything new."""
    contact_id = contacts.find(tx, account_id, known.addresses)
    if contact_id is None or known.name is None:
        return False
    return contact_list.call(tx, contact_id, known.name[:_LONGEST_NAME], now)


def _keep(tx: Connection, channel: Channel, kind: str, told: MarketingWish, now: datetime) -> bool:
    body = msgspec.to_builtins(dataclasses.asdict(told))
    return keep_unfamiliar(tx, channel, Unfamiliar(account=told.account, kind=kind, body=body, key=told.key), now)
