"""What the rules of handover do by themselves: deadlines that come, people who are gone, work that is given out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.alert import Event
from conversation.conversation import Conversation, ConversationId
from conversation.deadlines import Deadline
from conversation.errors import NotFound, Refused
from conversation.handover import Command
from conversation.handover_settings import Silence
from conversation.people import Presence
from conversation.words import Saying
from runtime.announcing import announce, tell
from runtime.channel import Channels
from runtime.clock import Clock
from runtime.leaving import AWAY_TOO_LONG, vanish
from runtime.outage import Outage
from runtime.settings import RuntimeSettings
from runtime.wake import Wake, wait
from store import (
    accounts,
    alerts,
    assigning,
    conversations,
    handovers,
    notices,
    operators,
    people,
    queue,
    requests,
    teams,
)
from store import deadlines as rows
from store.database import Database

log = structlog.get_logger()

#: How often it is looked whether anything is due, and whether anybody is gone.
_STEP_S, _ABSENT_STEP = 1.0, timedelta(seconds=10)
#: Of one team, in one look; the next look goes on.
_GIVEN_AT_ONCE = 100
_BY_RULE = "timer"  # no operator can be named so


class Deadlines:
    """Any number of processes may run this: whoever comes second finds that nothing is due any more."""

    def __init__(self, db: Database, channels: Channels, wake: Wake, clock: Clock, settings: RuntimeSettings) -> None:
        self._db, self._channels, self._clock, self._settings = db, channels, clock, settings
        self._bell = wake.listen()
        self._looked_for_absent: datetime | None = None

    async def run(self) -> None:
        """Until cancelled. While the database is away it waits."""
        outage = Outage()
        while True:
            await asyncio.sleep(_STEP_S)  # many changes, one look
            await wait(self._bell, _STEP_S)
            async with outage.survived():
                await self.look()

    async def look(self) -> None:
        """Carries out all that is due now."""
        now = self._clock.now()
        for conversation_id, kind in await self._db.read(rows.due, now):
            await self._alone(self._come, conversation_id, kind)
        if self._looked_for_absent is None or now - self._looked_for_absent >= _ABSENT_STEP:
            self._looked_for_absent = now
            for name in await self._db.read(people.absent, now, self._settings.vanish_s):
                await self._alone(self._gone, name)
        for team_id in await self._db.read(teams.that_give):
            for conversation_id in await self._db.read(_to_be_given, team_id, now):
                await self._alone(self._give, conversation_id)

    async def _alone(self, work: Callable[..., None], *what: object) -> None:
        """One that fails is looked at again, and doesn't keep the others."""
        try:
            await self._db.write(work, *what, self._clock.now())
        except (Refused, NotFound) as refused:  # not found: erased meanwhile
            log.info("rule_refused", code=refused.code)

    def _come(self, tx: Connection, conversation_id: ConversationId, kind: Deadline, now: datetime) -> None:
        conversation = handovers.lock(tx, conversation_id)
        if not rows.still_due(tx, conversation_id, kind, now):
            return
        log.info("deadline", conversation=conversation_id, kind=kind.value)
        if kind is Deadline.UPDATE:
            self._update(tx, conversation, now)
        elif kind is Deadline.OPENING:
            self._opening(tx, conversation, now)
        else:
            order, reason = self._order(tx, conversation, kind)
            self._command(tx, conversation, order, reason, now)

    def _command(self, tx: Connection, conversation: Conversation, order: Command, reason: str, now: datetime) -> None:
        try:
            change = handovers.command(tx, conversation.id, order, by=_BY_RULE, now=now, reason=reason)
        except Refused:  # it does not stand as it did: what holds now is worked out anew
            account = accounts.get(tx, conversation.account_id)
            handovers.refresh_deadlines(tx, conversation, account, now)
            return
        announce(tx, self._channels, change, now)

    def _order(self, tx: Connection, conversation: Conversation, kind: Deadline) -> tuple[Command, str]:
        if kind is Deadline.EXPIRY:
            return Command.EXPIRE, "nobody_took_it"
        if kind is Deadline.WAKE:
            return Command.WAKE, "snooze_over"
        if kind is Deadline.IDLE:
            return Command.RETURN, "owner_idle"
        to = accounts.get(tx, conversation.account_id).handover.silence_to
        return (Command.VANISH if to is Silence.QUEUE else Command.RETURN), "owner_silent"

    def _update(self, tx: Connection, conversation: Conversation, now: datetime) -> None:
        account = accounts.get(tx, conversation.account_id)
        saying = Saying.NOBODY if conversation.nobody_answers else Saying.WAITING
        tell(tx, self._channels, conversation, account, saying, now)
        handovers.refresh_deadlines(tx, conversation, account, now)

    def _opening(self, tx: Connection, conversation: Conversation, now: datetime) -> None:
        """There are people again: they are told of who has waited through the night."""
        account, since = accounts.get(tx, conversation.account_id), conversation.waiting_since
        alerts.raise_event(
            tx,
            Event.REQUESTED,
            conversation=conversation,
            account=account,
            facts={"reason": "opening", "priority": _priority(tx, conversation), "waiting_since": since},
            now=now,
            team_id=conversation.team_id,
        )
        notices.add(tx, "opening", conversation.id, {}, now)
        handovers.refresh_deadlines(tx, conversation, account, now)

    def _gone(self, tx: Connection, name: str, now: datetime) -> None:
        operator = operators.find(tx, name)
        if operator is None or name not in people.absent(tx, now, self._settings.vanish_s):
            return
        log.info("operator_gone", operator=name)
        people.set_presence(tx, name, Presence.OFFLINE, now)
        vanish(tx, self._channels, name, AWAY_TOO_LONG, now)

    def _give(self, tx: Connection, conversation_id: ConversationId, now: datetime) -> None:
        """To whoever of its team is there and has room; where nobody is, it goes on waiting."""
        conversation = conversations.lock(tx, conversation_id)
        account = accounts.get(tx, conversation.account_id)
        if conversation.owner is not None or not account.handover.opening.is_open(now):
            return
        name = assigning.choose_operator(tx, conversation, account, conversation.team_id, now)
        if name is not None:
            change = handovers.command(
                tx, conversation_id, Command.TRANSFER, by=_BY_RULE, now=now, target=name, reason="assigned"
            )
            announce(tx, self._channels, change, now)


def _to_be_given(tx: Connection, team_id: str, now: datetime) -> list[ConversationId]:
    """Who waits for this team in its hours, while somebody of it has room: else there is nothing to write."""
    if not assigning.has_room(tx, team_id):
        return []
    waiting = queue.waiting(tx, now, team_id=team_id, limit=_GIVEN_AT_ONCE)
    return [each.conversation.id for each in waiting if each.account.handover.opening.is_open(now)]


def _priority(tx: Connection, conversation: Conversation) -> str | None:
    request = requests.waiting(tx, conversation.id)
    return request.priority.value if request else None
