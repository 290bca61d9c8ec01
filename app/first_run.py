"""What a state folder must have before anything runs: a schema, an agent, a first operator, an account to try."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.channel_settings import ChannelSettings, Login
from runtime.clock import SystemClock
from store import accounts, agents, operators
from store.operators import PHONE_PAGE, Role
from store.vault import Vault

FIRST_OPERATOR = "admin"
#: What a first run makes, for the emulator: a number, a Page, an Instagram account.
DEMO_NUMBER, DEMO_PAGE, DEMO_INSTAGRAM = "100000000000001", "200000000000001", "17840000000000001"
DEMO_BUSINESS, DEMO_PHONE = "300000000000001", "+55 11 4002-8922"
DEMO_NAME = "Cantina da Praça"


@dataclass(frozen=True, kw_only=True)
class FirstRun:
    """What was made just now. `token`: the first operator's, to be shown once."""

    token: str | None
    demo_token: str | None


def prepare(tx: Connection, vault: Vault, *, emulator: bool, demo_token: str | None = None) -> FirstRun:
    """Makes what is missing; nothing where it was done before. `demo_token`: of a phone page that is open already."""
    now = SystemClock().now()
    agents.ensure_default(tx, now)
    token = None
    if not operators.all_of(tx):
        token = operators.add(tx, FIRST_OPERATOR, Role.ADMIN, now)
    if emulator and not accounts.even_removed(tx):
        _add_demo_accounts(tx, vault)
    if not emulator:
        _remove_demo_operator(tx)
    return FirstRun(token=token, demo_token=_demo_operator(tx, demo_token) if emulator else None)


def add_account(
    tx: Connection,
    vault: Vault,
    *,
    channel: Channel,
    provider_id: str,
    name: str | None = None,
    emulated: bool,
    token: str | None = None,
    secrets: tuple[str, ...] = (),
    agent: str | None = None,
    channel_settings: ChannelSettings | None = None,
) -> Account:
    """A new account answers at once, by the default agent unless another is named."""
    now = SystemClock().now()
    chosen = agents.get(tx, agent) if agent else agents.ensure_default(tx, now)
    account = Account(
        id=accounts.new_account_id(),
        channel=channel,
        provider_id=provider_id,
        name=name or f"{channel.value} {provider_id[-4:]}",
        agent_id=chosen.id,
        emulated=emulated,
        channel_settings=channel_settings or ChannelSettings(),
    )
    return accounts.add(tx, vault, account, token=token, secrets=secrets, now=now)


def _add_demo_accounts(tx: Connection, vault: Vault) -> None:
    for channel, provider_id, settings in (
        (Channel.WHATSAPP, DEMO_NUMBER, ChannelSettings(waba_id=DEMO_BUSINESS, phone_number=DEMO_PHONE)),
        (Channel.MESSENGER, DEMO_PAGE, ChannelSettings()),
        (Channel.INSTAGRAM, DEMO_INSTAGRAM, ChannelSettings(login=Login.INSTAGRAM)),
    ):
        add_account(
            tx,
            vault,
            channel=channel,
            provider_id=provider_id,
            name=DEMO_NAME,
            emulated=True,
            channel_settings=settings,
        )


def _demo_operator(tx: Connection, token: str | None) -> str:
    """The phone page's own operator, with a new token at each start, or the one that a page has."""
    if not _has_demo_operator(tx):
        operators.add(tx, PHONE_PAGE, Role.ADMIN, SystemClock().now())
    return operators.renew_token(tx, PHONE_PAGE, SystemClock().now(), token)


def _remove_demo_operator(tx: Connection) -> None:
    """Without the emulator nobody has a use for it."""
    if _has_demo_operator(tx):
        operators.remove(tx, PHONE_PAGE)


def _has_demo_operator(tx: Connection) -> bool:
    return any(operator.name == PHONE_PAGE for operator in operators.all_of(tx))
