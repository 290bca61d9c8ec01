"""Accounts, their settings, and their sealed tokens and app secrets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import (
    account_limits,
    channel_settings,
    handover_settings,
    platform_facts,
    privacy_settings,
    versions,
)
from conversation.account import Account, AccountId, Channel, WhilePending
from conversation.agent import AgentId
from conversation.errors import BadInput, NotFound
from conversation.ids import new_id
from conversation.platform_facts import PlatformFacts
from conversation.said import say
from store import account_aliases, doors, gathering
from store.prepared import Prepared
from store.tables import account_aliases as aliases
from store.tables import accounts
from store.vault import Vault

# Built once: building a statement costs as much as running it.
_BY_PROVIDER_ID = sa.select(accounts).where(
    accounts.c.channel == sa.bindparam("channel_"), accounts.c.provider_id == sa.bindparam("provider")
)
_BY_EITHER_ID = sa.select(accounts).where(
    sa.or_(accounts.c.id == sa.bindparam("either"), accounts.c.provider_id == sa.bindparam("either"))
)
_SHARED = doors.shared(sa.select(accounts).where(accounts.c.id == sa.bindparam("account")))
_CREDENTIALS = sa.select(accounts.c.token, accounts.c.secrets).where(accounts.c.id == sa.bindparam("account"))
_FINGERPRINT = sa.select(accounts.c.id, accounts.c.secrets, accounts.c.token).order_by(accounts.c.id)

_OTHER_NAMES = sa.select(aliases).order_by(aliases.c.channel, aliases.c.provider_id)

_ID_BY_PROVIDER_ID = Prepared(
    sa.select(accounts.c.id).where(
        accounts.c.channel == sa.bindparam("channel_"), accounts.c.provider_id == sa.bindparam("provider")
    )
)

_SEALED = ("token", "secrets")
_IN_USE = accounts.c.removed_at.is_(None)
_ALL = sa.select(accounts).order_by(accounts.c.created_at, accounts.c.id)


def from_row(row: Any) -> Account:
    return Account(
        id=AccountId(row.id),
        channel=Channel(row.channel),
        provider_id=row.provider_id,
        name=row.name,
        agent_id=AgentId(row.agent_id),
        active=row.active,
        auto_response=row.auto_response,
        activation=row.activation,
        emulated=row.emulated,
        max_bot_messages_per_hour=row.max_bot_messages_per_hour,
        while_pending=WhilePending(row.while_pending),
        resend_unknown=row.resend_unknown,
        handover=handover_settings.read(row.handover),
        channel_settings=channel_settings.read(row.channel_settings),
        limits=account_limits.read(row.limits),
        privacy=privacy_settings.read(row.privacy),
        meta=platform_facts.read(row.meta),
        shop=row.shop,
        fault=row.fault,
        token_expires_at=row.token_expires_at,
        paused_until=row.paused_until,
        version=row.version,
        created_at=row.created_at,
        removed_at=row.removed_at,
    )


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What is needed to talk with Meta for one account. `secrets` are its app's, any of which may sign a webhook."""

    token: str | None
    secrets: tuple[str, ...]


def add(
    tx: Connection,
    vault: Vault,
    account: Account,
    *,
    token: str | None,
    secrets: Iterable[str],
    now: datetime,
) -> Account:
    """One that was removed comes back, with its id, its conversations and its settings, but as what is given here."""
    known = tx.execute(
        sa.select(accounts)
        .where(accounts.c.channel == account.channel.value, accounts.c.provider_id == account.provider_id)
        .with_for_update()  # keeps `reseal` away, so that what is sealed below is with the newest key
    ).first()
    if known is not None and known.removed_at is not None:
        return _bring_back(tx, vault, from_row(known), account, token=token, secrets=secrets)
    if known is not None:
        facts = {"channel": account.channel.value, "id": account.provider_id, "known": known.name}
        raise BadInput(say("The {channel} account {id} is already there, as {known}.", **facts))
    account_aliases.check_is_nobodys(tx, account.channel, account.provider_id)
    tx.execute(
        accounts.insert().values(
            id=account.id,
            channel=account.channel.value,
            provider_id=account.provider_id,
            name=account.name,
            agent_id=account.agent_id,
            active=account.active,
            auto_response=account.auto_response,
            activation=0,
            emulated=account.emulated,
            max_bot_messages_per_hour=account.max_bot_messages_per_hour,
            while_pending=account.while_pending.value,
            resend_unknown=account.resend_unknown,
            handover=handover_settings.plain(account.handover),
            channel_settings=channel_settings.plain(account.channel_settings),
            limits=account_limits.plain(account.limits),
            privacy=privacy_settings.plain(account.privacy),
            shop=dict(account.shop),
            token=vault.seal(token) if token else None,
            secrets=_seal_list(vault, secrets),
            created_at=now,
        )
    )
    return replace(account, created_at=now)


