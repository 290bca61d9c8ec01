"""Other ids under which webhooks speak of an account: Instagram has two, and the wrong one would find nobody."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.errors import BadInput
from conversation.said import say
from store.tables import account_aliases, accounts


def add(tx: Connection, channel: Channel, provider_id: str, account_id: AccountId) -> None:
    """It is this account's from now on; nothing where it was before. One id is never two accounts'."""
    whose = find(tx, channel, provider_id) or _own(tx, channel, provider_id)
    if whose == account_id:
        return
    if whose is not None:
        raise _anothers(channel, provider_id, whose)
    tx.execute(account_aliases.insert().values(channel=channel.value, provider_id=provider_id, account_id=account_id))


def check_is_nobodys(tx: Connection, channel: Channel, provider_id: str) -> None:
    """For who makes an account of it: what comes for the account that is also known as this would be its own."""
    whose = find(tx, channel, provider_id)
    if whose is not None:
        raise _anothers(channel, provider_id, whose)


def put(tx: Connection, channel: Channel, account_id: AccountId, provider_ids: Collection[str]) -> None:
    """All that the account is also known as: others are taken away."""
    gone = sa.and_(account_aliases.c.account_id == account_id, account_aliases.c.provider_id.not_in(provider_ids))
    tx.execute(account_aliases.delete().where(gone))
    for provider_id in provider_ids:
        add(tx, channel, provider_id, account_id)


def of(tx: Connection, channel: Channel) -> dict[str, AccountId]:
    """Every other id of a channel, with whose it is."""
    rows = tx.execute(sa.select(account_aliases).where(account_aliases.c.channel == channel.value))
    return {row.provider_id: AccountId(row.account_id) for row in rows}


def of_account(tx: Connection, account_id: AccountId) -> list[str]:
    query = sa.select(account_aliases.c.provider_id).where(account_aliases.c.account_id == account_id)
    return sorted(tx.execute(query).scalars())


def find(tx: Connection, channel: Channel, provider_id: str) -> AccountId | None:
    found = tx.execute(
        sa.select(account_aliases.c.account_id).where(
            account_aliases.c.channel == channel.value, account_aliases.c.provider_id == provider_id
        )
    ).scalar()
    return None if found is None else AccountId(found)


def resolve(tx: Connection, channel: Channel, provider_id: str) -> AccountId | None:
    """The account, by its own id or another it is known under."""
    return _own(tx, channel, provider_id) or find(tx, channel, provider_id)


def _own(tx: Connection, channel: Channel, provider_id: str) -> AccountId | None:
    found = tx.execute(
        sa.select(accounts.c.id).where(accounts.c.channel == channel.value, accounts.c.provider_id == provider_id)
    ).scalar()
    return None if found is None else AccountId(found)


def _anothers(channel: Channel, provider_id: str, whose: AccountId) -> BadInput:
    facts = {"channel": channel.value, "id": provider_id, "whose": whose}
    return BadInput(say("The {channel} id {id} is another account's: {whose}.", **facts))
