"""Sends what is in the outbox: claim, one request, settle. Nothing else in the house writes to Meta."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation import proof, window
from conversation.account import Account
from conversation.contact import Address
from conversation.errors import SendError
from conversation.message import Author
from runtime import failing, hearing, merging, pacing, points
from runtime import held_echoes as echoes_held
from runtime.channel import Channels, Outgoing
from runtime.clock import Clock
from runtime.outage import Outage, written
from runtime.personas import PersonaBook
from runtime.settings import RuntimeSettings
from runtime.uploading import Uploading
from runtime.wake import Wake, wait
from store import (
    accounts,
    contacts,
    conversations,
    held_echoes,
    notices,
    outbox,
    pauses,
    witnesses,
)
from store.accounts import Credentials
from store.database import Database
from store.leases import Holder
from store.outbox import Lane, OutboxState, Row
from store.vault import Vault

log = structlog.get_logger()

_LOOK_AGAIN_S = 0.5
#: How often those of unknown fate are looked at.
_WITNESS_STEP = timedelta(seconds=1)
#: Changes come in swarms: one look for those of a few milliseconds.
_GATHER_S = 0.004
#: What an account without a token says: the emulator takes any, Meta refuses it.
_NO_TOKEN = "none"


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A claim, with what is needed to carry it out. `account`: as it was just before.

    `try_until`: the account is paused, and this one request tries whether it goes on.
    """

    row: Row
    account: Account
    try_until: datetime | None
    credentials: Credentials
    addresses: Sequence[Address]
    window_open: bool
    human_agent: bool
    told: list[Address] = field(default_factory=list)  # whom the channel says it was sent to


