"""The durable entrance: what a webhook holds is in the database, visible to people, before Meta gets its 200."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.arrivals import (
    AccountTrouble,
    Arrival,
    Echo,
    Edited,
    Inbound,
    Removed,
    SeenUpTo,
    StatusReport,
    ThreadControl,
    Unfamiliar,
)
from runtime import accept_changes, accept_inbound, accept_order, accept_reports, echoes, points, threads
from runtime.accept_reports import keep_unfamiliar, of_unknown_account
from runtime.channel import Channels
from runtime.clock import Clock
from runtime.wake import Wake
from store import accounts, contacts, conversations, mailbox
from store.database import Database
from store.vault import Vault

#: Bodies hold up to a thousand updates; one transaction never holds the writer for all of them.
_AT_ONCE = 40
#: How long a secret that was taken away may still be accepted. A new one is found at once: the webhook asks again.
_SECRETS_AGE_S = 1.0


class Entrance:
    """Where webhooks come in. A repeated body changes nothing: each event falls on its own key."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        channels: Channels,
        clock: Clock,
        wake: Wake,
        verify_token: str,
        default_secret: str,
    ) -> None:
        self.verify_token = verify_token
        self._channels = channels
        self._default_secret = default_secret
        self._db, self._vault, self._clock, self._wake = db, vault, clock, wake
        self._secrets: dict[str, tuple[object, Mapping[str, tuple[str, ...]]]] = {}
        self._looked_at: dict[str, float] = {}

    async def secrets(self, channel: str, *, fresh: bool = False) -> Mapping[str, tuple[str, ...]]:
        """Every account's app secrets, by its ids as they stand in the webhook; without its own it has the default.

        Looked at once a second, or when asked for fresh ones; decrypted anew only when one changed.
        """
        known = self._secrets.get(channel)
        if known is not None and not fresh and time.monotonic() - self._looked_at[channel] < _SECRETS_AGE_S:
            return known[1]
        fingerprint = await self._db.read(accounts.fingerprint)
        self._looked_at[channel] = time.monotonic()
        if known is None or known[0] != fingerprint:
            own = await self._db.read(accounts.secrets_of_channel, self._vault, Channel(channel))
            default = (self._default_secret,) if self._default_secret else ()
            known = self._secrets[channel] = (fingerprint, {id_: theirs or default for id_, theirs in own.items()})
        return known[1]

    async def accept(self, channel: str, arrivals: Sequence[Arrival]) -> None:
        """Commits all of it, or raises; a part committed before a failure is known when Meta repeats the body."""
        await points.reach_async(points.BEFORE_ACCEPT, "")
        for start in range(0, len(arrivals), _AT_ONCE):
            part = arrivals[start : start + _AT_ONCE]
            doing = (accept_all, Channel(channel), part, self._clock.now(), self._channels, self._vault)
            await self._db.write(*doing, first=True)
        self._wake.ring()
        await points.reach_async(points.ACCEPTED, "")


def accept_all(
    tx: Connection,
    channel: Channel,
    arrivals: Sequence[Arrival],
    now: datetime,
    channels: Channels | None = None,
    vault: Vault | None = None,
) -> None:
    """`vault` seals where files are to be had; without one none is fetched."""
    echoes.lock_what_comes_first(tx, channel, arrivals)
    given = Accepting(channel=channel, now=now, channels=channels or {}, vault=vault)
    for arrival in accept_order.by_conversation(arrivals):
        _accept(tx, given, arrival)
    points.reach(points.IN_ACCEPT, "")


@dataclass(frozen=True, kw_only=True)
class Accepting:
    """What every arrival of one webhook is accepted with."""

    channel: Channel
    now: datetime
    channels: Channels
    vault: Vault | None


def _accept(tx: Connection, given: Accepting, arrival: Arrival) -> None:
    if isinstance(arrival, Unfamiliar):
        keep_unfamiliar(tx, given.channel, arrival, given.now)
        return
    account_id = accounts.id_by_provider_id(tx, given.channel, arrival.account)
    if account_id is None:
        arrival, account_id = _under_its_other_name(tx, given.channel, arrival)
    if account_id is None:
        keep_unfamiliar(tx, given.channel, of_unknown_account(arrival), given.now)
        return
    _HOW[type(arrival)](tx, given, account_id, arrival)


def _under_its_other_name(tx: Connection, channel: Channel, arrival: Any) -> tuple[Any, AccountId | None]:
    """Webhooks may speak of an account by another of its ids; keys are made with the one we know it by."""
    account = accounts.by_provider_id(tx, channel, arrival.account)
    if account is None:
        return arrival, None
    return dataclasses.replace(arrival, account=account.provider_id), account.id


def _inbound(tx: Connection, given: Accepting, account_id: AccountId, arrival: Inbound) -> None:
    accept_inbound.accept(tx, given.channel, account_id, arrival, given.now, given.channels, given.vault)


def _edited(tx: Connection, given: Accepting, account_id: AccountId, arrival: Edited) -> None:
    accept_changes.edited(tx, given.channel, account_id, arrival, given.now)


def _removed(tx: Connection, given: Accepting, account_id: AccountId, arrival: Removed) -> None:
    accept_changes.removed(tx, given.channel, account_id, arrival, given.now)


def _echo(tx: Connection, given: Accepting, account_id: AccountId, arrival: Echo) -> None:
    echoes.accept(tx, given.channel, accounts.get(tx, account_id), arrival, given.now, given.channels, given.vault)


def _thread_control(tx: Connection, given: Accepting, account_id: AccountId, arrival: ThreadControl) -> None:
    if mailbox.first_time(tx, f"{given.channel.value}:{arrival.account}:thread:{arrival.key}", given.now):
        contact_id = contacts.find_or_add(tx, account_id, arrival.addresses, None, given.now)
        threads.take_note(tx, conversations.find_or_add(tx, account_id, contact_id, given.now), arrival, given.now)


def _report(tx: Connection, given: Accepting, account_id: AccountId, arrival: StatusReport) -> None:
    accept_reports.report(tx, given.channel, account_id, arrival, given.now)


def _seen_up_to(tx: Connection, given: Accepting, account_id: AccountId, arrival: SeenUpTo) -> None:
    accept_reports.seen_up_to(tx, given.channel, account_id, arrival, given.now)


def _trouble(tx: Connection, given: Accepting, account_id: AccountId, arrival: AccountTrouble) -> None:
    accept_reports.trouble(tx, given.channel, account_id, arrival, given.now)


_HOW: Mapping[type, Callable[[Connection, Accepting, AccountId, Any], None]] = {
    Inbound: _inbound,
    Edited: _edited,
    Removed: _removed,
    Echo: _echo,
    ThreadControl: _thread_control,
    StatusReport: _report,
    SeenUpTo: _seen_up_to,
    AccountTrouble: _trouble,
}
