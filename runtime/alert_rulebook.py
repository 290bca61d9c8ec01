"""The rules of who is told, as people make and see them: of where a rule tells they see the host, never the rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection

from conversation import alert
from conversation.alert import AlertRule, Means
from conversation.errors import BadInput
from conversation.said import say
from runtime import alert_email, alert_webhook
from runtime.alert_settings import AlertingSettings
from runtime.clock import Clock
from store import alert_rules, teams
from store.alert_rules import Target
from store.database import Database
from store.vault import Vault

_WEEK_S = 7 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A rule with what may be told of it. `secret`: only to whoever has just made it."""

    rule: AlertRule
    host: str
    team: str | None
    secret: str | None = None


class Rulebook:
    def __init__(self, db: Database, vault: Vault, clock: Clock, settings: AlertingSettings) -> None:
        self._db, self._vault, self._clock, self._settings = db, vault, clock, settings

    async def all(self) -> list[Shown]:
        def read(tx: Connection) -> list[Shown]:
            return [self._shown(tx, rule) for rule in alert_rules.all_of(tx)]

        return await self._db.read(read)

    async def get(self, rule_id: str) -> Shown:
        return await self._db.read(lambda tx: self._shown(tx, alert_rules.get(tx, rule_id)))

    async def add(
        self,
        *,
        means: Means,
        target: str,
        operator: str | None,
        team: str | None,
        settings: Mapping[str, Any],
        after_s: int = 0,
        secret: str | None = None,
    ) -> Shown:
        """The new rule, with the secret its webhooks are signed with: seen here once and never again."""
        self._check(means, target, after_s)
        secret = secret or alert_rules.new_secret()
        draft = AlertRule(
            id=alert_rules.new_rule_id(),
            means=means,
            operator=operator,
            settings=alert.read_settings(settings),
            after_s=after_s,
        )

        def add(tx: Connection) -> Shown:
            team_id = teams.get(tx, team).id if team is not None else None
            rule = dataclasses.replace(draft, team_id=team_id)
            alert_rules.add(tx, self._vault, rule, Target(address=target, secret=secret), self._clock.now())
            return dataclasses.replace(self._shown(tx, rule), secret=secret if means is Means.WEBHOOK else None)

        return await self._db.write(add)

    async def change(
        self,
        rule_id: str,
        *,
        settings: Mapping[str, Any],
        after_s: int | None = None,
        active: bool | None = None,
        target: str | None = None,
        secret: str | None = None,
    ) -> Shown:
        """Only what is given is changed."""

        def change(tx: Connection) -> Shown:
            before = alert_rules.get(tx, rule_id)
            after = dataclasses.replace(
                before,
                settings=alert.read_settings({**alert.plain(before.settings), **settings}),
                after_s=before.after_s if after_s is None else after_s,
                active=before.active if active is None else active,
            )
            self._check(after.means, target or alert_rules.target(tx, self._vault, rule_id).address, after.after_s)
            alert_rules.change(tx, self._vault, after, address=target, secret=secret)
            return self._shown(tx, alert_rules.get(tx, rule_id))

        return await self._db.write(change)

    async def remove(self, rule_id: str) -> None:
        await self._db.write(alert_rules.remove, rule_id)

    def _check(self, means: Means, target: str, after_s: int) -> None:
        """Raises `BadInput` where nothing could ever be told so."""
        if not 0 <= after_s <= _WEEK_S:
            raise BadInput(say("after_s is a number of seconds, 0 to a week."))
        if means is Means.WEBHOOK:
            alert_webhook.check_url(target, local=self._settings.local)
            return
        alert_email.check_address(target)
        if self._settings.mail_server is None:
            raise BadInput(say("Nothing can be mailed here: SMTP_URL and SMTP_FROM are not set."))

    def _shown(self, tx: Connection, rule: AlertRule) -> Shown:
        try:
            address = alert_rules.target(tx, self._vault, rule.id).address
        except BadInput:  # sealed with a key that is not here: it can still be seen, given another, or removed
            address = ""
        team = teams.find(tx, rule.team_id) if rule.team_id is not None else None
        return Shown(rule=rule, host=_host(rule.means, address), team=team.name if team else None)


def _host(means: Means, address: str) -> str:
    return address.rpartition("@")[2] if means is Means.EMAIL else urlsplit(address).hostname or ""
