"""A fresh state folder for one run: agents, accounts, an operator who may do all, and the emulator's settings."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from app.settings import Settings
from conversation.account import Account, Channel
from conversation.agent import AgentStatus
from conversation.channel_settings import ChannelSettings
from runtime.clock import SystemClock
from store import accounts, agents, migrations, operators
from store.database import Database
from store.operators import Role
from store.vault import Vault

OPERATOR = "bench"
CHANNELS = tuple(sorted((each.value for each in Channel), reverse=True))
_FIRST_ID = {
    Channel.WHATSAPP.value: 100_000_000_000_001,
    Channel.MESSENGER.value: 200_000_000_000_001,
    Channel.INSTAGRAM.value: 17_840_000_000_000_001,
}


UNPACED = ChannelSettings(messages_per_s=10_000, pair_every_s=0)


@dataclass(frozen=True, kw_only=True)
class Number:
    """An account of ours: a number, Page or Instagram account, and the agent that answers on it."""

    provider_id: str
    channel: str = Channel.WHATSAPP.value
    agent: str = agents.DEFAULT_NAME
    #: One contact gets more of a bench than a person would ever read.
    max_bot_messages_per_hour: int = 1_000_000
    resend_unknown: bool = True
    secrets: Sequence[str] = ()  # of its own app; none: the house's default
    #: And more at once than Meta lets through: what is measured is ours.
    channel_settings: ChannelSettings = field(default_factory=lambda: UNPACED)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who there is."""

    numbers: Sequence[Number] = field(default_factory=lambda: [Number(provider_id="100000000000001")])


def prepare(chosen: Settings, cast: Cast) -> str:
    """Makes all of it; the operator's token."""
    db, vault = Database(chosen.database_url), Vault(chosen.key)
    try:
        migrations.upgrade(db)
        return db.write_now(_fill, vault, cast)
    finally:
        db.close()


def _fill(tx: Connection, vault: Vault, cast: Cast) -> str:
    now = SystemClock().now()
    agents.ensure_default(tx, now)
    for number in cast.numbers:
        agent = agents.find(tx, number.agent) or agents.add(tx, number.agent, AgentStatus.ACTIVE, now)
        account = Account(
            id=accounts.new_account_id(),
            channel=Channel(number.channel),
            provider_id=number.provider_id,
            name=f"Number {number.provider_id[-4:]}",
            agent_id=agent.id,
            emulated=True,
            max_bot_messages_per_hour=number.max_bot_messages_per_hour,
            resend_unknown=number.resend_unknown,
            channel_settings=number.channel_settings,
        )
        accounts.add(tx, vault, account, token=None, secrets=tuple(number.secrets), now=now)
    return operators.add(tx, OPERATOR, Role.ADMIN, now)


def write_emulator_settings(chosen: Settings, cast: Cast, more: Mapping[str, Any]) -> str:
    """The emulator's settings file, for this user's eyes: it holds the app's secret."""
    path = chosen.home / "emulator.json"
    told = {
        "webhook_base": chosen.address,
        "app_secret": chosen.app_secret,
        "verify_token": chosen.verify_token,
        "accounts": [{"channel": number.channel, "id": number.provider_id} for number in cast.numbers],
        "journal_limit": 1_000_000,
        **more,
    }
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(told, file)
    return str(path)


def many(count: int, **same: Any) -> list[Number]:
    """Numbers, Pages or Instagram accounts with ids of the right shape."""
    number = Number(provider_id="", **same)
    first = _FIRST_ID[number.channel]
    return [dataclasses.replace(number, provider_id=str(first + n)) for n in range(count)]
