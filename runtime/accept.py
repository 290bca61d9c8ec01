"""The durable entrance: what a webhook holds is in the database, visible to people, before Meta gets its 200."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.arrivals import (
    BUTTON,
    REACTION,
    TEXT,
    Arrival,
    Echo,
    Inbound,
    StatusReport,
    ThreadControl,
    Unfamiliar,
)
from conversation.conversation import ConversationId
from conversation.mail import MailKind
from conversation.message import MessageStatus
from runtime import echoes, hearing, points, threads
from runtime.channel import Channels
from runtime.clock import Clock
from runtime.wake import Wake
from store import (
    accounts,
    buttons,
    contacts,
    conversations,
    mailbox,
    messages,
    notices,
    outbox,
    webhook_events,
)
from store.database import Database
from store.vault import Vault

log = structlog.get_logger()

#: Bodies hold up to a thousand updates; one transaction never holds the writer for all of them.
_AT_ONCE = 40
#: How long a secret that was taken away may still be accepted. A new one is found at once: the webhook asks again.
_SECRETS_AGE_S = 1.0
_OUTBOX_ID = re.compile(r"[0-9]{1,18}")


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
        """Every account's app secrets, by its id as it stands in the webhook; without its own it has the default.

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
            await self._db.write(accept_all, Channel(channel), part, self._clock.now(), self._channels, first=True)
        self._wake.ring()
        await points.reach_async(points.ACCEPTED, "")


def accept_all(
    tx: Connection, channel: Channel, arrivals: Sequence[Arrival], now: datetime, channels: Channels | None = None
) -> None:
    echoes.lock_what_comes_first(tx, channel, arrivals)
    for arrival in arrivals:
        if isinstance(arrival, Inbound):
            accept_inbound(tx, channel, arrival, now, channels or {})
        elif isinstance(arrival, Echo):
            accept_echo(tx, channel, arrival, now, channels or {})
        elif isinstance(arrival, ThreadControl):
            accept_thread_control(tx, channel, arrival, now)
        elif isinstance(arrival, StatusReport):
            accept_report(tx, channel, arrival, now)
        else:
            keep_unfamiliar(tx, channel, arrival, now)
    points.reach(points.IN_ACCEPT, "")


def accept_inbound(
    tx: Connection, channel: Channel, inbound: Inbound, now: datetime, channels: Channels | None = None
) -> None:
    """The message, its mail and its notice: all three, or none because it was here before."""
    account_id = accounts.id_by_provider_id(tx, channel, inbound.account)
    if account_id is None:
        keep_unfamiliar(tx, channel, _of_unknown_account(inbound), now)
        return
    if not mailbox.first_time(tx, f"{channel.value}:{inbound.account}:message:{inbound.provider_id}", now):
        return
    contact_id = contacts.find_or_add(tx, account_id, inbound.addresses, inbound.name, now)
    conversation_id, usual = conversations.meet(tx, account_id, contact_id, now)
    if inbound.standby:
        threads.heard_in_standby(tx, conversation_id, inbound.sent_at, now)
    elif not usual:
        threads.heard_as_ours(tx, conversation_id, inbound.sent_at, now)
    kind, payload = _what_was_chosen(tx, conversation_id, inbound)
    message_id = messages.add_inbound(
        tx,
        conversation_id,
        provider_id=inbound.provider_id,
        kind=kind,
        text=inbound.text,
        content=inbound.content,
        reply_to=inbound.reply_to,
        at=inbound.sent_at,
    )
    if kind != REACTION:
        conversations.note_inbound(tx, conversation_id, inbound.provider_id, inbound.sent_at)
        if not usual and not inbound.standby:
            hearing.heard(tx, conversation_id, channels or {}, now)
    mailbox.append(tx, conversation_id, MailKind.MESSAGE, now=now, message_id=message_id, payload=payload)
    notices.add(tx, "message", conversation_id, {"message": message_id, "direction": "inbound"}, now)


