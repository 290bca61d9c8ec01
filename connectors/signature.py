"""Meta's signatures: HMAC-SHA256 over the raw bytes. The algorithm is never taken from the header."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(body: bytes, secret: str) -> str:
    """The header's value for a body."""
    return _PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed_by(body: bytes, header: str | None, secrets: Iterable[str]) -> str | None:
    """The secret that made the header, or None.

    Every secret is tried, so the time taken does not tell which one fitted. An empty secret signs nothing:
    anybody could use it.
    """
    given = (header or "").encode("utf-8", "replace")
    found = None
    for secret in secrets:
        if hmac.compare_digest(sign(body, secret).encode(), given) and secret:
            found = secret
    return found


def appsecret_proof(token: str, secret: str) -> str:
    """Proves on a call that whoever has the token also has the app's secret."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
