"""Tries webhooks again that met a fault of ours: by itself a few times, then whenever a person asks for it.

Others of the same conversation do not wait for it: one body that we can't read must not silence a customer, and what
comes late is put where it belongs by what Meta says of its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Channel
from conversation.arrivals import Arrival
from conversation.errors import Unavailable
from conversation.webhook import Webhook
from runtime.accept import Entrance
from runtime.clock import Clock
from runtime.outage import Outage
from store import account_aliases, accounts, webhooks
from store.database import Database

log = structlog.get_logger()

#: Of a channel a body's arrivals; what is of an account not among these is of nobody's.
Reader = Callable[[str, str, Collection[str]], Sequence[Arrival]]

_STEP_S = 5.0
#: Should the process that tries it end, another may after this long.
_CLAIM = timedelta(minutes=2)


class WebhookRedrive:
    """Any number of gateways may run this."""

    def __init__(self, db: Database, entrance: Entrance, read: Reader, clock: Clock) -> None:
        self._db, self._entrance, self._read, self._clock = db, entrance, read, clock

    async def run(self) -> None:
        """Until cancelled."""
        outage = Outage()
        while True:
            async with outage.survived():
                await self.look()
            await asyncio.sleep(_STEP_S)

    async def look(self) -> None:
        for webhook_id in await self._db.read(webhooks.due, self._clock.now()):
            try:
                await self._again(webhook_id, asked_for=False)
            except Unavailable:
                raise
            except Exception as error:  # it is due again once its claim is over
                log.error("webhook_not_tried", webhook=webhook_id, error=type(error).__name__)

    async def again(self, webhook_id: int) -> Webhook:
        """Now, because a person wants it, in whatever state it is. What is known of it changes nothing."""
        await self._again(webhook_id, asked_for=True)
        return await self._db.read(webhooks.get, webhook_id)

    async def _again(self, webhook_id: int, *, asked_for: bool) -> None:
        now = self._clock.now()
        until = now + _CLAIM
        webhook, body = await self._db.read(webhooks.with_body, webhook_id)
        if not body:
            return  # what it held was not kept, see webhook_rows.py
        if not await self._db.write(webhooks.claim, webhook_id, now=now, until=until, asked_for=asked_for):
            return
        known = await self._db.read(_names_of, Channel(webhook.channel), webhook.accounts)
        await self._entrance.again(webhook, webhook.attempts + 1, lambda: self._read(webhook.channel, body, known))


def _names_of(tx: Connection, channel: Channel, account_ids: Collection[str]) -> set[str]:
    """What these accounts are called in webhooks. No others: the body was not signed for an account that came later."""
    own = {a.provider_id for a in accounts.even_removed(tx) if a.channel is channel and a.id in account_ids}
    others = {name for name, whose in account_aliases.of(tx, channel).items() if whose in account_ids}
    return own | others
