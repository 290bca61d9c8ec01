"""Accounts made by hand, with their token and their app's secrets; and what is shown of these: that they are there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection

from conversation import credentials
from conversation.account import Account, AccountId, Channel
from conversation.channel_settings import ChannelSettings, Login
from conversation.conversation import ConversationId
from conversation.errors import BadInput, Refused
from conversation.said import say
from runtime.clock import Clock
from runtime.ownership import Ownership
from store import account_aliases, accounts, agents, conversations
from store.database import Database
from store.vault import Vault


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """`agent`: a name or an id; None: the first there is. `token`: None for an account of the emulator's."""

    channel: Channel
    provider_id: str
    name: str | None = None
    agent: str | None = None
    token: str | None = None
    secrets: Sequence[str] = ()
    channel_settings: ChannelSettings = field(default_factory=ChannelSettings)
    also_known_as: Collection[str] = ()
    active: bool = True
    auto_response: bool = True


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is known of an account's token and secrets to who may not read them: everybody."""

    has_token: bool
    secrets: int
    token_expires_at: datetime | None
    version: int


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """`emulated`: the channels that the emulator speaks, which then has every account without a token; None: there is
    none here. `has_app_secret`: the installation has one that signs for accounts without their own;
    `instagram_secrets`: those of its app at Instagram."""

    emulated: frozenset[Channel] | None = None
    has_app_secret: bool = False
    instagram_secrets: Sequence[str] = ()


class AccountSetup:
    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        ownership: Ownership,
        surroundings: Surroundings,
        hide: Callable[[str], None],
        tell_emulator: Callable[[Account, Sequence[str]], None],
        prove: Callable[[Account, str], Awaitable[None]] | None = None,
    ) -> None:
        """`hide`: keeps a word out of every log line. `tell_emulator`: of an account that was just made, where
        it is one of its. `prove`: refuses a new token that the channel does not take."""
        self._prove = prove
        self._db, self._vault, self._clock, self._ownership = db, vault, clock, ownership
        self._around, self._hide, self._tell = surroundings, hide, tell_emulator

    async def add(self, new: NewAccount) -> Account:
        """It answers at once. Without a token it is the emulator's, for life, where there is one."""
        self._hide_all(new.token, new.secrets)
        credentials.check(word for word in (new.token, *new.secrets) if word)
        emulated = new.token is None and self._around.emulated is not None
        self._check(new, emulated)
        account: Account = await self._db.write(self._add, new, emulated)
        await asyncio.to_thread(self._tell, account, new.secrets)
        return account

    async def set_credentials(
        self, account_id: str, *, token: str | None, secrets: Sequence[str] | None, version: int | None
    ) -> Kept:
        """What is not given stays as it is. With a new token a fault is over, and what waited for it goes on."""
        self._hide_all(token, secrets or ())
        credentials.check(word for word in (token, *(secrets or ())) if word)
        changes: dict[str, object] = {} if token is None else {"token": token}
        if secrets is not None:
            changes["secrets"] = list(secrets)
        if not changes:
            raise BadInput(say("Give a token, or secrets, or both."))
        if token is not None and self._prove is not None:
            await self._prove(await self._db.read(accounts.get, account_id), token)
        await self._ownership.change_account(account_id, **changes, version=version)
        return await self.credentials(account_id)

    async def remove(self, account_id: str, *, by: str) -> tuple[Account, int]:
        """Nothing is sent from it any more; whoever waited for a person there, or had one, waits no longer.

        Cut off in the middle, it is out of use, and may be removed once more. To add it again brings it back.
        """
        found = await self._db.read(accounts.get, account_id)
        switched, in_flight = await self._ownership.change_account(found.id, active=False)
        for conversation_id in await self._db.read(conversations.not_simply_the_assistants, switched.id):
            await self._close(conversation_id, by)
        removed: Account = await self._db.write(accounts.remove, switched.id, self._clock.now())
        return removed, in_flight

    async def _close(self, conversation_id: ConversationId, by: str) -> None:
        """Whatever it is, unless somebody else has meanwhile: one that sleeps is woken first."""
        for order in (self._ownership.close, self._ownership.reopen, self._ownership.close):
            with contextlib.suppress(Refused):
                await order(conversation_id, by=by, force=True)
                if order == self._ownership.close:
                    return

    async def credentials(self, account_id: str) -> Kept:
        kept: Kept = await self._db.read(self._kept, account_id)
        return kept

    def _hide_all(self, token: str | None, secrets: Sequence[str]) -> None:
        for word in (token, *secrets):
            if word:
                self._hide(word)

    def _check(self, new: NewAccount, emulated: bool) -> None:
        settings = new.channel_settings
        if emulated and new.channel not in (self._around.emulated or ()):
            raise BadInput(say("The emulator does not speak {channel}: give a token.", channel=new.channel.value))
        if new.token is not None and not new.secrets and not self._around.has_app_secret:
            raise BadInput(
                say(
                    "An account with a token is a real one, and needs its app's secret too: without it no webhook could"
                    " be told from a forgery."
                )
            )
        if settings.login is Login.INSTAGRAM and (new.channel is not Channel.INSTAGRAM or settings.page_id is not None):
            raise BadInput(say("Instagram's own sign-in is for accounts on Instagram, which have no Page then."))

    def _add(self, tx: Connection, new: NewAccount, emulated: bool) -> Account:
        now, own, secrets = self._clock.now(), new.channel_settings, tuple(new.secrets)
        agent = agents.get(tx, new.agent) if new.agent else agents.ensure_default(tx, now)
        if own.login is Login.INSTAGRAM and not emulated:
            secrets = tuple(dict.fromkeys((*secrets, *self._around.instagram_secrets)))
        made = Account(
            id=accounts.new_account_id(),
            channel=new.channel,
            provider_id=new.provider_id,
            name=new.name or f"{new.channel.value} {new.provider_id[-4:]}",
            agent_id=agent.id,
            active=new.active,
            auto_response=new.auto_response,
            emulated=emulated,
            channel_settings=own,
        )
        account = accounts.add(tx, self._vault, made, token=new.token, secrets=secrets, now=now)
        account_aliases.put(tx, new.channel, account.id, new.also_known_as)
        return account

    def _kept(self, tx: Connection, account_id: str) -> Kept:
        account = accounts.get(tx, account_id)
        own = accounts.credentials(tx, self._vault, AccountId(account.id))
        return Kept(
            has_token=own.token is not None,
            secrets=len(own.secrets),
            token_expires_at=account.token_expires_at,
            version=account.version,
        )
