"""Whether Meta can reach us: the public address is asked as Meta would ask it, from here.

It is the admin's own setting, so it may be anywhere; nothing secret of ours goes there but what Meta sends there too.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors import signature
from connectors.addresses import is_public
from conversation.checks import Callback, Place, Step, Verdict, failed, ok, skipped
from conversation.said import say
from runtime.within import within

#: How a name is looked up: its addresses; `OSError` where it has none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_WITHIN_S = 15.0
#: Meta asks WhatsApp's for a quarter of a second, and ends Messenger's after five [WA docs: throughput].
_SLOW_S, _TOO_SLOW_S = 1.0, 5.0
_LARGEST = 3 * 1024 * 1024
#: Two bodies that say nothing of anybody. One looks the same however a proxy writes it; the other does not.
_PLAIN = b"{}"
_DELICATE = r'{ "object":"%s" , "entry":[],"check":"ol\u00e1 \ud83d\ude00 \/ ' + "á" + '" }'


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    text: str
    took_s: float


class CallbackChecks:
    """`tls`: whose certificates are taken; None: those of public authorities."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, resolve: Resolve | None = None) -> None:
        self._tls, self._resolve = tls, resolve or _resolve

    async def walk(self, callback: Callback) -> list[Step]:
        """All steps; where one fails those that need it are skipped."""
        steps: list[Step] = []
        looks: list[tuple[Place, Callable[[Callback], Awaitable[Step]]]] = [
            (Place.NAME, self._name),
            (Place.CONNECTION, self._connection),
            (Place.HANDSHAKE, self._handshake),
            (Place.SIGNATURE, self._signature),
            (Place.SIZE, self._size),
        ]
        if not callback.is_public:
            here = say("Emulated: everything stays on this machine.")
            steps = [skipped(Place.NAME, here), skipped(Place.CONNECTION, here)]
            looks = looks[2:]
        for place, look in looks:
            step = await look(callback)
            steps.append(step)
            if step.verdict is Verdict.FAILED and place is not Place.SIGNATURE:
                rest = [each for each, _ in looks[looks.index((place, look)) + 1 :]]
                return steps + [skipped(each, say("The step before it comes first.")) for each in rest]
        return steps

    async def _name(self, callback: Callback) -> Step:
        parts = urlsplit(callback.url)
        host = parts.hostname or ""
        try:
            found = await within(_WITHIN_S, self._resolve(host, parts.port or 443))
        except (OSError, asyncio.TimeoutError):
            found = ()
        if not found:
            return failed(
                Place.NAME,
                say("The name {host} is not in DNS.", host=host),
                say(
                    "Give {host} an A or AAAA record with your server's public address, or mend BATON_PUBLIC_URL.",
                    host=host,
                ),
            )
        shown = say("{host} is {addresses}.", host=host, addresses=", ".join(found))
        if not any(is_public(address) for address in found):
            told = say("Seen from here it is a private address: be sure that the internet sees a public one.")
            return ok(Place.NAME, shown, told)
        return ok(Place.NAME, shown)

    async def _connection(self, callback: Callback) -> Step:
        parts = urlsplit(callback.url)
        host, port = parts.hostname or "", parts.port or 443
        try:
            addresses = await within(_WITHIN_S, self._resolve(host, port))
            opening = asyncio.open_connection(
                addresses[0], port, ssl=self._tls or ssl.create_default_context(), server_hostname=host
            )
            _, writer = await within(_WITHIN_S, opening)
        except ssl.SSLCertVerificationError as error:
            return _bad_certificate(host, error)
        except ssl.SSLError:
            return failed(
                Place.CONNECTION,
                say("What listens at {host} does not speak HTTPS.", host=f"{host}:{port}"),
                say("Let the proxy speak TLS on this port; Meta calls HTTPS only."),
            )
        except (OSError, asyncio.TimeoutError):
            return _nobody(Place.CONNECTION, f"{host}:{port}")
        writer.close()
        return ok(Place.CONNECTION, say("Somebody listens there, with a certificate of a public authority."))

    async def _handshake(self, callback: Callback) -> Step:
        challenge = str(secrets.randbelow(10**10))
        answer = await self._ask("GET", callback, params=_asking(callback.verify_token, challenge))
        if answer is None:
            return _nobody(Place.HANDSHAKE, callback.url)
        if answer.status == 403:
            return failed(
                Place.HANDSHAKE,
                say("Our own verify token is refused there."),
                say(
                    "The gateway runs with another META_VERIFY_TOKEN than this command: give both the same,"
                    " and start Baton again."
                ),
            )
        if answer.status != 200 or answer.text.strip() != challenge:
            return _somebody_else(Place.HANDSHAKE, answer)
        wrong = await self._ask("GET", callback, params=_asking(secrets.token_urlsafe(16), challenge))
        if wrong is None or wrong.status == 200:
            return failed(
                Place.HANDSHAKE,
                say("Any verify token is taken there."),
                say("Something before Baton answers in its place: let it pass /webhooks/ on."),
            )
        return ok(Place.HANDSHAKE, say("It answers our verify token, and refuses another."))

    async def _signature(self, callback: Callback) -> Step:
        secret = callback.secrets[0] if callback.secrets else ""
        if not secret:
            return failed(
                Place.SIGNATURE,
                say("No app secret is known, so every webhook is refused."),
                say("Give it with `./baton account set ID --app-secret -`, or META_APP_SECRET."),
            )
        delicate = (_DELICATE % callback.topic).encode()
        answer = await self._post(callback, delicate, signature.sign(delicate, secret))
        if answer is None:
            return _nobody(Place.SIGNATURE, callback.url)
        if answer.status == 403:
            return await self._why_refused(callback, secret, answer)
        if answer.status != 200:
            return _somebody_else(Place.SIGNATURE, answer)
        forged = await self._post(callback, delicate, signature.sign(delicate, secrets.token_hex(16)))
        if forged is None or forged.status != 403:
            return failed(
                Place.SIGNATURE,
                say("A forged signature is taken there."),
                say("Something before Baton answers in its place: let it pass /webhooks/ on."),
            )
        return _in_time(answer)

    async def _why_refused(self, callback: Callback, secret: str, answer: _Answer) -> Step:
        """A rewritten body and another secret look alike, but for a body that can't be rewritten."""
        if "no signature" in answer.text:
            return failed(
                Place.SIGNATURE,
                say("The header X-Hub-Signature-256 is lost on the way."),
                say("Let the proxy pass on all headers as they came."),
            )
        plain = await self._post(callback, _PLAIN, signature.sign(_PLAIN, secret))
        if plain is not None and plain.status == 200:
            return failed(
                Place.SIGNATURE,
                say("Bodies are rewritten on the way, so their signatures no longer fit."),
                say("Take out what reads or changes bodies between the internet and Baton: filters, JSON middleware."),
            )
        return failed(
            Place.SIGNATURE,
            say("Our own signature is refused there."),
            say("The gateway has another app secret than this command: give both the same, and start Baton again."),
        )

    async def _size(self, callback: Callback) -> Step:
        """Signed wrongly, so that it is read to its end, and never kept."""
        body = b'{"object":"%s","entry":[],"check":"' % callback.topic.encode()
        body += b"a" * (_LARGEST - len(body) - 2) + b'"}'
        answer = await self._post(callback, body, signature.sign(body, secrets.token_hex(16)))
        if answer is not None and answer.status == 403:
            return ok(Place.SIZE, say("Bodies of 3 MB get through."))
        found = (
            say("A body of 3 MB is answered {status}.", status=answer.status)
            if answer
            else say("A body of 3 MB breaks the connection.")
        )
        told = say("WhatsApp sends up to 3 MB: let the proxy take 4 MB (nginx: client_max_body_size 4m).")
        return failed(Place.SIZE, found, told)

    async def _post(self, callback: Callback, body: bytes, signed: str) -> _Answer | None:
        headers = {"Content-Type": "application/json", signature.HEADER: signed}
        return await self._ask("POST", callback, data=io.BytesIO(body), headers=headers)

    async def _ask(self, method: str, callback: Callback, **what: Any) -> _Answer | None:
        """None: no answer at all. A redirect is one: Meta follows none."""
        began = time.monotonic()
        tls = self._tls or ssl.create_default_context()
        connector = aiohttp.TCPConnector(force_close=True, ssl=tls, resolver=_By(self._resolve), use_dns_cache=False)
        timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as http,
                http.request(method, callback.url, allow_redirects=False, **what) as response,
            ):
                text = (await response.content.read(1000)).decode("utf-8", "replace")
                return _Answer(status=response.status, text=text, took_s=time.monotonic() - began)
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError):
            return None


