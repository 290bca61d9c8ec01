"""Posts signed webhooks to the product, repeats those not answered with 200, and keeps a log of all."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import aiohttp

from emulator import posting, signature
from emulator.clock import clock
from emulator.faults import FaultBook
from emulator.fields import Json
from emulator.gathering import Gathering
from emulator.parcels import Outcome, Parcel
from emulator.people import Account
from emulator.retries import KEPT_FOR_DAYS, KEPT_S, wait_ms
from emulator.settings import Settings
from emulator.subscriptions import Subscriptions
from emulator.undelivered import Undelivered
from emulator.webhook_faults import Mishap

__all__ = ["Outcome", "Webhooks"]

_LOG_KEPT = 2000
_BODY_KEPT = 20_000
_SIGNATURE_SHOWN = 15  # sha256= and a little of what follows


class Webhooks:
    """The way from here to the product."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: Callable[[], Settings],
        subscriptions: Subscriptions,
        told: Callable[[Json], None],
        faults: FaultBook | None = None,
    ) -> None:
        self._faults = faults or FaultBook()
        self._gathering = Gathering(self._faults, self._first)
        self._repeated: list[Parcel] = []
        self._http = http
        self._settings = settings
        self._subscriptions = subscriptions
        self._undelivered = Undelivered(self._brought, settings)
        self._told = told
        self._log: deque[Json] = deque(maxlen=_LOG_KEPT)
        self._retrying: set[asyncio.Task[None]] = set()
        self._whole: dict[int, tuple[Account, bytes, str]] = {}  # by the log's number, to be posted again
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
        parcel = Parcel(
            account=account,
            body=body,
            key=key,
            about=about,
            retries=retries,
            accepted=accepted,
            since_s=clock.time(),
            outcome=asyncio.get_running_loop().create_future(),
        )
        if self._faults.of(account.id).webhooks.gather > 1:
            self._gathering.put(parcel)
        else:
            await self._first(parcel)
        assert parcel.outcome is not None
        return await parcel.outcome

    async def again(self, n: int) -> Outcome | None:
        """Once more what the log has under this number, signed anew."""
        entry = next((entry for entry in self._log if entry["n"] == n), None)
        if entry is None or n not in self._whole:
            return None
        account, body, key = self._whole[n]
        parcel = Parcel(account=account, body=body, key=key, about=f"{entry['about']} (by hand)", retries=_never)
        return await self._attempt(parcel)

    def bring_late(self, account: Account, bodies: Sequence[bytes], *, about: str) -> None:
        """What nobody took for a while, from now on until it is taken."""
        key = self.secret_of(account)
        parcels = [
            Parcel(account=account, body=body, key=key, about=about, retries=_always, since_s=clock.time())
            for body in bodies
        ]
        self._undelivered.keep(account, parcels, wait_first=False)

    async def handshake(self, account: Account, challenge: str, token: str | None) -> Outcome:
        """GET with `hub.*`; the answer has to be the challenge [Graph docs: webhooks getting started]."""
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": self._settings().verify_token if token is None else token,
        }
        return await posting.ask(
            self._http, "GET", self.url(account), self._settings().webhook_timeout_ms, params=query
        )

    def log(self, after: int) -> list[Json]:
        return [entry for entry in self._log if entry["n"] > after]

    @property
    def pending(self) -> int:
        return len(self._retrying)

    @property
    def undelivered(self) -> int:
        return self._undelivered.count

    def waiting(self) -> list[Json]:
        """What is to be tried again, the next one first."""
        waiting = [parcel.shown() for parcel in [*self._repeated, *self._undelivered.waiting()]]
        return sorted(waiting, key=lambda one: one["next_ms"] or 0)

    def given_up(self) -> list[Json]:
        return [parcel.shown() for parcel in self._undelivered.given_up]

    @property
    def last(self) -> int:
        return self._last

    def clear(self) -> None:
        self.stop()
        self._log.clear()
        self._whole.clear()
        self._undelivered.given_up.clear()

    def stop(self) -> None:
        self._gathering.stop()
        self._undelivered.stop()
        for task in list(self._retrying):
            task.cancel()

    async def _first(self, parcel: Parcel) -> None:
        mishap = self._faults.of(parcel.account.id).mishap()
        copies = [self._attempt(parcel, mishap) for _ in range(mishap.copies)]
        outcomes = await asyncio.gather(*copies)
        parcel.came(outcomes[0])
        if all(outcome.status != 200 for outcome in outcomes) and parcel.next_ms is not None:
            task = asyncio.create_task(self._repeat(parcel))
            self._retrying.add(task)
            task.add_done_callback(self._retrying.discard)

    async def _repeat(self, parcel: Parcel) -> None:
        """Less and less often. When the plan of the desk is over, WhatsApp's are kept and tried now and then."""
        self._repeated.append(parcel)
        try:
            while parcel.next_ms is not None:
                await clock.wait(parcel.next_ms - clock.now_ms())
                if not parcel.retries() or not self._subscriptions.is_on(parcel.account):
                    return
                if clock.time() - parcel.since_s > KEPT_S:
                    self._undelivered.give_up(parcel)
                    return
                mishap = self._faults.of(parcel.account.id).mishap()
                if (await self._attempt(parcel, mishap)).status == 200:
                    return
        finally:
            self._repeated = [one for one in self._repeated if one is not parcel]
        if parcel.account.channel in KEPT_FOR_DAYS:
            self._undelivered.keep(parcel.account, [parcel])

    async def _brought(self, parcel: Parcel) -> bool:
        return (await self._attempt(parcel, self._faults.of(parcel.account.id).mishap())).status == 200

    async def _attempt(self, parcel: Parcel, mishap: Mishap | None = None) -> Outcome:
        account, body, key, mishap = parcel.account, parcel.body, parcel.key, mishap or Mishap()
        headers = {"Content-Type": "application/json", "User-Agent": "emulator"}
        if key:
            headers.update(signature.headers(body, key))
        parcel.attempts += 1
        attempt = parcel.attempts
        outcome = await self._posted(account, body, headers, mishap)
        well = outcome.status == 200
        wait = None if well or not parcel.retries() else wait_ms(self._settings(), account.channel, parcel.attempts)
        parcel.next_ms = None if wait is None else clock.now_ms() + wait
        if well and parcel.accepted is not None:
            parcel.accepted()
        self._note(parcel, attempt, headers, outcome)
        self._subscriptions.told(account, well=well)
        if well:
            self._undelivered.product_is_back(account)
        return outcome

    async def _posted(self, account: Account, body: bytes, headers: dict[str, str], mishap: Mishap) -> Outcome:
        url, timeout_ms = self.url(account), self._settings().webhook_timeout_ms
        if mishap.cut:
            return await posting.cut_off(url, body, headers, mishap.cut, timeout_ms)
        if mishap.bytes_per_s:
            sized = {**headers, "Content-Length": str(len(body))}
            slow = posting.slowly(body, mishap.bytes_per_s)
            return await posting.ask(self._http, "POST", url, timeout_ms, data=slow, headers=sized)
        return await posting.ask(self._http, "POST", url, timeout_ms, data=body, headers=headers)

    def _note(self, parcel: Parcel, attempt: int, headers: dict[str, str], outcome: Outcome) -> None:
        self._last += 1
        entry = {
            "n": self._last,
            "at_ms": clock.now_ms(),
            "ended_ns": time.monotonic_ns(),
            "account": parcel.account.id,
            "about": parcel.about,
            "attempt": attempt,
            "status": outcome.status,
            "ms": outcome.ms,
            "problem": outcome.problem,
            "next_ms": parcel.next_ms,
            "headers": {name: _shortened(name, value) for name, value in headers.items()},
            "answer": outcome.answer[:1000],
            "body": parcel.body[:_BODY_KEPT].decode("utf-8", "replace"),
        }
        if len(self._log) == self._log.maxlen:
            self._whole.pop(self._log[0]["n"], None)
        self._log.append(entry)
        self._whole[self._last] = parcel.account, parcel.body, parcel.key
        self._told(entry)


def _always() -> bool:
    return True


def _never() -> bool:
    return False


def _shortened(name: str, value: str) -> str:
    """A signature proves who knows the secret: enough of it to see that it is there."""
    return value[:_SIGNATURE_SHOWN] + "…" if name.lower().startswith("x-hub-signature") else value
