"""Meta's signed requests: who takes access away from our app, or wants their data deleted [Graph docs: data deletion
callback].
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

_LONGEST = 8_192


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """`user_id` is of the app: neither a PSID nor an IGSID. `secret`: which of ours it was signed with."""

    user_id: str
    issued_at: datetime | None
    secret: str


def read(signed_request: str, secrets: Iterable[str]) -> SignedRequest | None:
    """What it says, if one of the secrets signed it. Every one is tried, so the time taken tells nothing."""
    signature, dot, payload = signed_request.partition(".")
    given = _decoded(signature) if dot and len(signed_request) <= _LONGEST and signed_request.isascii() else None
    if given is None:
        return None
    found = None
    for secret in secrets:
        made = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
        if hmac.compare_digest(made, given) and secret:
            found = secret
    return None if found is None else _said(payload, found)


def _said(payload: str, secret: str) -> SignedRequest | None:
    try:
        facts = json.loads(_decoded(payload) or b"")
    except (ValueError, RecursionError):
        return None
    user_id = facts.get("user_id") if isinstance(facts, dict) else None
    if isinstance(user_id, bool) or not isinstance(user_id, (str, int)) or not str(user_id):
        return None
    return SignedRequest(user_id=str(user_id)[:64], issued_at=_instant(facts.get("issued_at")), secret=secret)


def _instant(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _decoded(text: str) -> bytes | None:
    """Base64url without padding."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
