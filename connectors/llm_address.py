"""Where a provider of language models is asked: its own address, or one an admin gave, if that may be asked at all."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from conversation.agent import Provider
from conversation.providers import base_url

#: `host:port` of this network that may be asked, without TLS too.
Local = frozenset[str]

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Address:
    """`url`: what the path of a request is put after."""

    url: str
    scheme: str
    host: str
    port: int


class NotAllowed(Exception):
    """An address that may not be asked; the message says why."""


def address_of(provider: Provider, given: str, local: Local) -> Address:
    """Over TLS, or one of `local`. What it resolves to is looked at when it is connected to."""
    given = base_url(provider, given).rstrip("/")
    try:
        parts = urlsplit(given)
        host, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NotAllowed("it is no address") from None
    if not host or not port or not given.isascii() or not given.isprintable():
        raise NotAllowed("it is no address")
    if parts.username is not None or parts.query or parts.fragment or "?" in given or "#" in given:
        raise NotAllowed("it is more than an address")
    if parts.scheme != "https" and named(host, port) not in local:
        raise NotAllowed("it is not https, nor one of the local addresses that are allowed")
    return Address(url=_with_version(provider, given, parts.path), scheme=parts.scheme, host=host, port=port)


def named(host: str, port: int) -> str:
    """As it stands in `Local`."""
    return f"{f'[{host}]' if ':' in host else host.lower()}:{port}"


def _with_version(provider: Provider, given: str, path: str) -> str:
    """Anthropic's client puts the version there itself, OpenAI's wants it in the base."""
    if provider is Provider.ANTHROPIC:
        return given.removesuffix("/v1")
    return given if path else f"{given}/v1"
