"""Posts prepared webhooks and notes when each was answered: at times fixed in advance, whatever the server does, or
with so many under way at any time.

    python -m bench.load.poster PLAN.json

A process of its own, so that nothing the bench does delays it, with an HTTP client of a few lines, so that it
takes little of the machine it measures on. A latency counted from the scheduled time holds the wait that a busy
server puts on others too; what the generator itself was late is in it as well, and told apart as `sent -
scheduled`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HEAD_START_S = 0.3
_CONNECTIONS_AT_FIRST = 16
#: How long the last ones may take.
_PATIENCE_S = 60.0


class Connection(asyncio.Protocol):
    """One request at a time, over a connection that is kept."""

    def __init__(self, idle: list[Connection]) -> None:
        self._idle = idle
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, request: bytes) -> asyncio.Future[int]:
        assert self._transport is not None
        self._read, self._answer = b"", asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if found and len(body) >= _content_length(head):
            self._settle(int(head.split(b" ", 2)[1]))
            self._idle.append(self)

    def connection_lost(self, error: Exception | None) -> None:
        with contextlib.suppress(ValueError):
            self._idle.remove(self)
        self._settle(0)

    def _settle(self, status: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":", 1)[1])
    return 0


class Poster:
    def __init__(self, plan: dict[str, Any]) -> None:
        self._host, self._port = plan["host"], plan["port"]
        self._rate, self._at_once, self._seconds = plan["rate"], plan["at_once"], plan["seconds"]
        self._tell_at = plan["tell_at"]
        self._requests = [_raw(plan, request) for request in plan["requests"]]
        self._answered = 0
        self._idle: list[Connection] = []
        #: Of each request: scheduled, sent, answered (ns; 0 is never), status.
        self.results: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)] * len(self._requests)

    async def run(self) -> None:
        at_first = min(self._at_once or _CONNECTIONS_AT_FIRST, len(self._requests))
        self._idle += [await self._connect() for _ in range(at_first)]
        gc.collect()
        gc.disable()
        if self._at_once:
            left, until = iter(range(len(self._requests))), time.monotonic() + self._seconds
            await asyncio.gather(*(self._post_in_turn(left, until) for _ in range(at_first)))
        else:
            await self._post_by_the_clock()

    async def _post_in_turn(self, left: Iterator[int], until: float) -> None:
        """The next as soon as the last is answered, until the time is over or the connection breaks."""
        for n in left:
            if not await self._ask(n, time.monotonic_ns()) or time.monotonic() > until:
                return

    async def _post_by_the_clock(self) -> None:
        began = time.monotonic_ns() + int(_HEAD_START_S * 1e9)
        asking = []
        for n in range(len(self._requests)):
            due = began + int(n / self._rate * 1e9)
            left = (due - time.monotonic_ns()) / 1e9
            await asyncio.sleep(max(0.0, left))
            asking.append(asyncio.create_task(self._ask(n, due)))
        await asyncio.wait(asking, timeout=_PATIENCE_S)

    async def _ask(self, n: int, due: int) -> bool:
        """Whether it was answered."""
        self.results[n] = (due, 0, 0, 0)
        if not self._idle and self._at_once:
            return False  # the one it had is broken: who posts in turn ends there
        try:
            connection = self._idle.pop() if self._idle else await self._connect()
        except OSError:
            return False
        sent = time.monotonic_ns()
        self.results[n] = (due, sent, 0, 0)
        status = await connection.ask(self._requests[n])
        self.results[n] = (due, sent, time.monotonic_ns() if status else 0, status)
        self._answered += bool(status)
        if status and self._answered == self._tell_at:
            print("reached", flush=True)
        return bool(status)

    async def _connect(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self._idle), self._host, self._port
        )
        return connection


def _raw(plan: dict[str, Any], request: dict[str, Any]) -> bytes:
    body = request["body"].encode()
    headers = {
        "Host": f"{plan['host']}:{plan['port']}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **request["headers"],
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    whole: bytes = f"POST {plan['path']} HTTP/1.1\r\n{head}\r\n".encode() + body
    return whole


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    poster = Poster(plan)
    asyncio.run(poster.run())
    Path(plan["results"]).write_text(json.dumps(poster.results))
    print("done", flush=True)


if __name__ == "__main__":
    main()
