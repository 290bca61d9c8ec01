"""`appsecret_proof`: a request that has one must have the right one [Graph docs: securing Graph API requests]."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from emulator.graph_errors import GraphError
from emulator.people import Account

_NAME = "appsecret_proof"


def taken_out(body: Any, query: Mapping[str, str]) -> tuple[Any, str | None]:
    """The body without the proof, which is no part of what is asked for; and the proof, wherever it stood."""
    if isinstance(body, dict) and _NAME in body:
        return {key: value for key, value in body.items() if key != _NAME}, str(body[_NAME])
    return body, query.get(_NAME)


def check(account: Account | None, token: str, common_secret: str, proof: str | None) -> None:
    """A form's is not looked for: a file is not worth reading for it."""
    secret = (account.app_secret or common_secret) if account is not None else ""
    if proof is None or not secret:
        return
    right = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), proof.encode()):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