class _By(AbstractResolver):
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in await self._resolve(host, port)
        ]

    async def close(self) -> None:
        """It holds nothing."""


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _asking(verify_token: str, challenge: str) -> dict[str, str]:
    return {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}


def _in_time(answer: _Answer) -> Step:
    took = f"{answer.took_s:.2f}"
    if answer.took_s > _TOO_SLOW_S:
        return failed(
            Place.SIGNATURE,
            say("A webhook is answered after {seconds} s only.", seconds=took),
            say("Meta gives up by then: look at the load of the machine, its disk and its database."),
        )
    slow = say("Meta wishes for a quarter of a second: put Baton nearer, or on a faster machine.")
    told = say("A signed body arrives as it was sent, a forged one is refused; answered in {seconds} s.", seconds=took)
    return ok(Place.SIGNATURE, told, slow if answer.took_s > _SLOW_S else None)


def _nobody(place: Place, where: str) -> Step:
    return failed(
        place,
        say("Nobody answers at {where}.", where=where),
        say("Start Baton and the proxy or tunnel before it, and open the port in the firewall."),
    )


def _somebody_else(place: Place, answer: _Answer) -> Step:
    """By the status, as far as it tells who answered."""
    found = say("The answer is {status}, and not Baton's.", status=answer.status)
    if answer.status in (502, 503, 504):
        return failed(place, found, say("The proxy is there, Baton behind it is not: start it, and look at its port."))
    if 300 <= answer.status < 400:
        return failed(place, found, say("It leads elsewhere, and Meta does not follow: give the address it leads to."))
    if answer.status == 404:
        return failed(place, found, say("Let the proxy pass /webhooks/ on to Baton, with its path unchanged."))
    return failed(place, found, say("Something before Baton answers in its place: let it pass /webhooks/ on."))


def _bad_certificate(host: str, error: ssl.SSLCertVerificationError) -> Step:
    """By OpenSSL's own numbers."""
    own = say("Take one from a public authority: Caddy does it by itself, nginx with certbot.")
    chain = say("Let the proxy send the whole chain (fullchain.pem), from a public authority.")
    found, cure = {
        10: (say("The certificate of {host} has expired.", host=host), say("Renew it, and let it renew itself.")),
        18: (say("The certificate of {host} is self-signed.", host=host), own),
        19: (say("The certificate of {host} is self-signed.", host=host), own),
        62: (say("The certificate is not for {host}.", host=host), say("Take one for this very name.")),
        64: (say("The certificate is not for {host}.", host=host), say("Take one for this very name.")),
    }.get(error.verify_code, (say("The certificate of {host} is of no authority known here.", host=host), chain))
    return failed(Place.CONNECTION, found, cure)
