"""Whether an account is ready for real customers: every step that a message passes, looked at in order.

It is asked from where it runs: the command line, or the gateway. Nothing is changed by it, but for a test message that
somebody asked for.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.agent import AgentStatus
from conversation.checks import TOPICS, Callback, Checked, Place, Step, Verdict, failed, ok, skipped
from conversation.errors import SendError
from conversation.platform_facts import PlatformFacts
from conversation.said import say
from runtime.abilities import Reach, ReachOf
from runtime.clock import Clock
from store import agents, deeds, traffic
from store.database import Database

#: A report of a test message comes within seconds, or not at all.
_REPORT_WITHIN_S, _LOOK_S = 20.0, 0.2


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A message to `to`. `template` and its language; without one Meta's own `hello_world`, then plain words."""

    to: str
    template: str | None = None
    language: str = "en_US"


class Asker(Protocol):
    async def walk(self, reach: Reach, callback: Callback, now: datetime) -> tuple[list[Step], PlatformFacts]:
        """The steps from the token on, by the channel's own word."""
        ...


class AddressWalk(Protocol):
    async def walk(self, callback: Callback) -> list[Step]:
        """The steps from the name to the size of bodies."""
        ...


class Secrets(Protocol):
    @property
    def verify_token(self) -> str: ...

    async def secrets(self, channel: str, *, fresh: bool = False) -> Mapping[str, tuple[str, ...]]: ...


class Sender(Protocol):
    async def test_send(self, reach: Reach, test: Trial) -> str:
        """The provider's id of what was sent. Raises `SendError`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Where:
    """`public_url`: BATON_PUBLIC_URL; `own_address`: where the gateway listens on this machine."""

    public_url: str | None
    own_address: str


class Checking:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        secrets: Secrets,
        reach: ReachOf,
        address: AddressWalk,
        askers: Mapping[Channel, Asker],
        sender: Sender,
        where: Where,
    ) -> None:
        self._db, self._clock, self._secrets, self._reach = db, clock, secrets, reach
        self._address, self._askers, self._sender, self._where = address, askers, sender, where

    async def check(self, account_id: str, test: Trial | None = None) -> Checked:
        reach = await self._reach(account_id)
        account = reach.account
        callback = await self._callback(account)
        steps = [
            await self._db.read(_account, account, reach.token is not None),
            _public_address(self._where.public_url, account),
        ]
        if steps[-1].verdict is Verdict.FAILED:
            why = say("The address comes first.")
            after = (Place.NAME, Place.CONNECTION, Place.HANDSHAKE, Place.SIGNATURE, Place.SIZE)
            steps += [skipped(place, why) for place in after]
        else:
            steps += await self._address.walk(callback)
        asked, meta = await self._askers[account.channel].walk(reach, callback, self._clock.now())
        steps += asked
        steps.append(await self._send(reach, test, steps))
        webhook_at, sent_at = await self._db.read(_last, account)
        return Checked(steps=steps, last_webhook_at=webhook_at, last_sent_at=sent_at, meta=meta)

    async def _callback(self, account: Account) -> Callback:
        channel = account.channel.value
        base = self._where.own_address if account.emulated else (self._where.public_url or "").rstrip("/")
        return Callback(
            url=f"{base}/webhooks/{channel}/webhook",
            topic=TOPICS[channel],
            verify_token=self._secrets.verify_token,
            secrets=(await self._secrets.secrets(channel, fresh=True)).get(account.provider_id, ()),
            is_public=not account.emulated,
        )

    async def _send(self, reach: Reach, test: Trial | None, before: list[Step]) -> Step:
        if test is None:
            return skipped(Place.SEND, say("Nobody was named to write to: `--to +5511…`."))
        if reach.account.channel is not Channel.WHATSAPP:
            return skipped(Place.SEND, say("Only on WhatsApp can a business write first."))
        late = {step.place for step in before if step.verdict is Verdict.FAILED}
        if late & {Place.ACCOUNT, Place.TOKEN, Place.PERMISSIONS, Place.NUMBER}:
            return skipped(Place.SEND, say("What failed before comes first."))
        began = self._clock.now()
        try:
            sent = await self._sender.test_send(reach, test)
        except SendError as error:
            if error.unknown:
                await self._db.write(deeds.nothing_of_ours)
            return _not_sent(error.error_code, str(error))
        await self._db.write(deeds.nothing_of_ours)
        if late:
            return ok(Place.SEND, say("Meta took it; its report is not waited for, since what failed comes first."))
        return await self._reported(reach.account, sent, began)

    async def _reported(self, account: Account, sent: str, began: datetime) -> Step:
        """A status that fails is one too: the webhook has come."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _REPORT_WITHIN_S
        while loop.time() < until:
            reports = await self._db.read(traffic.reports_on, account.id, sent, began)
            for report in reports:
                if report.get("status") == "failed":
                    first = next((e for e in report.get("errors") or [] if isinstance(e, dict)), {})
                    code = first.get("code")
                    return _not_sent(code if isinstance(code, int) else None, f"({code})")
            if reports:
                return ok(Place.SEND, say("A message left, and its report came back."))
            await asyncio.sleep(_LOOK_S)
        return failed(
            Place.SEND,
            say("Meta took the message, and no report of it has come."),
            say("Webhooks do not arrive: is the app Live, is the account subscribed, does another app get them?"),
        )


