"""Signs webhook bodies as Meta does [MSG docs: webhooks; Graph docs: webhooks getting started]."""

from __future__ import annotations

import hashlib
import hmac
import json

from emulator.fields import Json


def sha256_of(body: bytes, secret: str) -> str:
    """HMAC-SHA256 over the exact bytes, keyed with the app secret."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(body: bytes, secret: str) -> dict[str, str]:
    """`X-Hub-Signature-256`, with the older SHA-1 header that Meta still sends next to it."""
    sha1 = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={sha256_of(body, secret)}", "X-Hub-Signature": f"sha1={sha1}"}


def body_bytes(body: Json) -> bytes:
    """JSON in escaped-unicode form with lower-case hex, as Meta signs and sends it."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")
