"""Tells open pages what happened, by Server-Sent Events that can be taken up again where they were left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque

from aiohttp import web

from emulator.fields import Json

_KEPT = 2000
_QUIET_S = 15.0


class Listener:
    """One open page and the phones on it."""

    def __init__(self, phones: frozenset[str]) -> None:
        self.phones = phones
        self.queue: asyncio.Queue[tuple[int, str, Json] | None] = asyncio.Queue(maxsize=_KEPT)
        self.lost = False

    def wants(self, kind: str, event: Json) -> bool:
        """Traffic is shown whole, also what is about phones that are not on the page."""
        return kind == "request" or "customer" not in event or event["customer"] in self.phones


class Feed:
    """Numbered events, the newest of them kept, so that a page that was away misses none."""

    def __init__(self) -> None:
        self._epoch = secrets.token_hex(4)
        self._events: deque[tuple[int, str, Json]] = deque(maxlen=_KEPT)
        self._listeners: set[Listener] = set()
        self._last = 0

    @property
    def cursor(self) -> str:
        return f"{self._epoch}-{self._last}"

    def tell(self, kind: str, event: Json) -> None:
        self._last += 1
        numbered = (self._last, kind, event)
        self._events.append(numbered)
        for listener in self._listeners:
            if listener.wants(kind, event):
                try:
                    listener.queue.put_nowait(numbered)
                except asyncio.QueueFull:
                    listener.lost = True

    @property
    def anybody(self) -> bool:
        """Whether a page is open: traffic is told to open pages only, its history is in the logs."""
        return bool(self._listeners)

    def close(self) -> None:
        for listener in self._listeners:
            with contextlib.suppress(asyncio.QueueFull):
                listener.queue.put_nowait(None)
            listener.lost = True

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`?phones=a,b&after=CURSOR`; a browser that reconnects sends its cursor as Last-Event-ID."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        listener = Listener(frozenset(request.query.get("phones", "").split(",")))
        cursor = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        self._listeners.add(listener)
        try:
            with contextlib.suppress(ConnectionError):
                await self._stream(response, listener, cursor)
        finally:
            self._listeners.discard(listener)
        return response

    async def _stream(self, response: web.StreamResponse, listener: Listener, cursor: str) -> None:
        missed = self._missed(cursor)
        if missed is None:
            await response.write(self._frame(self._last, "reload", {}))
        for number, kind, event in missed or ():
            if listener.wants(kind, event):
                await response.write(self._frame(number, kind, event))
        while not listener.lost:
            try:
                numbered = await asyncio.wait_for(listener.queue.get(), _QUIET_S)
            except asyncio.TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if numbered is None:
                return
            await response.write(self._frame(*numbered))
        # It fell behind: ending makes the browser come back with its last cursor.

    def _missed(self, cursor: str) -> list[tuple[int, str, Json]] | None:
        epoch, _, number = cursor.partition("-")
        if epoch != self._epoch or not number.isdigit():
            return None
        after = int(number)
        if self._events and after < self._events[0][0] - 1:
            return None
        return [event for event in self._events if event[0] > after]

    def _frame(self, number: int, kind: str, event: Json) -> bytes:
        return f"id: {self._epoch}-{number}\nevent: {kind}\ndata: {json.dumps(event)}\n\n".encode()
