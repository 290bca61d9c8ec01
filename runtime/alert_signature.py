"""How a webhook's receiver knows that we sent it, and when: an HMAC over the time and the body."""

from __future__ import annotations

import hashlib
import hmac


def signature(secret: str, body: bytes, at: int) -> str:
    """`t=<unix time>,v1=<hex of HMAC-SHA256 over "t.body">`."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"
