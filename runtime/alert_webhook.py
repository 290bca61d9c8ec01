"""One signed request to whoever is to be told. It goes to no address of our own network, and follows no redirect."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from conversation.errors import BadInput
from conversation.said import say
from runtime.alert_errors import AlertError
from runtime.alert_settings import AlertingSettings
from runtime.alert_shapes import Body
from runtime.alert_signature import signature

SIGNATURE, ALERT_ID = "Baton-Signature", "Baton-Alert-Id"
#: Refusals that are over by themselves.
_FOR_NOW = (408, 425, 429)
_LONGEST_RETRY_AFTER_S = 3600.0


class Forbidden(OSError):
    """The name leads to an address that webhooks must not go to."""


def check_url(url: str, *, local: bool) -> None:
    """Raises `BadInput` for what can be no webhook's address. Where it leads is looked at when it is used."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as fault:
        raise BadInput(say("The webhook's address is no URL.")) from fault
    if parts.scheme not in (("https", "http") if local else ("https",)) or not parts.hostname:
        raise BadInput(say("A webhook's address begins with https://; http:// only with BATON_ALERT_LOCAL=on."))


async def send(url: str, secret: str, alert_id: str, body: Body, settings: AlertingSettings, *, at: int) -> None:
    """Returns when the other side has taken it; else raises `AlertError`."""
    try:
        check_url(url, local=settings.local)
    except BadInput as fault:
        raise AlertError(fault.args[0], retryable=False) from None
    ours = {ALERT_ID: alert_id, SIGNATURE: signature(secret, body.content, at), "User-Agent": "Baton"}
    timeout = aiohttp.ClientTimeout(total=settings.request_timeout_s)
    connector = aiohttp.TCPConnector(socket_factory=_guarded(local=settings.local))
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, headers=ours) as session,
            session.post(url, data=body.content, headers=body.headers, allow_redirects=False) as response,
        ):
            _judge(response)
    except asyncio.TimeoutError:
        raise AlertError(say("It did not answer in time."), retryable=True) from None
    except aiohttp.InvalidURL:
        raise AlertError(say("The webhook's address is no URL."), retryable=False) from None
    except (aiohttp.ClientError, OSError) as error:
        raise _why(error) from None


def _judge(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        told = say("It answered {status}, a redirect: give the address it leads to.", status=status)
        raise AlertError(told, retryable=False)
    retryable = status >= 500 or status in _FOR_NOW
    told = say("It answered {status}.", status=status)
    raise AlertError(told, retryable=retryable, retry_after_s=_retry_after_s(response))


def _retry_after_s(response: aiohttp.ClientResponse) -> float | None:
    given = response.headers.get("Retry-After", "")
    return min(float(given), _LONGEST_RETRY_AFTER_S) if given.isdecimal() else None


def _why(error: Exception) -> AlertError:
    """In words of our own: the error's have the address in them."""
    if isinstance(error, Forbidden) or isinstance(getattr(error, "os_error", None), Forbidden):
        told = say("It leads into a private network; BATON_ALERT_LOCAL=on allows that.")
        return AlertError(told, retryable=False)
    return AlertError(say("It could not be reached ({why}).", why=type(error).__name__), retryable=True)


def _guarded(*, local: bool) -> Any:
    """Makes the socket for exactly the address that is connected to next, however its name was found out."""

    def open_socket(address: Any) -> socket.socket:
        family, kind, protocol, _, where = address
        if not allowed(where[0], local=local):
            raise Forbidden("not an address for webhooks")
        return socket.socket(family, kind, protocol)

    return open_socket


def is_loopback(address: str) -> bool:
    return _innermost(ipaddress.ip_address(address.partition("%")[0])).is_loopback


def allowed(address: str, *, local: bool) -> bool:
    """Whether a webhook may go there. Never to where clouds keep a machine's own keys, or to many at once."""
    ip = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return local or (ip.is_global and not ip.is_reserved)


_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _innermost(ip: _Ip) -> _Ip:
    """The IPv4 address that an IPv6 one only wraps."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
