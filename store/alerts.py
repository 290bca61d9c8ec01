"""What is to be told to somebody outside: one row is one webhook or one e-mail, and is told at least once.

waiting ──claim──▶ claimed ──settle──▶ told | failed | waiting again
waiting ──somebody has seen to it──▶ dropped
claimed ──its process is gone──▶ claimed by another, who tells it again under the same id
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NewType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import alert
from conversation.account import Account
from conversation.alert import AlertRule, Event, Occasion
from conversation.contact import Contact
from conversation.conversation import Conversation
from store import alert_rules, contacts, conversations
from store.alert_rules import Target
from store.leases import Holder
from store.tables import alerts, messages
from store.vault import Vault

AlertId = NewType("AlertId", int)


class AlertState(str, Enum):
    WAITING = "waiting"
    CLAIMED = "claimed"  # somebody is telling it, until the claim's deadline
    TOLD = "told"
    DROPPED = "dropped"  # there is nothing to tell any more
    FAILED = "failed"  # given up; the rule says why


# The index's own condition, written out: SQLite takes no index whose condition it can't read in the statement.
_TO_BE_TOLD = alerts.c.state.in_(
    [sa.literal_column(f"'{each.value}'") for each in (AlertState.WAITING, AlertState.CLAIMED)]
)
#: What of an occasion's facts may leave the house. Whatever else is among them does not.
_FACTS = ("reason", "priority", "waiting_since", "queue_place")
_MOST_TEXT = 500
#: A name that is a number is a phone number.
_DIGITS_OF_A_NUMBER = 5


@dataclass(frozen=True, kw_only=True)
class Alert:
    id: AlertId
    rule_id: str
    conversation_id: str | None
    event: Event
    facts: dict[str, Any]
    attempts: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """An alert that is ours to tell, with what is needed for it."""

    alert: Alert
    rule: AlertRule
    target: Target


def from_row(row: Any) -> Alert:
    return Alert(
        id=AlertId(row.id),
        rule_id=row.rule_id,
        conversation_id=row.conversation_id,
        event=Event(row.event),
        facts=row.facts,
        attempts=row.attempts,
        created_at=row.created_at,
    )


def raise_event(
    tx: Connection,
    event: Event,
    *,
    conversation: Conversation,
    account: Account,
    facts: Mapping[str, Any],
    now: datetime,
    team_id: str | None = None,
    owner: str | None = None,
) -> list[AlertId]:
    """Whoever has a rule for it will be told. `team_id`: in whose queue it is; `owner`: whose conversation it is, or is
    meant to be. Of `facts` the reason, priority, waiting_since and queue_place are told."""
    occasion = Occasion(event=event, team_id=team_id, owner=owner)
    concerned = [rule for rule in alert_rules.active(tx) if event in rule.settings.events]
    if not concerned:
        return []
    audience = alert_rules.audience(tx, account.id)
    rules = [rule for rule in concerned if alert.applies(rule, occasion, audience)]
    if not rules:
        return []
    facts = {"waiting_since": conversation.waiting_since, **facts}
    told = _told(facts, account, contacts.get(tx, conversation.contact_id), owner)
    added = (_add(tx, rule, occasion, conversation, told, now) for rule in rules)
    return [alert_id for alert_id in added if alert_id is not None]


def _told(facts: Mapping[str, Any], account: Account, contact: Contact, owner: str | None) -> dict[str, Any]:
    made = {name: _plain(facts[name]) for name in _FACTS if facts.get(name) is not None}
    return {**made, "account": account.name, "contact": _first_name(contact.name), "owner": owner}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value.value if isinstance(value, Enum) else value


def _first_name(name: str | None) -> str | None:
    first = (name or "").split()[:1]
    if not first or sum(sign.isdigit() for sign in first[0]) >= _DIGITS_OF_A_NUMBER:
        return None
    return "".join(sign for sign in first[0] if sign.isprintable())[:40] or None


def _add(
    tx: Connection,
    rule: AlertRule,
    occasion: Occasion,
    conversation: Conversation,
    facts: dict[str, Any],
    now: datetime,
) -> AlertId | None:
    """None where the same is about to be told already; at the earlier time of the two."""
    event = alert.told_as(rule, occasion.event)
    last = _last(tx, rule, event, conversation)
    rests = last is not None and event is Event.MESSAGE
    earliest = max(now, last.due_at + alert.MESSAGE_GAP) if rests else now
    due_at = alert.due_at(rule, earliest, priority=facts.get("priority"))
    if rule.settings.include_text:
        facts = {**facts, **_words(tx, conversation)}
    if last is not None and last.state == AlertState.WAITING.value and _hasten(tx, last, due_at, facts):
        return None
    result = tx.execute(
        alerts.insert(),
        dict(
            rule_id=rule.id,
            conversation_id=conversation.id,
            event=event.value,
            facts=facts,
            state=AlertState.WAITING.value,
            due_at=due_at,
            created_at=now,
        ),
    )
    return AlertId(int(result.inserted_primary_key[0]))


def _last(tx: Connection, rule: AlertRule, event: Event, conversation: Conversation) -> Any:
    query = sa.select(alerts.c.id, alerts.c.state, alerts.c.due_at).where(
        alerts.c.conversation_id == conversation.id, alerts.c.rule_id == rule.id, alerts.c.event == event.value
    )
    return tx.execute(query.order_by(alerts.c.id.desc()).limit(1)).first()


def _hasten(tx: Connection, waiting: Any, due_at: datetime, facts: dict[str, Any]) -> bool:
    """It has become urgent: what waits for the morning does not any more. False where it is being told just now."""
    values = {"due_at": due_at, "facts": facts} if due_at < waiting.due_at else {"due_at": waiting.due_at}
    this = sa.and_(alerts.c.id == waiting.id, alerts.c.state == AlertState.WAITING.value)
    return bool(tx.execute(alerts.update().where(this).values(**values)).rowcount)


def _words(tx: Connection, conversation: Conversation) -> dict[str, Any]:
    """What the customer wrote last, and their number: only for a rule that asks for it."""
    text = tx.execute(
        sa.select(messages.c.text)
        .where(messages.c.conversation_id == conversation.id, messages.c.author == "contact")
        .order_by(messages.c.id.desc())
        .limit(1)
    ).scalar()
    addresses = [address.value for address in contacts.addresses_of(tx, conversation.contact_id)]
    return {"text": text[:_MOST_TEXT] if text else None, "address": addresses[0] if addresses else None}


def settled(tx: Connection, conversation_id: str, now: datetime) -> None:
    """The customer does not wait in the queue any more: nobody is told that they do. Who was to be next is not."""
    of_the_queue = [event.value for event in alert.OF_THE_QUEUE]
    tx.execute(
        alerts.update()
        .where(
            alerts.c.conversation_id == conversation_id,
            alerts.c.state == AlertState.WAITING.value,
            alerts.c.event.in_(of_the_queue),
        )
        .values(state=AlertState.DROPPED.value, ended_at=now)
    )


def forget_due(tx: Connection, now: datetime) -> None:
    """After a restore: they were told in the lost time."""
    tx.execute(
        alerts.update().where(_TO_BE_TOLD, alerts.c.due_at <= now).values(state=AlertState.DROPPED.value, ended_at=now)
    )


def due(tx: Connection, holder: Holder, now: datetime, limit: int = 100) -> list[AlertId]:
    """Those to be told now, the oldest first; also those whose teller is gone."""
    query = sa.select(alerts.c.id).where(_TO_BE_TOLD, alerts.c.due_at <= now, _free(holder, now))
    return [AlertId(each) for each in tx.execute(query.order_by(alerts.c.due_at, alerts.c.id).limit(limit)).scalars()]


def _free(holder: Holder, now: datetime) -> Any:
    """Nobody's; or of one whose deadline is over, or who was of our house and has ended before we began."""
    of_our_house = sa.and_(
        alerts.c.claimed_by.like(holder.house_pattern, escape="\\"), alerts.c.claimed_by != str(holder)
    )
    gone = sa.or_(alerts.c.claim_deadline < now, of_our_house)
    return sa.or_(alerts.c.state == AlertState.WAITING.value, sa.and_(alerts.c.state == AlertState.CLAIMED.value, gone))