def _bring_back(
    tx: Connection, vault: Vault, before: Account, wanted: Account, *, token: str | None, secrets: Iterable[str]
) -> Account:
    """To the server it was on: that is what it is for life."""
    doors.hold(tx, before.id)
    if before.emulated and not wanted.emulated:
        raise BadInput(
            say("{name} was removed, and is the emulator's for life: add it without a token.", name=before.name)
        )
    if wanted.emulated and not before.emulated:
        raise BadInput(
            say("{name} was removed, and is a real account for life: add it with its token.", name=before.name)
        )
    if before.channel_settings.login is not wanted.channel_settings.login:
        login = before.channel_settings.login.value
        raise BadInput(say("{name} was removed, and its login is {login} for life.", name=before.name, login=login))
    values = {
        "name": wanted.name,
        "agent_id": wanted.agent_id,
        "active": wanted.active,
        "auto_response": wanted.auto_response,
        "activation": before.activation + 1,
        "channel_settings": channel_settings.plain(wanted.channel_settings),
        "token": vault.seal(token) if token else None,
        "secrets": _seal_list(vault, secrets),
        # Of the token it had, and of what was found out about that since.
        **{"fault": None, "paused_until": None, "token_expires_at": None, "refresh_due_at": None},
        "removed_at": None,
        "version": before.version + 1,
    }
    tx.execute(accounts.update().where(accounts.c.id == before.id).values(**values))
    return get(tx, before.id)


def remove(tx: Connection, account_id: str, now: datetime) -> Account:
    """Out of use for good, and in no list; its token is forgotten. What was said on it is kept, and who writes to it is
    recorded: its secrets stay, so that a webhook can still be told from a forgery."""
    found = get(tx, account_id)
    doors.hold(tx, found.id)
    gone = {
        **{"active": False, "activation": accounts.c.activation + 1, "removed_at": now, "fault": None},
        **{"token": None, "token_expires_at": None, "refresh_due_at": None, "paused_until": None},
        "version": accounts.c.version + 1,
    }
    if not tx.execute(accounts.update().where(accounts.c.id == found.id, _IN_USE).values(**gone)).rowcount:
        raise there_is_no(account_id)
    gathering.end_of_account(tx, found.id)
    return get(tx, found.id)


def new_account_id() -> AccountId:
    return AccountId(new_id("acc"))


def all_of(tx: Connection) -> list[Account]:
    """Those in use or not, the oldest first; none that was removed."""
    return [from_row(row) for row in tx.execute(_ALL.where(_IN_USE))]


def even_removed(tx: Connection) -> list[Account]:
    """All there have ever been: what was said on them is still there to be shown."""
    return [from_row(row) for row in tx.execute(_ALL)]


def there_is_no(account_id: str) -> NotFound:
    return NotFound(
        say("There is no account {account}. `./baton account list` shows those there are.", account=account_id)
    )


def get(tx: Connection, account_id: str) -> Account:
    """By our id, or by the id as it stands in the webhook where that is not ambiguous."""
    rows = tx.execute(_BY_EITHER_ID, {"either": account_id}).all()
    if not rows:
        raise there_is_no(account_id)
    if len(rows) > 1:
        known = ", ".join(row.id for row in rows)
        raise BadInput(say("{id} is an id on several channels; say our own id: {known}.", id=account_id, known=known))
    return from_row(rows[0])


def by_provider_id(tx: Connection, channel: Channel, provider_id: str) -> Account | None:
    """By any of its ids as they stand in webhooks."""
    row = tx.execute(_BY_PROVIDER_ID, {"channel_": channel.value, "provider": provider_id}).first()
    if row is not None:
        return from_row(row)
    known_as = account_aliases.find(tx, channel, provider_id)
    return None if known_as is None else get(tx, known_as)


def id_by_provider_id(tx: Connection, channel: Channel, provider_id: str) -> AccountId | None:
    row = _ID_BY_PROVIDER_ID.first(tx, channel_=channel.value, provider=provider_id)
    return AccountId(row[0]) if row else None


def lock_shared(tx: Connection, account_id: AccountId) -> Account:
    """The account, which nobody can switch until this transaction ends."""
    asked = {"account": account_id, "door": doors.number_of(account_id)}
    return from_row(tx.execute(_SHARED[tx.dialect.name], asked).one())