def _what_was_chosen(tx: Connection, conversation_id: ConversationId, inbound: Inbound) -> tuple[str, dict[str, Any]]:
    """A button counts only if we sent it, to this conversation. Any other choice is just its words."""
    if inbound.standby:
        return TEXT if inbound.kind == BUTTON else inbound.kind, {"standby": True}
    if inbound.kind != BUTTON:
        return inbound.kind, {}
    button = buttons.find(tx, conversation_id, inbound.choice) if inbound.choice else None
    return (BUTTON, {"payload": button.payload}) if button else (TEXT, {})


def accept_echo(tx: Connection, channel: Channel, echo: Echo, now: datetime, channels: Channels) -> None:
    account = accounts.by_provider_id(tx, channel, echo.account)
    if account is None:
        keep_unfamiliar(tx, channel, _of_unknown_account(echo), now)
        return
    if echoes.settles_ours(tx, account.id, echo, now):
        return
    if mailbox.first_time(tx, f"{channel.value}:{echo.account}:echo:{echo.provider_id}", now):
        echoes.keep(tx, account, echo, now, channels)


def accept_thread_control(tx: Connection, channel: Channel, control: ThreadControl, now: datetime) -> None:
    account_id = accounts.id_by_provider_id(tx, channel, control.account)
    if account_id is None:
        keep_unfamiliar(tx, channel, _of_unknown_account(control), now)
        return
    if mailbox.first_time(tx, f"{channel.value}:{control.account}:thread:{control.key}", now):
        contact_id = contacts.find_or_add(tx, account_id, control.addresses, None, now)
        threads.take_note(tx, conversations.find_or_add(tx, account_id, contact_id, now), control, now)


def accept_report(tx: Connection, channel: Channel, report: StatusReport, now: datetime) -> None:
    """What became of a message of ours; a report may be the witness of a send nobody was sure of."""
    account_id = accounts.id_by_provider_id(tx, channel, report.account)
    message_id = _reported_message(tx, account_id, report, now) if account_id is not None else None
    if message_id is None:
        body = {"provider_id": report.provider_id, "status": report.status.value, "opaque": report.opaque}
        event = Unfamiliar(
            account=report.account,
            kind="status_of_unknown_message",
            body=body,
            key=f"status:{report.provider_id}:{report.status.value}",
        )
        keep_unfamiliar(tx, channel, event, now)
        return
    changed = messages.apply_report(tx, message_id, report)
    if changed is not None and report.status is MessageStatus.FAILED:
        notices.add(tx, "failed", changed, {"message": message_id, "error": report.error}, now)


def _reported_message(tx: Connection, account_id: AccountId, report: StatusReport, now: datetime) -> int | None:
    message_id = None
    if report.opaque is not None and _OUTBOX_ID.fullmatch(report.opaque):
        message_id = outbox.witness(tx, int(report.opaque), account_id, now)
    return message_id or messages.outbound_by_provider_id(tx, account_id, report.provider_id)


def keep_unfamiliar(tx: Connection, channel: Channel, event: Unfamiliar, now: datetime) -> None:
    key = event.key and f"{channel.value}:{event.account}:{event.kind}:{event.key}"
    if key is None or mailbox.first_time(tx, key, now):
        webhook_events.add(tx, channel, event, now)


def _of_unknown_account(arrival: Inbound | Echo | ThreadControl) -> Unfamiliar:
    if isinstance(arrival, ThreadControl):
        body: dict[str, Any] = {"holder": arrival.holder, "metadata": arrival.metadata}
        return Unfamiliar(account=arrival.account, kind="unknown_account", body=body, key=arrival.key)
    body = {
        "provider_id": arrival.provider_id,
        "kind": arrival.kind,
        "text": arrival.text,
        "content": arrival.content,
    }
    return Unfamiliar(account=arrival.account, kind="unknown_account", body=body, key=arrival.provider_id)