def claim(
    tx: Connection, vault: Vault, alert_id: AlertId, *, claimer: Holder, now: datetime, deadline: datetime
) -> Claimed | None:
    """The right to tell it, until the deadline; None where another has it, or there is nothing to tell any more."""
    query = sa.select(alerts).where(alerts.c.id == alert_id, _free(claimer, now), alerts.c.due_at <= now)
    row = tx.execute(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    found, rule = from_row(row), alert_rules.get(tx, row.rule_id)
    if not rule.active or not _still_true(tx, found):
        _end(tx, found, AlertState.DROPPED, now)
        return None
    taken = tx.execute(
        alerts.update()
        .where(alerts.c.id == alert_id, alerts.c.attempts == found.attempts, _free(claimer, now))
        .values(
            state=AlertState.CLAIMED.value,
            attempts=found.attempts + 1,
            claimed_by=str(claimer),
            claim_deadline=deadline,
        )
    )
    if not taken.rowcount:
        return None
    row = tx.execute(sa.select(alerts).where(alerts.c.id == alert_id)).one()
    return Claimed(alert=from_row(row), rule=rule, target=alert_rules.target(tx, vault, rule.id))


def _still_true(tx: Connection, found: Alert) -> bool:
    if found.conversation_id is None:
        return True
    conversation = conversations.get(tx, found.conversation_id)
    return alert.still_true(found.event, found.facts.get("owner"), conversation)


def _end(tx: Connection, found: Alert, state: AlertState, now: datetime) -> None:
    tx.execute(alerts.update().where(alerts.c.id == found.id).values(state=state.value, ended_at=now))


def settle(
    tx: Connection,
    found: Alert,
    state: AlertState,
    *,
    now: datetime,
    error: str | None = None,
    again_at: datetime | None = None,
) -> bool:
    """Writes down what became of a claim; only the claim's own attempt can. WAITING: told again at `again_at`."""
    values: dict[str, Any] = {"state": state.value, "error": error}
    if again_at is not None:
        values["due_at"] = again_at
    else:
        values["ended_at"] = now
    result = tx.execute(
        alerts.update()
        .where(
            alerts.c.id == found.id,
            alerts.c.state == AlertState.CLAIMED.value,
            alerts.c.attempts == found.attempts,
        )
        .values(**values)
    )
    return bool(result.rowcount)


def give_up(tx: Connection, alert_id: AlertId, error: str, now: datetime) -> None:
    """One that can't even be claimed: the rule shows why."""
    rule_id = tx.execute(sa.select(alerts.c.rule_id).where(alerts.c.id == alert_id)).scalar()
    failed = {"state": AlertState.FAILED.value, "error": error, "ended_at": now}
    tx.execute(alerts.update().where(alerts.c.id == alert_id, _TO_BE_TOLD).values(**failed))
    alert_rules.set_fault(tx, str(rule_id), error)


def of_conversation(tx: Connection, conversation_id: str) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(alerts).where(alerts.c.conversation_id == conversation_id).order_by(alerts.c.id))
    return [dict(row._mapping) for row in rows]
