"""The numbered record of every Graph request that arrived; leak and loss figures are taken from it.

A request gets its number when its body has been read, so a reader that goes on from the last number it
saw misses none; `received_ns` was taken before that, when its handler started. `answered_ns` stays null
until the answer has been written, and for good when it never was (dropped, or the caller went away).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from emulator.fields import Json

_SECRETS = frozenset({"client_secret", "access_token", "code"})


@dataclass(kw_only=True)
class Entry:
    """One request. Times are `time.monotonic_ns()` of this machine. The bearer token is never kept."""

    n: int = 0
    at_ms: int  # the clock on the wall, for people; not for figures
    received_ns: int
    answered_ns: int | None = None
    method: str
    path: str
    account: str | None = None
    to: str | None = None
    customer: str | None = None  # the phone of whom an accepted message is for
    kind: str = "other"
    text: str | None = None
    body: Any = None
    opaque: str | None = None
    token_ok: bool = False
    status: int | None = None  # the HTTP code decided on; it reached the caller if answered_ns is set
    id: str | None = None
    cut: str | None = None  # "fault": we cut it; "caller": the caller had gone
    code: int | None = None  # of the Graph error it was answered with
    answer: Any = field(default=None, repr=False)  # shown to who asks for it

    def shown(self, *, whole: bool = False) -> Json:
        shown = dict(self.__dict__)
        shown["answer"] = without_secrets(self.answer)
        if not whole:
            del shown["answer"]
        return shown


def without_secrets(body: Any) -> Any:
    """A login's form, as it is kept."""
    if not isinstance(body, dict) or not _SECRETS & body.keys():
        return body
    return {key: "(not kept)" if key in _SECRETS else value for key, value in body.items()}


class Journal:
    """Keeps the newest `limit` entries and counts the ones it had to let go."""

    def __init__(self, limit: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._waiting: set[asyncio.Future[None]] = set()
        self.last = 0
        self.dropped = 0
        self.reading = 0  # arrived, body not read yet, so not numbered yet
        self.unanswered = 0  # numbered, answer not written yet

    def add(self, entry: Entry) -> None:
        if len(self._entries) == self._entries.maxlen:
            self.dropped += 1
        self.last += 1
        entry.n = self.last
        self._entries.append(entry)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    def after(self, n: int, kinds: frozenset[str], account: str | None) -> list[Entry]:
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.n <= n:
                break
            if (not kinds or entry.kind in kinds) and (account is None or entry.account == account):
                found.append(entry)
        found.reverse()
        return found

    async def wait_after(self, n: int, kinds: frozenset[str], account: str | None, wait_ms: int) -> list[Entry]:
        """What came after `n`; if there is none yet, the first that comes within `wait_ms`."""
        deadline = time.monotonic() + wait_ms / 1000
        found = self.after(n, kinds, account)
        while not found:
            seen, left = self.last, deadline - time.monotonic()
            if left <= 0 or not await self._next(left):
                break
            found = self.after(max(n, seen), kinds, account)
        return found

    def resize(self, limit: int) -> None:
        if limit != self._entries.maxlen:
            self.dropped += max(0, len(self._entries) - limit)
            self._entries = deque(self._entries, maxlen=limit)

    def clear(self, *, renumber: bool = False) -> None:
        """Forgets the entries; numbers go on, so that readers stay right, unless all starts anew."""
        self._entries.clear()
        self.dropped = 0
        if renumber:
            self.last = 0

    async def _next(self, timeout: float) -> bool:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        done, _ = await asyncio.wait({waiter}, timeout=timeout)
        self._waiting.discard(waiter)
        return bool(done)
