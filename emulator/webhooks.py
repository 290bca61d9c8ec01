"""Posts signed webhooks to the product, repeats those not answered with 200, and keeps a log of all."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from emulator import signature
from emulator.fields import Json
from emulator.people import Account
from emulator.settings import Settings
from emulator.subscriptions import Subscriptions
from emulator.undelivered import Parcel, Undelivered
from emulator.waiting import at_least

_LOG_KEPT = 2000
_BODY_KEPT = 20_000
_KEPT_FOR_DAYS = frozenset({"whatsapp"})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one attempt went. `status` 0: no answer at all, `problem` says why."""

    status: int
    ms: float
    problem: str = ""
    answer: str = ""


class Webhooks:
    """The way from here to the product."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: Callable[[], Settings],
        subscriptions: Subscriptions,
        told: Callable[[Json], None],
    ) -> None:
        self._http = http
        self._settings = settings
        self._subscriptions = subscriptions
        self._undelivered = Undelivered(self._brought, settings)
        self._told = told
        self._log: deque[Json] = deque(maxlen=_LOG_KEPT)
        self._retrying: set[asyncio.Task[None]] = set()
        self._last = 0

    def url(self, account: Account) -> str:
        return f"{self._settings().webhook_base}/webhooks/{account.channel}/webhook"

    def secret_of(self, account: Account) -> str:
        return account.app_secret or self._settings().app_secret

    async def post(
        self,
        account: Account,
        body: bytes,
        *,
        about: str,
        retries: Callable[[], bool],
        secret: str | None = None,
        accepted: Callable[[], None] | None = None,
        always: bool = False,
    ) -> Outcome:
        """One attempt, answered for; if it fails the repeats go on by themselves while `retries` says so.

        Nothing is posted for an account that is not subscribed, unless `always`. Without any secret the body
        goes unsigned. `about` is what the log calls it."""
        if not always and not self._subscriptions.is_on(account):
            return Outcome(status=0, ms=0.0, problem="the product is not subscribed")
        key = self.secret_of(account) if secret is None else secret
        parcel = Parcel(account=account, body=body, key=key, about=about, retries=retries, accepted=accepted)
        outcome = await self._attempt(parcel)
        if outcome.status != 200 and retries() and self._settings().retry_times:
            task = asyncio.create_task(self._repeat(parcel))
            self._retrying.add(task)
            task.add_done_callback(self._retrying.discard)
        return outcome

    def bring_late(self, account: Account, bodies: Sequence[bytes], *, about: str) -> None:
        """What nobody took for a while, from now on until it is taken."""
        key = self.secret_of(account)
        parcels = [Parcel(account=account, body=body, key=key, about=about, retries=_always) for body in bodies]
        self._undelivered.keep(account, parcels, wait_first=False)

    async def handshake(self, account: Account, challenge: str, token: str | None) -> Outcome:
        """GET with `hub.*`; the answer has to be the challenge [Graph docs: webhooks getting started]."""
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": self._settings().verify_token if token is None else token,
        }
        return await self._ask("GET", self.url(account), params=query)

    def log(self, after: int) -> list[Json]:
        return [entry for entry in self._log if entry["n"] > after]

    @property
    def pending(self) -> int:
        return len(self._retrying)

    @property
    def undelivered(self) -> int:
        return self._undelivered.count

    @property
    def last(self) -> int:
        return self._last

    def clear(self) -> None:
        self.stop()
        self._log.clear()

    def stop(self) -> None:
        self._undelivered.stop()
        for task in list(self._retrying):
            task.cancel()

    async def _repeat(self, parcel: Parcel) -> None:
        """Less and less often, as Meta does, but only a few times; WhatsApp's are kept then."""
        settings = self._settings()
        wait_ms = min(settings.retry_first_ms, settings.retry_longest_ms)
        for _ in range(settings.retry_times):
            await at_least(wait_ms)
            wait_ms = min(wait_ms * 2, settings.retry_longest_ms)
            if not parcel.retries() or not self._subscriptions.is_on(parcel.account):
                return
            if (await self._attempt(parcel)).status == 200:
                return
        if parcel.account.channel in _KEPT_FOR_DAYS:
            self._undelivered.keep(parcel.account, [parcel])

    async def _brought(self, parcel: Parcel) -> bool:
        return (await self._attempt(parcel)).status == 200

    async def _attempt(self, parcel: Parcel) -> Outcome:
        account, body, key = parcel.account, parcel.body, parcel.key
        headers = {"Content-Type": "application/json", "User-Agent": "emulator"}
        if key:
            headers.update(signature.headers(body, key))
        outcome = await self._ask("POST", self.url(account), data=body, headers=headers)
        well, parcel.attempts = outcome.status == 200, parcel.attempts + 1
        if well and parcel.accepted is not None:
            parcel.accepted()
        self._note(account, body, parcel.about, parcel.attempts, outcome)
        self._subscriptions.told(account, well=well)
        if well:
            self._undelivered.product_is_back(account)
        return outcome

    async def _ask(self, method: str, url: str, **options: Any) -> Outcome:
        started = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=self._settings().webhook_timeout_ms / 1000)
        try:
            # Never followed: a redirect could lead off this machine.
            async with self._http.request(method, url, timeout=timeout, allow_redirects=False, **options) as response:
                answer = (await response.content.read(_BODY_KEPT)).decode("utf-8", "replace")
                return Outcome(status=response.status, ms=_ms_since(started), answer=answer)
        except asyncio.TimeoutError:
            return Outcome(status=0, ms=_ms_since(started), problem="no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(status=0, ms=_ms_since(started), problem=_plainly(error))

    def _note(self, account: Account, body: bytes, about: str, attempt: int, outcome: Outcome) -> None:
        self._last += 1
        entry = {
            "n": self._last,
            "at_ms": int(time.time() * 1000),
            "ended_ns": time.monotonic_ns(),
            "account": account.id,
            "about": about,
            "attempt": attempt,
            "status": outcome.status,
            "ms": outcome.ms,
            "problem": outcome.problem,
            "body": body[:_BODY_KEPT].decode("utf-8", "replace"),
        }
        self._log.append(entry)
        self._told(entry)


def _always() -> bool:
    return True


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 2)


def _plainly(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return "nothing listens there"
    return "the connection broke"
