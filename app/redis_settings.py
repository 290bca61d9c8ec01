"""REDIS_URL and BATON_REDIS_PREFIX. Nothing of the URL is ever said: there may be a password in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

_FORM = "REDIS_URL must be redis://HOST:PORT/NUMBER, rediss:// (TLS), or unix:///PATH; a password is URL-encoded in it."


def url(env: Mapping[str, str], faults: list[str]) -> str | None:
    text = env.get("REDIS_URL")
    if not text:
        return None
    try:
        parts = urlsplit(text)
        known = bool(parts.path) if parts.scheme == "unix" else bool(parts.hostname) and parts.port != 0
        number = parts.path.strip("/") if parts.scheme != "unix" else ""
        good = parts.scheme in ("redis", "rediss", "unix") and known and (not number or number.isdecimal())
    except ValueError:  # no port, no address
        good = False
    if not good:
        faults.append(_FORM)
        return None
    return text.rstrip("/")


def prefix(env: Mapping[str, str], faults: list[str]) -> str | None:
    text = env.get("BATON_REDIS_PREFIX")
    if not text:
        return None
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", text):
        faults.append("BATON_REDIS_PREFIX may have letters, digits, dashes, dots and underscores, 40 at most.")
        return None
    return text


def secrets(url: str) -> list[str]:
    """What of it may be in no log: as it is written, and as it is meant."""
    written = urlsplit(url).password
    return [url, written, unquote(written)] if written else []