class Delivery:
    def __init__(
        self,
        db: Database,
        vault: Vault,
        channels: Channels,
        wake: Wake,
        clock: Clock,
        settings: RuntimeSettings,
        holder: Holder,
        uploading: Uploading | None = None,
        personas: PersonaBook | None = None,
        default_secret: str = "",
    ) -> None:
        """`default_secret`: of the app of those accounts that have none of their own."""
        self._db, self._vault, self._channels, self._clock, self._settings = db, vault, channels, clock, settings
        self._bell = wake.listen()
        self._wake = wake
        self._holder, self._uploading, self._personas = holder, uploading, personas
        self._default_secret = default_secret
        self._numbers = pacing.Numbers()
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled. While the database is away it waits."""
        outage, last_look = Outage(), self._clock.now() - 2 * _WITNESS_STEP
        while True:
            await wait(self._bell, self._numbers.look_again_s(self._clock.now(), _LOOK_AGAIN_S))
            await asyncio.sleep(_GATHER_S)
            async with outage.survived():
                now = self._clock.now()
                if now - last_look > _WITNESS_STEP:
                    await self._look_after_the_unknown()
                    last_look = now
                room = self._settings.sends_at_once - len(self._tasks)
                if room <= 0:
                    continue  # a send that ends rings
                rows = await self._db.read(
                    outbox.due,
                    now,
                    passing_unknown_after_s=self._settings.pass_unknown_after_s,
                    resting=self._numbers.resting(now),
                )
                worth_trying = self._numbers.worth_trying(row for row in rows if row.id not in self._busy)
                for row in worth_trying[:room]:
                    self._start(row)

    async def drain(self, timeout_s: float) -> None:
        """Lets the requests under way finish."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)

    def _start(self, row: Row) -> None:
        self._busy.add(row.id)
        task = asyncio.create_task(self._deliver(row), name=f"send {row.id}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(row, done))

    def _ended(self, row: Row, task: asyncio.Task[None]) -> None:
        self._busy.discard(row.id)
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("send_failed", outbox=row.id, exc_info=task.exception())
        self._bell.set()

    async def _deliver(self, row: Row) -> None:
        now = self._clock.now()
        deadline = now + timedelta(seconds=self._settings.claim_s)
        claimed = await self._db.write(self._claim, row, now, deadline)
        if claimed is None:
            return
        await points.reach_async(points.CLAIMED, row.conversation_id)
        settle = await self._request(claimed, deadline)
        await points.reach_async(points.IN_REQUEST, row.conversation_id)
        await written(self._db, settle)
        await self._learn_who_it_was(claimed)
        await self._tell_echoes_apart()

    def _claim(self, tx: Connection, row: Row, now: datetime, deadline: datetime) -> Claimed | None:
        account = accounts.get(tx, row.account_id)
        try_until = self._take_the_try(tx, row, account, now)
        tries = try_until is not None
        claimed = outbox.claim(
            tx, row, claimer=self._holder, now=now, deadline=deadline, tries=tries, may_go=self._numbers.take
        )
        if claimed is None:
            if try_until is not None:
                pauses.let_another_try(tx, account, try_until)
            gone = outbox.states_of(tx, [row.id])[row.id] in (OutboxState.WITHDRAWN, OutboxState.EXPIRED)
            if gone and row.author is Author.BOT and row.lane is Lane.MESSAGE:
                hearing.left_unanswered(tx, row.conversation_id, now)
            return None
        conversation = conversations.get(tx, row.conversation_id)
        return Claimed(
            row=claimed,
            account=account,
            try_until=try_until,
            credentials=accounts.credentials(tx, self._vault, account.id),
            addresses=contacts.addresses_of(tx, conversation.contact_id),
            window_open=window.is_open(conversation.last_inbound_at, now),
            human_agent=window.as_a_person(account, conversation.last_inbound_at, now),
        )

    def _take_the_try(self, tx: Connection, row: Row, account: Account, now: datetime) -> datetime | None:
        """Where the account's pause is over: until when this row alone may try whether it goes on."""
        if account.paused_until is None or row.lane is not Lane.MESSAGE:
            return None
        until = now + timedelta(seconds=self._settings.claim_s + self._settings.request_timeout_s)
        return until if pauses.take_the_try(tx, account.id, now, until) else None

    async def _request(self, claimed: Claimed, deadline: datetime) -> Callable[[Connection], object]:
        """Makes the one request; gives the transaction that writes down what became of it."""
        row = claimed.row

        def check() -> None:
            if self._clock.now() >= deadline:
                raise SendError("the claim's time was over before the request began", retryable=True)

        outgoing = Outgoing(
            account=claimed.account.provider_id,
            token=self._token(claimed),
            addresses=claimed.addresses,
            body=row.body,
            opaque=str(row.id),
            check=check,
            node=claimed.account.channel_settings.page_id,
            author=row.author,
            window_open=claimed.window_open,
            human_agent=claimed.human_agent,
            learn=claimed.told.extend,
        )
        try:
            if self._uploading is not None:
                outgoing = replace(outgoing, body=await self._uploading.ready(claimed.account.id, row.body))
            if self._personas is not None and row.author is Author.OPERATOR and row.message_id is not None:
                persona = await self._personas.of_message(claimed.account, row.message_id)
                outgoing = replace(outgoing, persona=persona)
            provider_id = await self._channels[claimed.account.channel.value].send(outgoing)
        except SendError as error:
            return functools.partial(self._settle_failure, claimed=claimed, error=error)
        except asyncio.CancelledError:
            raise  # the claim stays; whoever comes next finds it overdue and unknown
        except Exception as error:
            log.error("send_broke", outbox=row.id, exc_info=error)
            unknown = SendError(type(error).__name__, unknown=True)
            return functools.partial(self._settle_failure, claimed=claimed, error=unknown)
        return functools.partial(self._settle_sent, claimed=claimed, provider_id=provider_id)

    def _token(self, claimed: Claimed) -> str:
        token, secrets = claimed.credentials.token or _NO_TOKEN, claimed.credentials.secrets
        return proof.proven(claimed.account, token, secrets, self._default_secret)

    def _settle_sent(self, tx: Connection, claimed: Claimed, provider_id: str | None) -> None:
        account = claimed.account
        if claimed.row.lane is Lane.MESSAGE and (account.fault is not None or account.paused_until is not None):
            pauses.go_on(tx, account.id)
            if account.fault is not None:
                notices.add(tx, "account", None, {"account": account.id, "fault": None}, self._clock.now())
        row = outbox.where_it_is(tx, claimed.row)
        outbox.settle(tx, row, OutboxState.SENT, now=self._clock.now(), provider_id=provider_id)

    def _settle_failure(self, tx: Connection, claimed: Claimed, error: SendError) -> None:
        if claimed.try_until is not None:  # what was wrong with this one message is not what the others wait for
            pauses.let_another_try(tx, claimed.account, claimed.try_until)
        row = outbox.where_it_is(tx, claimed.row)
        failing.settle(tx, row, claimed.account, error, self._settings, self._clock.now())

    async def _learn_who_it_was(self, claimed: Claimed) -> None:
        """The answer names the number and the id of who was written to: both may be new, or another contact's."""
        if set(claimed.told) <= set(claimed.addresses):
            return
        try:
            await self._db.write(merging.learned, claimed.account.id, claimed.told, self._clock.now())
        except Exception as error:  # it is told again, with what becomes of the message
            log.error("not_learned", outbox=claimed.row.id, exc_info=error)

    async def _tell_echoes_apart(self) -> None:
        """Those that waited for a request which is settled now."""
        for conversation_id in await self._db.read(held_echoes.conversations_with):
            settle = (echoes_held.settle, conversation_id, self._clock.now(), self._channels, self._vault)
            await self._db.write(*settle)

    async def _look_after_the_unknown(self) -> None:
        await self._tell_echoes_apart()
        await self._settle_what_others_left()
        await self._send_once_more_what_no_witness_saw()

    async def _settle_what_others_left(self) -> None:
        """Claims of a process that is gone: its request may have been made, so nobody makes it again blindly."""
        overdue = self._clock.now() - timedelta(seconds=self._settings.request_timeout_s + 5)
        for row in await self._db.read(witnesses.left_behind, self._holder, overdue):
            now = self._clock.now()
            if await self._db.write(outbox.settle, row, OutboxState.UNKNOWN, now=now, error="the sender was gone"):
                log.warning("send_unknown", outbox=row.id, conversation=row.conversation_id)

    async def _send_once_more_what_no_witness_saw(self) -> None:
        now = self._clock.now()
        long_ago = now - timedelta(seconds=self._settings.witness_s)
        for row in await self._db.read(witnesses.unwitnessed, long_ago, now):
            if await self._db.write(witnesses.send_once_more, row, now):
                log.warning("sent_once_more", outbox=row.id, conversation=row.conversation_id)
