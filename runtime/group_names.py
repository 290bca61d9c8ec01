"""What a group is called for operators: WhatsApp tells who writes in it, and not its name."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from conversation.account import Account
from conversation.arrivals import Inbound
from conversation.contact import AddressKind
from conversation.words import DEFAULT_LANGUAGE
from store import groups

_CALLED = {"pt": "Grupo do WhatsApp", "en": "WhatsApp group"}


def call(tx: Connection, account: Account, arrival: Inbound) -> None:
    """In the account's language, where nobody told another name."""
    group = next((each for each in arrival.addresses if each.kind is AddressKind.GROUP), None)
    if group is not None:
        groups.name_where_none(tx, account.id, group, _CALLED[account.handover.language or DEFAULT_LANGUAGE])
