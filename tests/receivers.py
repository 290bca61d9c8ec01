"""Whoever alerts go to, on this machine: a web server and a mail server that keep what they were given."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import email
import email.policy
import ssl
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiohttp import web


@dataclass(frozen=True, kw_only=True)
class Got:
    """One request as it came."""

    body: bytes
    headers: Any
    path: str


@dataclass
class Receiver:
    """Answers 200, or what `answers` says; not before it is open."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: deque[web.Response] = field(default_factory=deque)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(Got(body=await request.read(), headers=request.headers, path=request.path))
        await self.open.wait()
        return self.answers.popleft() if self.answers else web.Response()


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.open.set()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    receiver.url = f"http://{host}:{port}"
    try:
        yield receiver
    finally:
        receiver.open.set()
        await runner.cleanup()


@dataclass
class Mailbox:
    """A mail server: `refusals` answers a command (`RCPT`, `AUTH`) with a line of its own, once each."""

    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    silent: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            if not self.silent:
                await self._talk(reader, writer)
            await reader.read()
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _say(writer, "220 here")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            if word in self.refusals:
                _say(writer, self.refusals.pop(word))
            elif word == "EHLO":
                _say(writer, "250-here", "250 AUTH PLAIN")
            elif word == "AUTH":
                self.logins.append(base64.b64decode(line.split()[2]).decode().strip("\x00"))
                _say(writer, "235 welcome")
            elif word == "DATA":
                _say(writer, "354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                message = email.message_from_bytes(raw[:-5], policy=email.policy.default)
                assert isinstance(message, EmailMessage)
                self.got.append(message)
                _say(writer, "250 kept")
            elif word == "QUIT":
                _say(writer, "221 bye")
                return
            else:
                _say(writer, "250 ok")


def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())


@contextlib.asynccontextmanager
async def mail_server(context: ssl.SSLContext | None = None) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()
    server = await asyncio.start_server(mailbox.serve, "127.0.0.1", 0, ssl=context)
    mailbox.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mailbox
