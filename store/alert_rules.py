"""Who is to be told of what: rules with their sealed targets. A target is a URL or an address; a URL holds a secret."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from conversation import alert
from conversation.alert import AlertRule, Audience, Means, RuleId
from conversation.errors import BadInput, NotFound
from conversation.ids import new_id
from conversation.said import say
from store import operators, teams
from store.tables import alert_rules, operator_accounts, team_members
from store.tables import operators as operators_table
from store.vault import Vault

log = structlog.get_logger()

_SEALED = ("target", "secret")
#: More than anybody needs, and few enough that one event is no flood.
_MOST_OF_ONE = 20
_ACTIVE = sa.select(alert_rules).where(alert_rules.c.active).order_by(alert_rules.c.created_at, alert_rules.c.id)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a rule's alerts go, and what they are signed with."""

    address: str
    secret: str


def from_row(row: Any) -> AlertRule:
    return AlertRule(
        id=RuleId(row.id),
        means=Means(row.means),
        operator=row.operator,
        team_id=row.team_id,
        settings=alert.read_settings(row.settings),
        after_s=row.after_s,
        active=row.active,
        fault=row.fault,
    )


def new_rule_id() -> RuleId:
    return RuleId(new_id("rul"))


def new_secret() -> str:
    return "bs_" + secrets.token_urlsafe(32)


def add(tx: Connection, vault: Vault, rule: AlertRule, target: Target, now: datetime) -> AlertRule:
    _check_whose(tx, rule)
    _keep_reseal_away(tx)
    tx.execute(
        alert_rules.insert().values(
            id=rule.id,
            operator=rule.operator,
            team_id=rule.team_id,
            means=rule.means.value,
            target=vault.seal(target.address),
            secret=vault.seal(target.secret),
            settings=alert.plain(rule.settings),
            after_s=rule.after_s,
            active=rule.active,
            created_at=now,
        )
    )
    return rule


def _check_whose(tx: Connection, rule: AlertRule) -> None:
    if (rule.operator is None) == (rule.team_id is None):
        raise BadInput(say("A rule is an operator's or a team's: say one of the two."))
    if rule.operator is not None:
        whose, column = operators.get(tx, rule.operator).name, alert_rules.c.operator
    else:
        whose, column = teams.get(tx, str(rule.team_id)).id, alert_rules.c.team_id
    if tx.execute(sa.select(sa.func.count()).where(column == whose)).scalar_one() >= _MOST_OF_ONE:
        raise BadInput(say("{whose} has {most} rules, which is the most there may be.", whose=whose, most=_MOST_OF_ONE))


def all_of(tx: Connection) -> list[AlertRule]:
    return _readable(tx.execute(sa.select(alert_rules).order_by(alert_rules.c.created_at, alert_rules.c.id)))


def active(tx: Connection) -> list[AlertRule]:
    return _readable(tx.execute(_ACTIVE))


def _readable(rows: Iterable[Any]) -> list[AlertRule]:
    """One that can't be read, as of a time zone this machine does not know, must not keep a command from happening."""
    found = []
    for row in rows:
        try:
            found.append(from_row(row))
        except BadInput as fault:
            log.error("alert_rule_unreadable", rule=row.id, error=str(fault))
    return found


def get(tx: Connection, rule_id: str) -> AlertRule:
    row = tx.execute(sa.select(alert_rules).where(alert_rules.c.id == rule_id)).first()
    if row is None:
        raise NotFound(say("There is no alert rule {rule}.", rule=rule_id))
    return from_row(row)


def target(tx: Connection, vault: Vault, rule_id: str) -> Target:
    row = tx.execute(sa.select(alert_rules.c.target, alert_rules.c.secret).where(alert_rules.c.id == rule_id)).one()
    return Target(address=vault.open(row.target), secret=vault.open(row.secret))


def change(
    tx: Connection, vault: Vault, rule: AlertRule, *, address: str | None = None, secret: str | None = None
) -> None:
    """Writes the rule as it is now; where it tells, and with which secret, only if that is given."""
    values: dict[str, Any] = {
        "settings": alert.plain(rule.settings),
        "after_s": rule.after_s,
        "active": rule.active,
        "fault": rule.fault if address is None else None,
    }
    _keep_reseal_away(tx)
    for name, value in (("target", address), ("secret", secret)):
        if value is not None:
            values[name] = vault.seal(value)
    tx.execute(alert_rules.update().where(alert_rules.c.id == rule.id).values(**values))


def remove(tx: Connection, rule_id: str) -> None:
    """With what it has still to tell."""
    if not tx.execute(alert_rules.delete().where(alert_rules.c.id == rule_id)).rowcount:
        raise NotFound(say("There is no alert rule {rule}.", rule=rule_id))


def set_fault(tx: Connection, rule_id: str, fault: str | None) -> None:
    tx.execute(alert_rules.update().where(alert_rules.c.id == rule_id).values(fault=fault))


def audience(tx: Connection, account_id: str) -> Audience:
    """Who may see the account, and who is in which team."""
    given = sa.select(operator_accounts.c.operator).where(operator_accounts.c.account_id == account_id)
    may = sa.or_(operators_table.c.all_accounts, operators_table.c.name.in_(given))
    sees = tx.execute(sa.select(operators_table.c.name).where(may)).scalars()
    members: dict[str, set[str]] = {}
    for row in tx.execute(sa.select(team_members.c.team_id, team_members.c.operator)):
        members.setdefault(row.team_id, set()).add(row.operator)
    return Audience(sees=frozenset(sees), members=members)


def reseal(tx: Connection, vault: Vault) -> int:
    """Seals every target and secret with the vault's newest key; how many. Nobody writes a rule meanwhile."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE alert_rules IN EXCLUSIVE MODE"))
    rows = tx.execute(sa.select(alert_rules.c.id, alert_rules.c.target, alert_rules.c.secret)).all()
    for row in rows:
        anew = {name: vault.seal(vault.open(row._mapping[name])) for name in _SEALED if row._mapping[name]}
        tx.execute(alert_rules.update().where(alert_rules.c.id == row.id).values(**anew))
    return sum(1 for row in rows for name in _SEALED if row._mapping[name])


def sealed_with(tx: Connection, vault: Vault) -> Counter[str | None]:
    """How many values each key has sealed; under None those that no key here opens."""
    rows = tx.execute(sa.select(alert_rules.c.target, alert_rules.c.secret)).all()
    return Counter(vault.opened_by(row._mapping[name]) for row in rows for name in _SEALED if row._mapping[name])


def _keep_reseal_away(tx: Connection) -> None:
    """Before anything is sealed: what is written after a key was exchanged must not be sealed with the old one."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE alert_rules IN ROW EXCLUSIVE MODE"))
