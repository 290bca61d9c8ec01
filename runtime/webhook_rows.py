"""What is written down of a webhook, in the transaction that takes in the last of it: its body, its outcome."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Channel
from conversation.arrivals import (
    UNREAD_OF_ADDRESS_BOOK,
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
from conversation.webhook import TRIES, UNKNOWN_ACCOUNT, Came, Webhook, WebhookState
from store import account_aliases, accounts, notices, pruning, webhooks

log = structlog.get_logger()

#: Called with whether anything in it was new to us, and with the fault that some of it met.
Keep = Callable[[Connection, bool, "Exception | None"], None]

#: How long after the first try the second is made, and so on.
_AGAIN_AFTER = (timedelta(seconds=30), timedelta(minutes=5))
_MOST_KINDS = 30
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]{1,60}")
_ROOT = Path(__file__).resolve().parent.parent
_KINDS: dict[type, str] = {
    Inbound: "message",
    Echo: "echo",
    Edited: "edit",
    Removed: "removal",
    StatusReport: "status",
    SeenUpTo: "seen",
    ThreadControl: "thread",
    AccountTrouble: "account",
    MarketingWish: "wish",
    Known: "known",
    Remembered: "history",
}


def kept(channel: Channel, came: Came, arrivals: Sequence[Arrival], now: datetime) -> Keep:
    """Writes the row of a webhook that has just come."""

    def keep(tx: Connection, is_new: bool, fault: Exception | None) -> None:
        error = came.unreadable or (named(fault) if fault is not None else None)
        state = WebhookState.PARKED if came.unreadable else _state(1, is_new, fault)
        row_id = webhooks.add(
            tx,
            channel=channel.value,
            accounts=_ours(tx, channel, came.accounts),
            kinds=_kinds(arrivals),
            state=state,
            body=_body(tx, came, arrivals, state),
            now=now,
            error=error,
            due_at=now + _AGAIN_AFTER[0] if state is WebhookState.RECEIVED else None,
        )
        _tell(tx, row_id, state, error, now)

    return keep


def settled(webhook: Webhook, attempt: int, now: datetime, arrivals: Sequence[Arrival] = ()) -> Keep:
    """Writes what became of one that was tried again. What had an effect before stays processed."""

    def keep(tx: Connection, is_new: bool, fault: Exception | None) -> None:
        is_new = is_new or webhook.state is WebhookState.PROCESSED
        state, error = _state(attempt, is_new, fault), named(fault) if fault is not None else None
        again_after = _AGAIN_AFTER[min(attempt, len(_AGAIN_AFTER)) - 1]
        due_at = now + again_after if state is WebhookState.RECEIVED else None
        webhooks.settle(tx, webhook.id, state, now=now, error=error, due_at=due_at)
        if state in (WebhookState.PROCESSED, WebhookState.IGNORED) and _has_an_address_book(arrivals):
            webhooks.empty(tx, webhook.id)
        _tell(tx, webhook.id, state, error, now)

    return keep


def named(error: BaseException) -> str:
    """What went wrong and where, without the error's words: they may quote what came."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _ROOT in Path(f.filename).parents]
    inside = [f for f in frames if ".venv" not in f.filename]
    place = f" at {Path(inside[-1].filename).relative_to(_ROOT)}:{inside[-1].lineno}" if inside else ""
    return f"{type(error).__name__}{place}"


def _state(attempt: int, is_new: bool, fault: Exception | None) -> WebhookState:
    if fault is not None:
        return WebhookState.RECEIVED if attempt < TRIES else WebhookState.PARKED
    return WebhookState.PROCESSED if is_new else WebhookState.IGNORED


def _tell(tx: Connection, webhook_id: int, state: WebhookState, error: str | None, now: datetime) -> None:
    if state is WebhookState.RECEIVED:
        log.error("webhook_not_taken", webhook=webhook_id, error=error)
    elif state is WebhookState.PARKED:
        log.error("webhook_parked", webhook=webhook_id, error=error)
        notices.add(tx, "webhook", None, {"webhook": webhook_id, "state": state.value}, now)


def _body(tx: Connection, came: Came, arrivals: Sequence[Arrival], state: WebhookState) -> str:
    """As it came. A channel goes on telling of messages of somebody who was erased; of these nothing is kept, nor of an
    address book, which holds people who never wrote."""
    if state is not WebhookState.RECEIVED and _has_an_address_book(arrivals):
        return ""
    if state is not WebhookState.IGNORED:
        return came.body
    return pruning.without_the_erased(tx, came.body, [each for arrival in arrivals for each in _of_messages(arrival)])


def _has_an_address_book(arrivals: Sequence[Arrival]) -> bool:
    return any(
        isinstance(each, Known) or (isinstance(each, Unfamiliar) and each.kind in UNREAD_OF_ADDRESS_BOOK)
        for each in arrivals
    )


def _of_messages(arrival: Arrival) -> Sequence[str]:
    if isinstance(arrival, SeenUpTo):
        return arrival.provider_ids
    known = (Inbound, Echo, Edited, Removed, StatusReport, Remembered)
    return [arrival.provider_id] if isinstance(arrival, known) else []


def _ours(tx: Connection, channel: Channel, ids: Iterable[str]) -> list[str]:
    """By our own ids, whichever of its names a webhook calls an account by."""
    found: set[str] = set()
    for provider_id in ids:
        known = accounts.id_by_provider_id(tx, channel, provider_id) or account_aliases.find(tx, channel, provider_id)
        found.add(known or UNKNOWN_ACCOUNT)
    return sorted(found)


def _kinds(arrivals: Iterable[Arrival]) -> list[str]:
    """Each once. Names that a channel gives are words of others: what is no plain one is not written down."""
    found = {_kind(arrival) for arrival in arrivals}
    return sorted(found)[:_MOST_KINDS]


def _kind(arrival: Arrival) -> str:
    if not isinstance(arrival, (AccountNews, Unfamiliar)):
        return _KINDS[type(arrival)]
    return arrival.kind if _PLAIN.fullmatch(arrival.kind) else "unfamiliar"