def change(
    tx: Connection, vault: Vault, account_id: AccountId, *, version: int | None = None, **changes: Any
) -> Account:
    """Changes settings. What decides who may speak (active, auto_response, agent_id) moves the activation number.

    `version`: the one it was decided on; refused where it has another by now. `also_known_as`: all its other ids.
    """
    doors.hold(tx, account_id)
    this = sa.select(accounts).where(accounts.c.id == account_id).with_for_update(key_share=True)
    before = from_row(tx.execute(this).one())
    if before.removed_at is not None:
        raise there_is_no(account_id)
    versions.check(before.version, version)
    values = dict(changes)
    others = values.pop("also_known_as", None)
    if others is not None:
        account_aliases.put(tx, before.channel, account_id, others)
    if "token" in values:
        values["token"] = vault.seal(values["token"])
        values["fault"], values["paused_until"] = None, None  # what waited goes on, see pauses.py
        values["token_expires_at"], values["refresh_due_at"] = None, None  # nobody knows of this one, see tokens.py
        values["meta"] = platform_facts.plain(replace(before.meta, refresh_at=None))  # so it is asked about soon
    if "secrets" in values:
        values["secrets"] = _seal_list(vault, values["secrets"])
    if "handover" in values:
        values["handover"] = handover_settings.plain(values["handover"])
    if "privacy" in values:
        values["privacy"] = privacy_settings.plain(values["privacy"])
    if "limits" in values:
        values["limits"] = account_limits.plain(values["limits"])
    if "channel_settings" in values:
        values["channel_settings"] = channel_settings.plain(values["channel_settings"])
    if any(
        name in values and values[name] != getattr(before, name) for name in ("active", "auto_response", "agent_id")
    ):
        values["activation"] = before.activation + 1
    if changes:
        moved = {**values, "version": before.version + 1}
        tx.execute(accounts.update().where(accounts.c.id == account_id).values(**moved))
    if before.channel_settings.join_within_s and ("activation" in values or "channel_settings" in values):
        gathering.end_of_account(tx, account_id)
    return get(tx, account_id)


def set_fault(tx: Connection, account_id: AccountId, fault: str | None) -> None:
    doors.hold(tx, account_id)
    tx.execute(accounts.update().where(accounts.c.id == account_id).values(fault=fault))


def set_meta(tx: Connection, account_id: AccountId, facts: PlatformFacts) -> None:
    """What the platform says of it now. Nobody's version moves: no person changed anything."""
    doors.hold(tx, account_id)
    tx.execute(accounts.update().where(accounts.c.id == account_id).values(meta=platform_facts.plain(facts)))


def credentials(tx: Connection, vault: Vault, account_id: AccountId) -> Credentials:
    row = tx.execute(_CREDENTIALS, {"account": account_id}).one()
    return Credentials(token=vault.open(row.token) if row.token else None, secrets=_open_list(vault, row.secrets))


def secrets_of_channel(tx: Connection, vault: Vault, channel: Channel) -> dict[str, tuple[str, ...]]:
    """Every account's app secrets, by each of the account's ids as they stand in webhooks."""
    of_channel = accounts.c.channel == channel.value
    rows = tx.execute(sa.select(accounts.c.id, accounts.c.provider_id, accounts.c.secrets).where(of_channel)).all()
    own = {row.id: _open_list(vault, row.secrets) for row in rows}
    others = {name: own[account_id] for name, account_id in account_aliases.of(tx, channel).items()}
    return {**others, **{row.provider_id: own[row.id] for row in rows}}


def fingerprint(tx: Connection) -> tuple[Any, ...]:
    """Changes when any account's secrets do; cheap enough to ask before each webhook."""
    return tuple(tuple(row) for row in (*tx.execute(_FINGERPRINT), *tx.execute(_OTHER_NAMES)))


def reseal(tx: Connection, vault: Vault) -> int:
    """Seals every token and secret with the vault's newest key; how many. Nobody writes an account meanwhile."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE accounts IN EXCLUSIVE MODE"))
    rows = tx.execute(sa.select(accounts.c.id, accounts.c.token, accounts.c.secrets)).all()
    for row in rows:
        anew = {name: vault.seal(vault.open(row._mapping[name])) for name in _SEALED if row._mapping[name]}
        if anew:
            tx.execute(accounts.update().where(accounts.c.id == row.id).values(**anew))
    return sum(1 for row in rows for name in _SEALED if row._mapping[name])


def sealed_with(tx: Connection, vault: Vault) -> Counter[str | None]:
    """How many tokens and secrets each key has sealed; under None those that no key here opens."""
    rows = tx.execute(sa.select(accounts.c.token, accounts.c.secrets)).all()
    return Counter(vault.opened_by(row._mapping[name]) for row in rows for name in _SEALED if row._mapping[name])


def _seal_list(vault: Vault, secrets: Iterable[str]) -> bytes | None:
    listed = [secret for secret in secrets if secret]
    return vault.seal(json.dumps(listed)) if listed else None


def _open_list(vault: Vault, sealed: bytes | None) -> tuple[str, ...]:
    return tuple(json.loads(vault.open(sealed))) if sealed else ()
