"""The Graph API side: a request is journaled, decided on by its channel, answered as the faults allow."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable

from aiohttp import web

from emulator import guard
from emulator.channel import Channel, Desk, Done
from emulator.chats import Chats, now_ms
from emulator.faults import FaultBook
from emulator.feed import Feed
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.journal import Entry, Journal
from emulator.people import Account, People
from emulator.settings import Settings
from emulator.statuses import Statuses

_VERSION = re.compile(r"v\d+\.\d+\Z")
_BODY_TIMEOUT_S = 30.0


class Graph:
    """`/{anything}` that is not the emulator's own."""

    def __init__(
        self,
        channels: dict[str, Channel],
        people: People,
        chats: Chats,
        journal: Journal,
        faults: FaultBook,
        statuses: Statuses,
        feed: Feed,
        settings: Callable[[], Settings],
    ) -> None:
        self._channels = channels
        self._people = people
        self._chats = chats
        self._journal = journal
        self._faults = faults
        self._statuses = statuses
        self._feed = feed
        self._settings = settings

    async def serve(self, request: web.Request) -> web.StreamResponse:
        entry, account, path = self._opened(request)
        await self._read(request, entry, account, path)
        self._journal.unanswered += 1
        try:
            return await self._respond(request, entry, account, path)
        finally:
            self._journal.unanswered -= 1

    def _opened(self, request: web.Request) -> tuple[Entry, Account | None, list[str]]:
        path = [part for part in request.path.split("/") if part]
        if path and _VERSION.match(path[0]):
            del path[0]
        account = self._people.accounts.get(path[0]) if path else None
        entry = Entry(
            received_ns=guard.received_ns.get(),
            at_ms=now_ms(),
            method=request.method,
            path=request.path,
            account=path[0] if path else None,
            token_ok=_token_ok(request, account),
        )
        return entry, account, path

    async def _read(self, request: web.Request, entry: Entry, account: Account | None, path: list[str]) -> None:
        """Fills the entry in and numbers it, also when the body never comes in full."""
        self._journal.reading += 1
        try:
            raw = await asyncio.wait_for(request.read(), _BODY_TIMEOUT_S)
            entry.body = json.loads(raw) if raw else None
        except (asyncio.TimeoutError, web.HTTPRequestEntityTooLarge, ConnectionError, EOFError):
            entry.kind = "broken"
        except ValueError:
            entry.kind = "malformed"
        else:
            channel = self._channels[account.channel if account else "whatsapp"]
            summary = channel.summary(request.method, path, entry.body)
            entry.kind, entry.to, entry.text, entry.opaque = (
                summary.kind,
                summary.to,
                summary.text,
                summary.opaque,
            )
        finally:
            self._journal.reading -= 1
            self._journal.add(entry)

    async def _respond(
        self, request: web.Request, entry: Entry, account: Account | None, path: list[str]
    ) -> web.StreamResponse:
        faults = self._faults.of(entry.account)
        done: Done | None = None
        try:
            done = self._decide(request, entry, account, path)
            entry.status, answer = 200, done.answer
        except GraphError as error:
            entry.status, answer = error.http_status, error.body()
        if done is not None and account is not None:
            self._show(account, entry, done)
        await faults.delay()
        dropped = faults.drops()
        try:
            if dropped:
                entry.cut = "fault"
                return _cut(request)
            return await self._write(request, entry, answer)
        finally:
            # After the answer: with Meta a status rarely overtakes it.
            if done is not None and done.sent is not None and account is not None:
                self._statuses.follow(account, done.sent)
            if self._feed.anybody:
                self._feed.tell("request", entry.shown())

    def _decide(self, request: web.Request, entry: Entry, account: Account | None, path: list[str]) -> Done:
        if entry.kind in ("malformed", "broken"):
            raise GraphError(100, "The body is not a JSON object.")
        if request.method == "GET" and len(path) == 1 and account is not None:
            wanted = [f for f in request.query.get("fields", "").split(",") if f]
            return Done(answer=self._channels[account.channel].node(account, wanted))
        if not entry.token_ok:
            raise GraphError(190, "The access token is missing or not the one of this account.")
        if account is None or request.method != "POST":
            what = path[0] if path else "(none)"
            raise GraphError(
                100,
                f"Unsupported {request.method.lower()} request. Object with ID '{what}' does not exist, "
                "cannot be loaded due to missing permissions, or does not support this operation.",
                subcode=33,
            )
        self._faults.of(account.id).raise_error()
        desk = Desk(people=self._people, chats=self._chats, enforce_window=self._settings().enforce_window)
        return self._channels[account.channel].act(desk, account, path[1:], entry.body)

    def _show(self, account: Account, entry: Entry, done: Done) -> None:
        if done.sent is not None:
            entry.id = done.sent.id
            self._chats.add(done.sent)
            if done.sent.kind == "reaction":
                self._chats.react(done.sent.view["message_id"], "business", done.sent.text)
            self._feed.tell("typing", {"account": account.id, "customer": done.sent.customer, "on": False})
        if done.read is not None:
            self._chats.mark_read_up_to(done.read)
            if done.typing:
                self._feed.tell("typing", {"account": account.id, "customer": done.read.customer, "on": True})

    async def _write(self, request: web.Request, entry: Entry, answer: Json) -> web.StreamResponse:
        response = web.json_response(answer, status=entry.status or 200)
        transport = request.transport
        if transport is None or transport.is_closing():
            entry.cut = "caller"
            return response
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            entry.cut = "caller"
            return response
        entry.answered_ns = time.monotonic_ns()
        return response


def _token_ok(request: web.Request, account: Account | None) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = account.token if account else ""
    given = token.strip()
    return scheme.lower() == "bearer" and bool(given) and (not wanted or given == wanted)


def _cut(request: web.Request) -> web.StreamResponse:
    """Ends the connection without a byte of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
