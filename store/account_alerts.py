"""An account that stopped: whoever may see it, and wants to know, is told outside."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import alert
from conversation.account import Account
from conversation.alert import AlertRule, Event, Occasion
from store import alert_rules
from store.alerts import AlertState
from store.tables import alerts


def raise_fault(tx: Connection, account: Account, *, reason: str, now: datetime) -> int:
    """How many will be told. One who is about to be told of this account is not told twice."""
    rules = [rule for rule in alert_rules.active(tx) if Event.ACCOUNT in rule.settings.events]
    if not rules:
        return 0
    audience = alert_rules.audience(tx, account.id)
    concerned = [rule for rule in rules if alert.applies(rule, Occasion(event=Event.ACCOUNT), audience)]
    return sum(_add(tx, rule, account, reason, now) for rule in concerned)


def _add(tx: Connection, rule: AlertRule, account: Account, reason: str, now: datetime) -> bool:
    facts = {"account": account.name, "account_id": account.id, "reason": reason}
    if any(facts == waiting for waiting in tx.execute(_waiting(rule)).scalars()):
        return False
    tx.execute(
        alerts.insert().values(
            rule_id=rule.id,
            event=Event.ACCOUNT.value,
            facts=facts,
            state=AlertState.WAITING.value,
            due_at=alert.due_at(rule, now, priority=None),
            created_at=now,
        )
    )
    return True


def _waiting(rule: AlertRule) -> sa.sql.Select:
    return sa.select(alerts.c.facts).where(
        alerts.c.rule_id == rule.id,
        alerts.c.event == Event.ACCOUNT.value,
        alerts.c.state == AlertState.WAITING.value,
    )
