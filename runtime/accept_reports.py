"""What Meta tells of our own messages and of our account; and what nobody here knows what to do with, which is kept."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.arrivals import AccountTrouble, Arrival, Echo, Inbound, SeenUpTo, StatusReport, Unfamiliar
from conversation.message import MessageStatus
from runtime import failing, merging
from store import (
    account_alerts,
    accounts,
    contacts,
    erasing,
    mailbox,
    messages,
    notices,
    pauses,
    watermarks,
    webhook_events,
    witnesses,
)

log = structlog.get_logger()

#: Then one request tries whether the account goes on, should Meta not tell.
_STOPPED_FOR = timedelta(minutes=15)
#: Of all that one report is about, the newest: nobody looks at more.
_MOST_TOLD = 50
_OUTBOX_ID = re.compile(r"[0-9]{1,18}")


def report(tx: Connection, channel: Channel, account_id: AccountId, told: StatusReport, now: datetime) -> bool:
    """What became of a message of ours; a report may be the witness of a send nobody was sure of. Whether it told
    anything new."""
    merging.learned(tx, account_id, told.addresses, now)
    goes_out_again = failing.may_go_out_again(told)
    key = f"{channel.value}:{told.account}:failed:{told.provider_id}"
    if goes_out_again and not mailbox.first_time(tx, key, now):
        return False
    message_id = _reported_message(tx, account_id, told, now)
    if message_id is None:
        body = {"provider_id": told.provider_id, "status": told.status.value, "opaque": told.opaque}
        event = Unfamiliar(
            account=told.account,
            kind="status_of_unknown_message",
            body=body,
            key=f"status:{told.provider_id}:{told.status.value}",
        )
        return keep_unfamiliar(tx, channel, event, now)
    if goes_out_again and failing.sent_again(tx, account_id, told, now):
        return True
    changed = messages.apply_report(tx, message_id, told)
    if changed is not None and told.status is MessageStatus.FAILED:
        notices.add(tx, "failed", changed, {"message": message_id, "error": told.error}, now)
        failing.tell(tx, changed, accounts.get(tx, account_id), told.error_code, now)
    elif changed is not None:
        notices.add(tx, "status", changed, {"message": message_id, "status": told.status.value}, now)
    return changed is not None


def _reported_message(tx: Connection, account_id: AccountId, told: StatusReport, now: datetime) -> int | None:
    message_id = None
    if told.opaque is not None and _OUTBOX_ID.fullmatch(told.opaque):
        message_id = witnesses.witness(tx, int(told.opaque), account_id, now)
    return message_id or messages.outbound_by_provider_id(tx, account_id, told.provider_id)


def seen_up_to(tx: Connection, channel: Channel, account_id: AccountId, seen: SeenUpTo, now: datetime) -> bool:
    """All of ours up to there. What tells nothing new, or names a message that is none of ours, is kept."""
    contact_id = contacts.find(tx, account_id, seen.addresses)
    noted = watermarks.apply(tx, contact_id, seen, now) if contact_id is not None else []
    for each in noted[-_MOST_TOLD:]:
        facts = {"message": each.message_id, "status": seen.status.value}
        notices.add(tx, "status", each.conversation_id, facts, now)
    is_new = bool(noted)
    if not noted or not {each.provider_id for each in noted}.issuperset(seen.provider_ids):
        body = {"status": seen.status.value, "provider_ids": list(seen.provider_ids), "until": _told(seen.until)}
        key = f"{seen.addresses[0].value} {seen.status.value} {_told(seen.until)} {' '.join(seen.provider_ids)}"
        event = Unfamiliar(account=seen.account, kind="seen_of_nothing_new", body=body, key=key)
        is_new = keep_unfamiliar(tx, channel, event, now) or is_new
    return is_new


def trouble(tx: Connection, channel: Channel, account_id: AccountId, told: AccountTrouble, now: datetime) -> bool:
    """Meta has stopped the account, or lets it go on."""
    if not mailbox.first_time(tx, f"{channel.value}:{told.account}:trouble:{told.key}", now):
        return False
    if told.fault is None:
        pauses.go_on(tx, account_id)
    elif pauses.pause(tx, account_id, now + _STOPPED_FOR, fault=told.fault):
        account_alerts.raise_fault(tx, accounts.get(tx, account_id), reason=told.fault, now=now)
    webhook_events.add(
        tx, channel, Unfamiliar(account=told.account, kind="policy_enforcement", body=told.body, key=told.key), now
    )
    notices.add(tx, "account", None, {"account": account_id, "fault": told.fault}, now)
    return True


def keep_unfamiliar(tx: Connection, channel: Channel, event: Unfamiliar, now: datetime) -> bool:
    """What comes again word for word is known by its key; other words under the same key are something else. Whether
    it was not here before."""
    if _is_of_somebody_erased(tx, event.body):
        return False
    key = event.key and f"{channel.value}:{event.account}:{event.kind}:{event.key}:{_digest(event.body)}"
    is_new = key is None or mailbox.first_time(tx, key, now)
    if is_new:
        webhook_events.add(tx, channel, event, now)
    return is_new


def _is_of_somebody_erased(tx: Connection, body: dict[str, Any]) -> bool:
    """A channel goes on telling of messages that are gone; kept, it would bring back what they were known by."""
    several = body.get("provider_ids")
    named = [body.get("provider_id"), body.get("of"), *(several if isinstance(several, list) else ())]
    return any(isinstance(each, str) and erasing.was_erased(tx, each) for each in named)


def of_unknown_account(arrival: Arrival) -> Unfamiliar:
    """Kept whole enough to see what it was."""
    if isinstance(arrival, (Inbound, Echo)):
        body: dict[str, Any] = {
            "provider_id": arrival.provider_id,
            "kind": arrival.kind,
            "text": arrival.text,
            "content": arrival.content,
        }
        return Unfamiliar(account=arrival.account, kind="unknown_account", body=body, key=arrival.provider_id)
    body = {"what": type(arrival).__name__}
    for name in ("holder", "metadata", "provider_id", "text", "fault"):
        if value := getattr(arrival, name, None):
            body[name] = value
    key = getattr(arrival, "key", None) or f"{body} {getattr(arrival, 'status', '')} {getattr(arrival, 'at', '')}"
    return Unfamiliar(account=arrival.account, kind="unknown_account", body=body, key=key)


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def _told(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
