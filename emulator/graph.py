"""The Graph API side: a request is journaled, decided on by its channel, answered as the faults allow."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from emulator import guard, proof
from emulator.assets import Assets
from emulator.channel import Channel, Desk, Done
from emulator.chats import Chats, now_ms
from emulator.echoes import Echoes
from emulator.faults import FaultBook
from emulator.feed import Feed
from emulator.fields import Json
from emulator.file_kinds import BIGGEST
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphPath, GraphRequest
from emulator.journal import Entry, Journal, without_secrets
from emulator.openings import Openings
from emulator.people import Account, People, digits
from emulator.settings import Settings
from emulator.statuses import Statuses
from emulator.threads import Threads

_VERSION = re.compile(r"v\d+\.\d+\Z")
_BODY_TIMEOUT_S = 30.0
_BIGGEST_FORM = BIGGEST + 1024 * 1024
_GATEWAY = "<html><head><title>Sorry, something went wrong.</title></head><body></body></html>"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A request, and what one of the other paths says to it, if it is for one of them."""

    request: GraphRequest
    answer: Json | None = None
    refusal: GraphError | None = None


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
        echoes: Echoes,
        feed: Feed,
        settings: Callable[[], Settings],
        threads: Threads,
        assets: Assets,
        openings: Openings,
        paths: Sequence[GraphPath] = (),
    ) -> None:
        self._echoes = echoes
        self._threads, self._assets, self._openings = threads, assets, openings
        self._paths = paths
        self._channels = channels
        self._people = people
        self._chats = chats
        self._journal = journal
        self._faults = faults
        self._statuses = statuses
        self._feed = feed
        self._settings = settings
        self.templates: Callable[[Account], Sequence[Json]] = lambda account: ()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        entry, path = self._opened(request)
        asked = await self._read(request, entry, path)
        self._journal.unanswered += 1
        try:
            return await self._respond(request, entry, asked)
        finally:
            self._journal.unanswered -= 1

    def _opened(self, request: web.Request) -> tuple[Entry, list[str]]:
        path = [part for part in request.path.split("/") if part]
        if path and _VERSION.match(path[0]):
            del path[0]
        entry = Entry(
            received_ns=guard.received_ns.get(),
            at_ms=now_ms(),
            method=request.method,
            path=request.path,
            account=path[0] if path else None,
            token_ok=bool(_token(request)),
        )
        return entry, path

    async def _read(self, request: web.Request, entry: Entry, path: list[str]) -> _Asked | None:
        """Fills the entry in and numbers it, also when the body never comes in full."""
        self._journal.reading += 1
        asked: _Asked | None = None
        try:
            raw = await asyncio.wait_for(_roomy(request).read(), _BODY_TIMEOUT_S)
            asked = self._asked(request, entry, path, raw)
        except (asyncio.TimeoutError, web.HTTPRequestEntityTooLarge, ConnectionError, EOFError):
            entry.kind = "broken"
        except ValueError:
            entry.kind = "malformed"
        finally:
            self._journal.reading -= 1
            self._journal.add(entry)
        return asked

    def _asked(self, request: web.Request, entry: Entry, path: list[str], raw: bytes) -> _Asked:
        """What is asked, and what one of the other paths says to it: before the journal, which wants its kind."""
        body, given_proof = proof.taken_out(_parsed(request.content_type, raw), request.query)
        entry.body = without_secrets(body)
        account = self._meant(path[0] if path else "", entry.body, request.query)
        if account is not None:
            entry.account, entry.token_ok = account.id, _token_ok(request, account)
        whole = GraphRequest(
            method=request.method,
            path=path,
            query=request.query,
            body=body,
            account=account,
            token=_token(request),
            token_ok=entry.token_ok,
            raw=raw,
            content_type=request.headers.get("Content-Type", ""),
            origin=f"http://{request.host}",
        )
        for other in self._paths:
            try:
                proof.check(account, whole.token, self._settings().app_secret, given_proof)
                answer = other.answer(whole)
            except GraphError as refusal:
                entry.kind = other.name
                return _Asked(request=whole, refusal=refusal)
            if answer is not None:
                entry.kind = other.name
                return _Asked(request=whole, answer=answer)
        channel = self._channels[account.channel if account else "whatsapp"]
        summary = channel.summary(request.method, path, entry.body)
        entry.kind, entry.to, entry.text, entry.opaque = summary.kind, summary.to, summary.text, summary.opaque
        return _Asked(request=whole)

    def _meant(self, node: str, body: Any, query: Mapping[str, str]) -> Account | None:
        """A Page's id may stand for its Instagram account too: whom it is to, or the platform, tells."""
        found = self._people.accounts_at(node)
        if len(found) < 2:
            return found[0] if found else None
        recipient = body.get("recipient") if isinstance(body, dict) else None
        to = recipient if isinstance(recipient, dict) else {"id": query.get("recipient")}
        for account in found:
            if query.get("platform") == account.channel or self._knows(account, to):
                return account
        return found[0]

    def _knows(self, account: Account, to: Json) -> bool:
        scoped, comment = to.get("id"), to.get("comment_id")
        if isinstance(scoped, str):
            return self._people.by_scoped_id(account.id, scoped) is not None
        return (account.id, comment) in self._openings.comments

    async def _respond(self, request: web.Request, entry: Entry, asked: _Asked | None) -> web.StreamResponse:
        account = asked.request.account if asked is not None else None
        faults = self._faults.of(entry.account)
        if faults.drops_before():
            entry.cut = "fault"
            self._tell(entry)
            return _cut(request)
        done: Done | None = None
        answer: Json | None
        try:
            done = self._decide(entry, account, asked)
            entry.status, answer = 200, done.answer
        except GraphError as error:
            entry.status, entry.code = error.http_status, None if error.bare else error.code
            answer = None if error.bare else error.body(account.channel if account else None)
        entry.answer = answer
        if done is not None and account is not None:
            self._show(account, entry, done)
        sent = done.sent if done is not None else None
        if account is not None and sent is not None and faults.echo_first:
            await self._echoes.tell(account, sent)
        await faults.delay()
        dropped = faults.drops()
        try:
            if dropped:
                entry.cut = "fault"
                return _cut(request)
            return await self._write(request, entry, answer, self._usage(account))
        finally:
            # After the answer: with Meta a status rarely overtakes it.
            if account is not None and sent is not None:
                if not faults.echo_first:
                    self._echoes.follow(account, sent)
                self._statuses.follow(account, sent)
            self._tell(entry)

    def _tell(self, entry: Entry) -> None:
        if self._feed.anybody:
            self._feed.tell("request", entry.shown(whole=True))

    def _usage(self, account: Account | None) -> dict[str, str]:
        if account is None:
            return {}
        faults = self._faults.of(account.id)
        return self._faults.throttle.headers(faults.limits, faults.usage, account.business_id)

    def _decide(self, entry: Entry, account: Account | None, asked: _Asked | None) -> Done:
        if asked is None:
            raise GraphError(100, "The body is not a JSON object.")
        if asked.refusal is not None:
            raise asked.refusal
        if asked.answer is not None:
            self._faults.of(entry.account).raise_error(entry.kind)
            return Done(answer=asked.answer)
        path, method = asked.request.path, asked.request.method
        if method == "GET" and len(path) == 1 and account is not None:
            wanted = [f for f in asked.request.query.get("fields", "").split(",") if f]
            return Done(answer=self._channels[account.channel].node(account, wanted))
        if not entry.token_ok:
            raise GraphError(190, "The access token is missing or not the one of this account.")
        if account is None or method != "POST":
            what = path[0] if path else "(none)"
            raise GraphError(
                100,
                f"Unsupported {method.lower()} request. Object with ID '{what}' does not exist, "
                "cannot be loaded due to missing permissions, or does not support this operation.",
                subcode=33,
            )
        faults = self._faults.of(account.id)
        self._faults.gate.check(account, asked.request.token)
        faults.raise_error()
        self._faults.throttle.send(faults.limits, account.id, digits(entry.to or "") or str(entry.to), entry.kind)
        return self._channels[account.channel].act(self._desk(), account, path[1:], entry.body)

    def _desk(self) -> Desk:
        settings = self._settings()
        return Desk(
            people=self._people,
            chats=self._chats,
            enforce_window=settings.enforce_window,
            enforce_thread=settings.enforce_thread,
            threads=self._threads,
            assets=self._assets,
            openings=self._openings,
            templates=self.templates,
        )

    def _show(self, account: Account, entry: Entry, done: Done) -> None:
        if done.sent is not None:
            entry.id, entry.customer = done.sent.id, done.sent.customer
            self._chats.add(done.sent)
            if done.sent.kind == "reaction":
                self._chats.react(done.sent.view["message_id"], "business", done.sent.text)
            self._feed.tell("typing", {"account": account.id, "customer": done.sent.customer, "on": False})
        if done.reaction is not None:
            target, emoji = done.reaction
            self._chats.react(target, "business", emoji)
        if done.read is not None:
            self._chats.mark_read_up_to(done.read)
        if done.customer is not None:
            entry.customer = done.customer
            if done.typing is not None:
                self._feed.tell("typing", {"account": account.id, "customer": done.customer, "on": done.typing})

    async def _write(
        self, request: web.Request, entry: Entry, answer: Json | None, headers: dict[str, str]
    ) -> web.StreamResponse:
        status = entry.status or 200
        response = (
            web.json_response(answer, status=status, headers=headers)
            if answer is not None
            else web.Response(text=_GATEWAY, status=status, content_type="text/html")
        )
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


def _token_ok(request: web.Request, account: Account) -> bool:
    given = _token(request)
    return bool(given) and (not account.token or given == account.token)


def _token(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _roomy(request: web.Request) -> web.BaseRequest:
    """A form may hold a file."""
    is_form = request.content_type.startswith("multipart/")
    return request.clone(client_max_size=_BIGGEST_FORM) if is_form else request


def _parsed(content_type: str, raw: bytes) -> Any:
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    if content_type.startswith("multipart/"):
        return None
    return json.loads(raw) if raw else None


def _cut(request: web.Request) -> web.StreamResponse:
    """Ends the connection without a byte of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
