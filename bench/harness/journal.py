"""The emulator's record of the requests that arrived, followed live and read whole at the end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

_PAGE = 10_000


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that reached Meta's stand-in. Times are `time.monotonic_ns()`, which is one clock on this machine."""

    n: int
    received_ns: int
    answered_ns: int | None
    account: str
    kind: str
    to: str | None  # what the account knows the customer by: a phone number, or an id of its own
    text: str | None
    opaque: str | None  # the id of our outbox row; signals have none
    message_id: str | None  # what a read receipt or typing sign is about
    method: str = "POST"
    accepted: bool = True  # Meta took it, whether or not its answer came through

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Request:
        body = entry["body"] if isinstance(entry["body"], dict) else {}
        return cls(
            n=entry["n"],
            received_ns=entry["received_ns"],
            answered_ns=entry["answered_ns"],
            account=entry["account"] or "",
            kind=entry["kind"],
            to=entry["to"].lstrip("+") if entry["to"] else None,
            text=entry["text"],
            opaque=entry["opaque"],
            message_id=body.get("message_id"),
            method=entry["method"],
            accepted=entry["status"] == 200,
        )


class Journal:
    """`follow()` keeps it up to date; `arrived(...)` waits for a request; `whole()` is what to judge by."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str) -> None:
        self._http, self._url = http, f"{base_url}/emulator/requests"
        self._of_account: dict[str, list[Request]] = defaultdict(list)
        self._waiting: dict[str, list[tuple[Callable[[Request], bool], asyncio.Future[Request]]]] = defaultdict(list)
        self._last = 0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            for request in await self._page(self._last, wait_ms=5000):
                self._last = request.n
                self._of_account[request.account].append(request)
                self._tell(request)

    def so_far(self, account: str) -> Sequence[Request]:
        """This account's, as far as they were followed."""
        return self._of_account[account]

    async def arrived(self, account: str, which: Callable[[Request], bool], timeout_s: float) -> Request | None:
        """The first such request of this account, seen already or still to come; None if none came in time."""
        for request in self._of_account[account]:
            if which(request):
                return request
        coming: asyncio.Future[Request] = asyncio.get_running_loop().create_future()
        waiter = (which, coming)
        self._waiting[account].append(waiter)
        try:
            return await asyncio.wait_for(coming, timeout_s)
        except asyncio.TimeoutError:
            return None
        finally:
            self._waiting[account].remove(waiter)

    async def whole(self) -> list[Request]:
        """Everything so far, read anew: what was unanswered when it was followed may be answered now."""
        found: list[Request] = []
        while page := await self._page(found[-1].n if found else 0, wait_ms=0):
            found += page
        return found

    def _tell(self, request: Request) -> None:
        for which, coming in self._waiting[request.account]:
            if not coming.done() and which(request):
                coming.set_result(request)

    async def _page(self, after: int, *, wait_ms: int) -> list[Request]:
        query = {"after": after, "wait_ms": wait_ms, "limit": _PAGE}
        async with self._http.get(self._url, params=query) as response:
            response.raise_for_status()
            answer = await response.json()
        if answer["dropped"]:
            raise RuntimeError("the emulator's journal was too small; its limit is journal_limit")
        return [Request.from_entry(entry) for entry in answer["items"]]