def _account(tx: Connection, account: Account, has_token: bool) -> Step:
    place = Place.ACCOUNT
    if not account.active:
        on = say("Switch it on: `./baton account set ID --active on`.")
        return failed(place, say("{account} is switched off here.", account=account.name), on)
    agent = agents.get(tx, account.agent_id)
    if agent.status is not AgentStatus.ACTIVE:
        on = say("Switch it on: `./baton agent set {agent} --status active`.", agent=agent.name)
        return failed(place, say("The agent {agent} is switched off here.", agent=agent.name), on)
    if not has_token:
        told = say("Give it: `./baton account set ID --token -`.")
        return failed(place, say("{account} has no access token.", account=account.name), told)
    silent = say("Only people answer there: `./baton account set ID --auto-response on` lets the assistant.")
    found = say("{account} is switched on, and {agent} answers.", account=account.name, agent=agent.name)
    return ok(place, found, None if account.auto_response else silent)


def _public_address(public_url: str | None, account: Account) -> Step:
    place = Place.ADDRESS
    if account.emulated:
        return skipped(place, say("Emulated: everything stays on this machine."))
    cure = say("Set BATON_PUBLIC_URL=https://your.domain for Baton and for this command, and start Baton again.")
    if not public_url:
        return failed(place, say("BATON_PUBLIC_URL is not set."), cure)
    parts = urlsplit(public_url)
    if parts.scheme != "https":
        return failed(place, say("BATON_PUBLIC_URL is not https: {url}.", url=public_url), cure)
    if is_private_host(parts.hostname or ""):
        return failed(place, say("BATON_PUBLIC_URL is not reached from outside: {url}.", url=public_url), cure)
    if parts.path.strip("/") or parts.query or parts.fragment:
        told = say("BATON_PUBLIC_URL is more than a name: {url}.", url=public_url)
        return failed(place, told, say("Give Baton a name of its own, with nothing after it."))
    return ok(place, say("Meta is to call {url}.", url=public_url))


def is_private_host(host: str) -> bool:
    """By how it is written: a single word, an ending that DNS never has, a number of a network at home."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan", ".home.arpa"))


def _not_sent(code: int | None, why: str) -> Step:
    cures = {
        131030: say("A test number writes to five people at most: add the number in the app, API setup, To."),
        131042: say("WhatsApp Manager, Billing: add a card, and make it that of this account."),
        131047: say("Let them write first, or name an approved template: `--template NAME`."),
        132001: say("There is no such template: `--template NAME`, or let them write first."),
        133010: say("Register it with a PIN of six digits: `./baton account register ID --pin -`."),
    }
    told = say("Look the number up in Meta's list of errors of the Cloud API.")
    return failed(Place.SEND, say("The message was not taken: {why}", why=why), cures.get(code or 0, told))


def _last(tx: Connection, account: Account) -> tuple[datetime | None, datetime | None]:
    return traffic.last_webhook_at(tx, account.id), traffic.last_sent_at(tx, account.id)
