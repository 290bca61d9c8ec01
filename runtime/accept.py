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
    AccountNews,
    AccountTrouble,
    Arrival,
    Echo,
    Edited,
    Inbound,
    Known,
    MarketingWish,
    Remembered,
    Removed,
    SeenUpTo,
    StatusReport,
    ThreadControl,
    Unfamiliar,
)
from conversation.webhook import Came, Webhook
from runtime import (
    accept_changes,
    accept_inbound,
    accept_news,
    accept_order,
    accept_reports,
    accept_wishes,
    echoes,
    group_names,
    merging,
    points,
    remembered,
    threads,
    webhook_rows,
)
from runtime.accept_reports import keep_unfamiliar, of_unknown_account
from runtime.channel import Channels
from runtime.clock import Clock
from runtime.wake import Wake
from runtime.webhook_rows import Keep
from store import account_aliases, accounts, conversations, mailbox
from store.database import Database
from store.failures import of_the_database
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

    async def accept(self, channel: str, arrivals: Sequence[Arrival], came: Came | None = None) -> None:
        """Commits all of it, or raises; a part committed before a failure is known when Meta repeats the body.

        `came`: the webhook it came with, which is kept. Then a fault of ours is no failure: what met it is tried again.
        """
        await points.reach_async(points.BEFORE_ACCEPT, "")
        name = Channel(channel)
        keep = None if came is None else webhook_rows.kept(name, came, arrivals, self._clock.now())
        await self._take(name, arrivals, keep)
        await points.reach_async(points.ACCEPTED, "")

    async def again(self, webhook: Webhook, attempt: int, read: Callable[[], Sequence[Arrival]]) -> None:
        """Takes in a kept webhook once more; what is known of it changes nothing."""
        now = self._clock.now()
        try:
            arrivals = read()
        except Exception as error:
            await self._db.write(webhook_rows.settled(webhook, attempt, now), False, error)
            return
        await self._take(Channel(webhook.channel), arrivals, webhook_rows.settled(webhook, attempt, now, arrivals))

    async def _take(self, channel: Channel, arrivals: Sequence[Arrival], keep: Keep | None) -> None:
        """All of it. With `keep`, which is called last, what meets a fault of ours is left out, and nothing else is."""
        is_new, fault, is_kept = False, None, keep is None
        parts = [arrivals[start : start + _AT_ONCE] for start in range(0, len(arrivals), _AT_ONCE)]
        for number, part in enumerate(parts, 1):
            last = keep if number == len(parts) and fault is None else None
            try:
                is_new = await self._write(channel, part, is_new, last)
                is_kept = is_kept or last is not None
            except Exception as error:
                if keep is None or of_the_database(error):
                    raise
                is_new, found = await self._one_by_one(channel, part, is_new)
                fault = fault or found
        if keep is not None and not is_kept:
            await self._db.write(keep, is_new, fault, first=True)
        self._wake.ring()

    async def _one_by_one(
        self, channel: Channel, part: Sequence[Arrival], is_new: bool
    ) -> tuple[bool, Exception | None]:
        """A fault in one must not keep the others, which may be of other people."""
        fault: Exception | None = None
        for arrival in part:
            try:
                is_new = await self._write(channel, [arrival], is_new, None)
            except Exception as error:
                if of_the_database(error):
                    raise
                fault = fault or error
        return is_new, fault

    async def _write(self, channel: Channel, part: Sequence[Arrival], is_new: bool, last: Keep | None) -> bool:
        """Whether there was anything new, here or before."""
        now, channels, vault = self._clock.now(), self._channels, self._vault

        def doing(tx: Connection) -> bool:
            found = accept_all(tx, channel, part, now, channels, vault) or is_new
            if last is not None:
                last(tx, found, None)
            return found

        return await self._db.write(doing, first=True)


def accept_all(
    tx: Connection,
    channel: Channel,
    arrivals: Sequence[Arrival],
    now: datetime,
    channels: Channels | None = None,
    vault: Vault | None = None,
) -> bool:
    """Whether any of it was new to us. `vault` seals where files are to be had; without one none is fetched."""
    echoes.lock_what_comes_first(tx, channel, arrivals)
    given = Accepting(channel=channel, now=now, channels=channels or {}, vault=vault)
    new = [_accept(tx, given, arrival) for arrival in accept_order.by_conversation(arrivals)]
    points.reach(points.IN_ACCEPT, "")
    return any(new)


@dataclass(frozen=True, kw_only=True)
class Accepting:
    """What every arrival of one webhook is accepted with."""

    channel: Channel
    now: datetime
    channels: Channels
    vault: Vault | None


