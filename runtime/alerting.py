"""Tells people outside: claim, one request, settle. What a crash left is told again, under the same id."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from conversation import alert_texts
from conversation.alert import AlertRule, Event, Means
from conversation.alert_texts import Telling
from conversation.conversation import ConversationId
from conversation.errors import BadInput
from conversation.ids import new_id
from conversation.said import Said, say
from runtime import alert_shapes, alert_webhook
from runtime.alert_email import Mailer
from runtime.alert_errors import AlertError
from runtime.alert_rulebook import Rulebook
from runtime.alert_settings import AlertingSettings
from runtime.clock import Clock
from runtime.outage import Outage, written
from store import alert_rules, alerts, notices
from store.alert_rules import Target
from store.alerts import Alert, AlertId, AlertState, Claimed
from store.database import Database
from store.leases import Holder
from store.vault import Vault

log = structlog.get_logger()

_DRAIN_S = 3.0


class Alerting:
    def __init__(
        self, db: Database, vault: Vault, clock: Clock, holder: Holder, settings: AlertingSettings, link_base: str
    ) -> None:
        self._db, self._vault, self._clock, self._holder = db, vault, clock, holder
        self._settings, self._link_base = settings, link_base
        self._mailer = Mailer(settings)
        self.rules = Rulebook(db, vault, clock, settings)
        self._tasks: dict[AlertId, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; what is being told then is finished first. While the database is away it waits."""
        outage = Outage()
        try:
            while True:
                async with outage.survived():
                    await self._start_what_is_due()
                await asyncio.sleep(self._settings.look_s)
        finally:
            await self._finish()

    async def _start_what_is_due(self) -> None:
        room = self._settings.at_once - len(self._tasks)
        if room <= 0:
            return
        waiting = await self._db.read(alerts.due, self._holder, self._clock.now())
        for alert_id in [each for each in waiting if each not in self._tasks][:room]:
            task = asyncio.create_task(self._tell(alert_id), name=f"alert {alert_id}")
            self._tasks[alert_id] = task
            task.add_done_callback(functools.partial(self._ended, alert_id))

    def _ended(self, alert_id: AlertId, task: asyncio.Task[None]) -> None:
        self._tasks.pop(alert_id, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("alert_broke", alert=alert_id, error=type(task.exception()).__name__)

    async def _finish(self) -> None:
        """What takes longer is told again by whoever comes next."""
        under_way = list(self._tasks.values())
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
        self._mailer.close()

    async def _tell(self, alert_id: AlertId) -> None:
        now = self._clock.now()
        deadline = now + timedelta(seconds=self._settings.claim_s)
        try:
            claimed = await self._db.write(
                alerts.claim, self._vault, alert_id, claimer=self._holder, now=now, deadline=deadline
            )
        except BadInput as fault:  # its rule can't be read, or its target not be opened
            await self._db.write(alerts.give_up, alert_id, str(fault), now)
            return
        if claimed is None:
            return
        error = await self._request(claimed)
        await written(self._db, functools.partial(self._settle, claimed=claimed, error=error))

    async def _request(self, claimed: Claimed) -> AlertError | None:
        found = claimed.alert
        link = self._link(found.conversation_id)
        facts = {
            "id": f"alert-{found.id}",
            "event": found.event.value,
            "conversation": found.conversation_id,
            "link": link,
            "at": found.created_at.isoformat(timespec="milliseconds"),
            **{name: value for name, value in found.facts.items() if value is not None},
        }
        telling = alert_texts.tell(claimed.rule, found.event, found.facts, link=link, now=self._clock.now())
        return await self._send(claimed.rule, claimed.target, telling, facts)

    def _link(self, conversation_id: str | None) -> str:
        return f"{self._link_base}/desk" + (f"#{conversation_id}" if conversation_id else "")

    async def _send(
        self, rule: AlertRule, target: Target, telling: Telling, facts: Mapping[str, Any]
    ) -> AlertError | None:
        """Why it was not told; None where it was."""
        now, name = self._clock.now(), facts["id"]
        try:
            if rule.means is Means.EMAIL:
                await self._mailer.send(target.address, name, telling, at=now)
            else:
                body = alert_shapes.body_of(rule, telling, facts)
                signed_at = int(now.timestamp())
                await alert_webhook.send(target.address, target.secret, name, body, self._settings, at=signed_at)
        except AlertError as error:
            return error
        except Exception as error:
            log.error("alert_broke", alert=name, error=type(error).__name__)
            return AlertError(say("It broke ({why}).", why=type(error).__name__), retryable=True)
        return None

    def _settle(self, tx: Connection, claimed: Claimed, error: AlertError | None) -> None:
        found, now = claimed.alert, self._clock.now()
        if error is None:
            if alerts.settle(tx, found, AlertState.TOLD, now=now) and claimed.rule.fault is not None:
                alert_rules.set_fault(tx, claimed.rule.id, None)  # somebody mended it
            return
        if error.retryable and found.attempts < self._settings.tries:
            again_at = now + timedelta(seconds=self._wait_s(found, error))
            alerts.settle(tx, found, AlertState.WAITING, now=now, error=str(error), again_at=again_at)
        elif alerts.settle(tx, found, AlertState.FAILED, now=now, error=str(error)):
            alert_rules.set_fault(tx, claimed.rule.id, str(error))
            facts = {"rule": claimed.rule.id, "event": found.event.value, "error": str(error)}
            notices.add(tx, "alert", _conversation(found), facts, now)
        log.warning("alert_not_told", alert=found.id, rule=claimed.rule.id, attempt=found.attempts, error=str(error))

    def _wait_s(self, found: Alert, error: AlertError) -> float:
        wait_s = self._settings.retry_s * 4 ** (found.attempts - 1)
        return max(wait_s * random.uniform(1.0, 1.25), error.retry_after_s or 0.0)

    async def try_out(self, rule_id: str) -> Said | None:
        """Tells it now, whatever the hour, with nothing of any customer; None, or why it was not told."""
        rule = await self._db.read(alert_rules.get, rule_id)
        target = await self._db.read(alert_rules.target, self._vault, rule_id)
        facts = {"id": new_id("test"), "event": Event.TEST.value, "link": self._link(None)}
        telling = alert_texts.tell(rule, Event.TEST, {}, link=facts["link"], now=self._clock.now())
        error = await self._send(rule, target, telling, facts)
        fault: Said | None = None if error is None else error.args[0]
        await self._db.write(alert_rules.set_fault, rule_id, None if fault is None else str(fault))
        return fault


def _conversation(found: Alert) -> ConversationId | None:
    return ConversationId(found.conversation_id) if found.conversation_id else None
