"""Meta's webhook as one of Rasa's input channels: raw body, verify, parse, accept, 200. No thinking."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from connectors import reading, signature
from conversation.arrivals import AccountNews, Arrival, Unfamiliar
from conversation.webhook import Came

log = structlog.get_logger(__name__)

#: WhatsApp sends up to 3 MB; Meta names no figure for the others.
BODY_LIMIT = 4 * 1024 * 1024


class Entrance(Protocol):
    """What a webhook needs of the house; it stands at `app.ctx.baton.entrance`."""

    @property
    def verify_token(self) -> str:
        """What we told Meta to prove itself with when it asks whether this is our address."""
        ...

    async def secrets(self, channel: str, *, fresh: bool = False) -> Mapping[str, tuple[str, ...]]:
        """The secrets of each account's app, by the id in the webhook: two while one is replaced.

        A second old at most; not at all if `fresh`.
        """
        ...

    async def accept(self, channel: str, arrivals: Sequence[Arrival], came: Came | None = None) -> None:
        """Makes the arrivals durable, and the webhook they came with. Once it returns, Meta is told that it need not
        come again."""
        ...


class _Refusal(Exception):
    """Why a webhook is turned away; the reason holds nothing of what came."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class WebhookConnector(InputChannel):  # type: ignore[misc]
    """A channel's way in. A subclass names the channel and reads its bodies."""

    channel: str
    signature_header = signature.HEADER

    @classmethod
    def name(cls) -> str:
        return cls.channel

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebhookConnector:
        """Nothing is read here: each account has its own secrets, and they are in the store."""
        return cls()

    def parse(self, body: dict[str, Any], known: Collection[str] | None = None) -> list[Arrival]:
        """All a body holds. What is of an account not `known` (if given) is kept, for no conversation."""
        raise NotImplementedError

    def accounts_in(self, body: dict[str, Any]) -> set[str]:
        """The accounts a body speaks of."""
        raise NotImplementedError

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Rasa's own way in, `on_new_message`, is not taken: it would think before Meta is answered."""
        routes = Blueprint(f"{self.channel}_webhook")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            ready = _entrance(request) is not None
            return response.json({"status": "ok" if ready else "starting"}, status=200 if ready else 503)

        @routes.get("/webhook")
        async def handshake(request: Request) -> HTTPResponse:
            return await self._answer(request, self._handshake)

        # As a stream, so that a body too large is refused before it is in memory.
        @routes.post("/webhook", stream=True)
        async def webhook(request: Request) -> HTTPResponse:
            return await self._answer(request, self._take)

        return routes

    async def _answer(
        self, request: Request, act: Callable[[Request, Entrance], Awaitable[HTTPResponse]]
    ) -> HTTPResponse:
        entrance = _entrance(request)
        try:
            if entrance is None:
                raise _Refusal(503, "the runtime is not running in this server")
            return await act(request, entrance)
        except _Refusal as refusal:
            log.warning("webhook.refused", channel=self.channel, status=refusal.status, reason=refusal.reason)
            return response.text(refusal.reason + "\n", status=refusal.status)

    async def _handshake(self, request: Request, entrance: Entrance) -> HTTPResponse:
        ours = entrance.verify_token.encode()
        theirs = (request.args.get("hub.verify_token") or "").encode("utf-8", "replace")
        if not hmac.compare_digest(ours, theirs) or not ours:
            raise _Refusal(403, "wrong verify token")
        challenge = request.args.get("hub.challenge")
        if request.args.get("hub.mode") != "subscribe" or challenge is None:
            raise _Refusal(403, "not a subscription")
        return response.text(challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def _take(self, request: Request, entrance: Entrance) -> HTTPResponse:
        raw, header = await _raw_body(request), request.headers.get(self.signature_header)
        secrets = await self._secrets(entrance, fresh=False)
        body, secret = None, ""
        with contextlib.suppress(_Refusal):
            body, secret = self._verified(raw, header, secrets)
        if body is None or not self.accounts_in(body) <= secrets.keys():
            # An account or a secret that we do not know may be one that was added this second.
            secrets = await self._secrets(entrance, fresh=True)
            body, secret = self._verified(raw, header, secrets)
        signed_for = frozenset(account for account, own in secrets.items() if secret in own)
        arrivals, fault = self._parsed(body, signed_for)
        about = frozenset(self.accounts_in(body)) | _of_nobody_named(arrivals, signed_for)
        came = Came(body=raw.decode(), accounts=about, unreadable=fault)
        await self._accept(entrance, arrivals, came)
        return response.text("ok\n")

    def _verified(
        self, raw: bytes, header: str | None, secrets: Mapping[str, tuple[str, ...]]
    ) -> tuple[dict[str, Any], str]:
        """The body, signed by the app of every account in it, and by which secret; or the refusal."""
        secret = _signing_secret(raw, header, secrets)
        body = _document(raw)
        if any(secret not in secrets[account] for account in self.accounts_in(body) if account in secrets):
            raise _Refusal(403, "signed by another app than that of the account in it")
        return body, secret

    async def _secrets(self, entrance: Entrance, *, fresh: bool) -> Mapping[str, tuple[str, ...]]:
        try:
            return await entrance.secrets(self.channel, fresh=fresh)
        except Exception as error:
            raise _unavailable(error) from error

    async def _accept(self, entrance: Entrance, arrivals: Sequence[Arrival], came: Came) -> None:
        try:
            await entrance.accept(self.channel, arrivals, came)
        except Exception as error:
            raise _unavailable(error) from error

    def _parsed(self, body: dict[str, Any], known: Collection[str]) -> tuple[list[Arrival], str | None]:
        """A fault of ours in reading must not have Meta send the body for days: it is kept whole instead."""
        try:
            return self.parse(body, known), None
        except Exception as error:
            fault = type(error).__name__
            log.error("webhook.unreadable", channel=self.channel, error=fault)
            return [Unfamiliar(account=None, kind="unreadable_body", body=body, key=reading.digest(body))], fault


def _of_nobody_named(arrivals: Sequence[Arrival], signed_for: frozenset[str]) -> frozenset[str]:
    """News of a business account name none of its accounts: they may be of any that the same app signs for."""
    names_nobody = any(isinstance(each, AccountNews) and each.account is None for each in arrivals)
    return signed_for if names_nobody else frozenset()


def _entrance(request: Request) -> Entrance | None:
    entrance: Entrance | None = getattr(getattr(request.app.ctx, "baton", None), "entrance", None)
    return entrance


async def _raw_body(request: Request) -> bytes:
    """The bytes as they came: the signature is over them."""
    if int(request.headers.get("content-length") or 0) > BODY_LIMIT:
        raise _Refusal(413, "body too large")
    raw = bytearray()
    assert request.stream is not None, "the route is a stream"
    try:
        async for chunk in request.stream:
            raw += chunk
            if len(raw) > BODY_LIMIT:
                raise _Refusal(413, "body too large")
    except SanicException as error:
        raise _Refusal(error.status_code or 400, "body not readable") from error
    return bytes(raw)


def _signing_secret(raw: bytes, header: str | None, secrets: Mapping[str, tuple[str, ...]]) -> str:
    every = dict.fromkeys(secret for own in secrets.values() for secret in own)
    if not any(every):
        raise _Refusal(403, "no app secret is set, so no signature can be checked")
    secret = signature.signed_by(raw, header, every)
    if secret is None:
        raise _Refusal(403, "no signature" if not header else "wrong signature")
    return secret


def _document(raw: bytes) -> dict[str, Any]:
    try:
        return reading.document(raw)
    except ValueError:
        raise _Refusal(400, "the body is not a JSON object") from None


def _unavailable(error: Exception) -> _Refusal:
    """Meta comes again. The error's name is told, its text is not: it may quote what came."""
    return _Refusal(503, f"could not be kept now ({type(error).__name__})")