def _accept(tx: Connection, given: Accepting, arrival: Arrival) -> bool:
    """Whether it was new to us; what is of nobody's account is not."""
    if isinstance(arrival, Unfamiliar):
        is_new = keep_unfamiliar(tx, given.channel, arrival, given.now)
        return is_new and arrival.account is not None and _is_ours(tx, given.channel, arrival.account)
    if isinstance(arrival, AccountNews):
        return accept_news.accept(tx, given.channel, arrival, given.now)
    account_id = accounts.id_by_provider_id(tx, given.channel, arrival.account)
    if account_id is None:
        arrival, account_id = _under_its_other_name(tx, given.channel, arrival)
    if account_id is None:
        keep_unfamiliar(tx, given.channel, of_unknown_account(arrival), given.now)
        return False
    return _HOW[type(arrival)](tx, given, account_id, arrival)


def _is_ours(tx: Connection, channel: Channel, provider_id: str) -> bool:
    return account_aliases.resolve(tx, channel, provider_id) is not None


def _under_its_other_name(tx: Connection, channel: Channel, arrival: Any) -> tuple[Any, AccountId | None]:
    """Webhooks may speak of an account by another of its ids; keys are made with the one we know it by."""
    account = accounts.by_provider_id(tx, channel, arrival.account)
    if account is None:
        return arrival, None
    return dataclasses.replace(arrival, account=account.provider_id), account.id


def _inbound(tx: Connection, given: Accepting, account_id: AccountId, arrival: Inbound) -> bool:
    is_new = accept_inbound.accept(tx, given.channel, account_id, arrival, given.now, given.channels, given.vault)
    if is_new and arrival.group:
        group_names.call(tx, accounts.get(tx, account_id), arrival)
    return is_new


def _edited(tx: Connection, given: Accepting, account_id: AccountId, arrival: Edited) -> bool:
    return accept_changes.edited(tx, given.channel, account_id, arrival, given.now)


def _removed(tx: Connection, given: Accepting, account_id: AccountId, arrival: Removed) -> bool:
    return accept_changes.removed(tx, given.channel, account_id, arrival, given.now)


def _echo(tx: Connection, given: Accepting, account_id: AccountId, arrival: Echo) -> bool:
    account = accounts.get(tx, account_id)
    return echoes.accept(tx, given.channel, account, arrival, given.now, given.channels, given.vault)


def _thread_control(tx: Connection, given: Accepting, account_id: AccountId, arrival: ThreadControl) -> bool:
    if not mailbox.first_time(tx, f"{given.channel.value}:{arrival.account}:thread:{arrival.key}", given.now):
        return False
    contact_id = merging.contact_of(tx, account_id, arrival.addresses, None, given.now)
    threads.take_note(tx, conversations.find_or_add(tx, account_id, contact_id, given.now), arrival, given.now)
    return True


def _report(tx: Connection, given: Accepting, account_id: AccountId, arrival: StatusReport) -> bool:
    return accept_reports.report(tx, given.channel, account_id, arrival, given.now)


def _seen_up_to(tx: Connection, given: Accepting, account_id: AccountId, arrival: SeenUpTo) -> bool:
    return accept_reports.seen_up_to(tx, given.channel, account_id, arrival, given.now)


def _wish(tx: Connection, given: Accepting, account_id: AccountId, arrival: MarketingWish) -> bool:
    return accept_wishes.wish(tx, given.channel, account_id, arrival, given.now)


def _known(tx: Connection, given: Accepting, account_id: AccountId, arrival: Known) -> bool:
    return accept_wishes.known(tx, given.channel, account_id, arrival, given.now)


def _remembered(tx: Connection, given: Accepting, account_id: AccountId, arrival: Remembered) -> bool:
    return remembered.told(tx, given.vault, accounts.get(tx, account_id), arrival.said, given.now)


def _trouble(tx: Connection, given: Accepting, account_id: AccountId, arrival: AccountTrouble) -> bool:
    return accept_reports.trouble(tx, given.channel, account_id, arrival, given.now)


_HOW: Mapping[type, Callable[[Connection, Accepting, AccountId, Any], bool]] = {
    Inbound: _inbound,
    Edited: _edited,
    Removed: _removed,
    Echo: _echo,
    ThreadControl: _thread_control,
    StatusReport: _report,
    SeenUpTo: _seen_up_to,
    AccountTrouble: _trouble,
    MarketingWish: _wish,
    Known: _known,
    Remembered: _remembered,
}
