"""Connecting an Instagram account by its owner's sign-in: a link good once, then a token, an account, webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.channel_settings import ChannelSettings, Login
from conversation.errors import BadInput, SendError
from conversation.said import say
from runtime.abilities import Reach, Subscription
from runtime.clock import Clock
from runtime.instagram_sign_in import OwnAccount, SignIn
from runtime.tokens import FreshToken
from store import account_aliases, accounts, agents, audit, connect_states, operators, tokens
from store.database import Database
from store.deeds import Deed
from store.operators import Role
from store.vault import Vault

log = structlog.get_logger()

_PURPOSE = "instagram-connect"
#: A private account: Instagram gives an app none of its messages.
_PERSONAL = "PERSONAL"
_NOT_SET_UP = say(
    "Instagram's sign-in is not set up: give INSTAGRAM_APP_ID, INSTAGRAM_APP_SECRET and BATON_PUBLIC_URL."
    " docs/connecting.md says where they come from."
)


class Ending(str, Enum):
    """What came of a sign-in, as the page says it."""

    CONNECTED = "connected"
    RENEWED = "renewed"  # the account was there: it has a new token
    DENIED = "denied"  # its owner said no
    STALE = "stale"  # not a link of ours, or too old, or used already
    REFUSED = "refused"  # Instagram did not go along
    PERSONAL = "personal"  # a private account
    OTHERWISE = "otherwise"  # it is connected by another way, which is for life


@dataclass(frozen=True, kw_only=True)
class Ended:
    """`deaf`: connected, but Instagram does not tell us yet of what happens. `why`: in Instagram's or our words.
    `back_to`: the site that it was begun on, whose window this is."""

    ending: Ending
    account: Account | None = None
    deaf: bool = False
    why: str | None = None
    back_to: str | None = None


class _Begun(NamedTuple):
    """By whom, on which site, and whether it may still be ended."""

    operator: str
    back_to: str | None
    good: bool


class _Otherwise(Exception):
    """The account is there, and came by another way."""


class InstagramConnecting:
    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        sign_in: SignIn | None,
        subscription: Subscription | None,
        hide: Callable[[str], None],
    ) -> None:
        """`hide`: keeps a word out of every log line."""
        self._db, self._vault, self._clock, self._hide = db, vault, clock, hide
        self._sign_in, self._subscription = sign_in, subscription

    async def begin(self, operator: str, *, back_to: str | None = None) -> str:
        """Where the account's owner signs in; good for ten minutes, once, and as long as this operator is an admin.

        `back_to`: the site on which the window ends, in place of our own page. It goes along, signed with the rest.
        """
        if self._sign_in is None:
            raise BadInput(_NOT_SET_UP)
        nonce = secrets.token_hex(16)
        await self._db.write(self._begin, nonce, operator)
        signature = self._vault.sign(_bound(nonce, operator, back_to), _PURPOSE)
        return self._sign_in.page(".".join([nonce, signature, *([_as_word(back_to)] if back_to else [])]))

    def _begin(self, tx: Connection, nonce: str, operator: str) -> None:
        if not operators.get(tx, operator).role.covers(Role.ADMIN):
            raise BadInput(say("{operator} is no admin: only an admin connects accounts.", operator=operator))
        connect_states.begin(tx, nonce, operator, self._clock.now())

    async def finish(self, *, state: str, code: str | None) -> Ended:
        """What somebody came back with. `code`: None where Instagram sent them back without."""
        begun = None if self._sign_in is None else await self._db.write(self._use, state)
        if self._sign_in is None or begun is None:
            return Ended(ending=Ending.STALE)
        return replace(await self._ended(self._sign_in, begun, code), back_to=begun.back_to)

    async def _ended(self, sign_in: SignIn, begun: _Begun, code: str | None) -> Ended:
        if not begun.good:
            return Ended(ending=Ending.STALE)
        if code is None:
            return Ended(ending=Ending.DENIED)
        try:
            return await self._connect(sign_in, code, begun.operator)
        except SendError as error:
            log.warning("instagram_not_connected", code=error.error_code)
            return Ended(ending=Ending.REFUSED, why=str(error))

    def _use(self, tx: Connection, state: str) -> _Begun | None:
        """How it was begun, where it is a state of ours. It is good for somebody who is still an admin, for the first
        time, in time."""
        nonce, signature, word = (*state.split(".", 2), "", "")[:3]
        operator, back_to = connect_states.operator_of(tx, nonce), _from_word(word)
        if operator is None or not self._vault.signed(_bound(nonce, operator, back_to), signature, _PURPOSE):
            return None
        found = operators.find(tx, operator)
        may = found is not None and found.role.covers(Role.ADMIN)
        return _Begun(operator, back_to, connect_states.use(tx, nonce, self._clock.now()) and may)

    async def _connect(self, sign_in: SignIn, code: str, operator: str) -> Ended:
        token = await sign_in.token_for(code)
        self._hide(token.value)
        who = await sign_in.who(token.value)
        if (who.kind or "").upper() == _PERSONAL:
            return Ended(ending=Ending.PERSONAL)
        try:
            account, ending = await self._db.write(self._keep, sign_in, who, token, operator)
        except _Otherwise:
            return Ended(ending=Ending.OTHERWISE)
        deaf = not await self._subscribed(sign_in, account, token)
        log.info("instagram_connected", account=account.id, ending=ending.value, deaf=deaf)
        return Ended(ending=ending, account=account, deaf=deaf)

    def _keep(
        self, tx: Connection, sign_in: SignIn, who: OwnAccount, token: FreshToken, operator: str
    ) -> tuple[Account, Ending]:
        now = self._clock.now()
        known = _known(tx, who)
        ending = Ending.CONNECTED if known is None or known.removed_at is not None else Ending.RENEWED
        if known is None or known.removed_at is not None:
            account = self._add(tx, sign_in, who, now, known)
        else:
            account = self._renew(tx, sign_in, who, known)
        for other in {who.webhook_id, who.app_scoped_id} - {account.provider_id, None}:
            account_aliases.add(tx, Channel.INSTAGRAM, str(other), account.id)
        tokens.save(tx, self._vault, account.id, token.value, expires_at=token.expires_at(now), now=now)
        # Instagram sends the browser back without a token of ours: it is the deed of who began it.
        facts = {"account_id": account.id, "ending": ending.value}
        audit.append(tx, Deed(by=operator, action="instagram_connected", at=now, facts=facts))
        return accounts.get(tx, account.id), ending

    def _add(self, tx: Connection, sign_in: SignIn, who: OwnAccount, now: datetime, removed: Account | None) -> Account:
        """`removed`: it was ours before, and comes back."""
        if removed is not None and not _same_way(removed, sign_in):
            raise _Otherwise
        account = Account(
            id=accounts.new_account_id(),
            channel=Channel.INSTAGRAM,
            provider_id=who.webhook_id if removed is None else removed.provider_id,
            name=(who.name or who.username or f"instagram {who.webhook_id[-4:]}")[:120],
            agent_id=agents.ensure_default(tx, now).id,
            emulated=sign_in.emulated,
            channel_settings=ChannelSettings(login=Login.INSTAGRAM, username=who.username),
        )
        return accounts.add(tx, self._vault, account, token=None, secrets=sign_in.secrets, now=now)

    def _renew(self, tx: Connection, sign_in: SignIn, who: OwnAccount, known: Account) -> Account:
        """Its people, its talks and its settings stay. Secrets that it has may still be those that sign."""
        settings = known.channel_settings
        if not _same_way(known, sign_in):
            raise _Otherwise
        had = accounts.credentials(tx, self._vault, known.id).secrets
        changes: dict[str, Any] = {
            "channel_settings": replace(settings, username=who.username or settings.username),
            "secrets": list(dict.fromkeys((*sign_in.secrets, *had))),
        }
        return accounts.change(tx, self._vault, known.id, **changes)

    async def _subscribed(self, sign_in: SignIn, account: Account, token: FreshToken) -> bool:
        """Where it fails now, it is tried again by whoever looks after subscriptions."""
        if self._subscription is None:
            return False
        reach = Reach(account=account, node=account.provider_id, base_url=sign_in.base_url, token=token.value)
        try:
            await self._subscription.turn_on(reach)
        except SendError as error:
            log.warning("instagram_not_subscribed", account=account.id, code=error.error_code)
            return False
        return True


def _same_way(known: Account, sign_in: SignIn) -> bool:
    return known.channel_settings.login is Login.INSTAGRAM and known.emulated == sign_in.emulated


def _known(tx: Connection, who: OwnAccount) -> Account | None:
    """By either of its ids: somebody may have typed the wrong one."""
    for provider_id in (who.webhook_id, who.app_scoped_id):
        found = account_aliases.resolve(tx, Channel.INSTAGRAM, provider_id) if provider_id else None
        if found is not None:
            return accounts.get(tx, found)
    return None


def _bound(nonce: str, operator: str, back_to: str | None) -> str:
    return f"{nonce}:{operator}" if back_to is None else f"{nonce}:{operator}:{back_to}"


def _as_word(site: str) -> str:
    """What Instagram takes along in an address and gives back unchanged."""
    return base64.urlsafe_b64encode(site.encode()).decode().rstrip("=")


def _from_word(word: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode() or None
    except ValueError:
        return None
