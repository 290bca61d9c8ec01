"""A webhook's body as people may read it: without tokens, and without what makes an address of Meta's open to all."""

from __future__ import annotations

import re
from typing import Any

MASK = "…"
_ADDRESS = re.compile(r"(https?:(?:\\?/){2}[^\s?#\"'<>]*)[?#][^\s\"'<>]*", re.IGNORECASE)
_TOKEN = re.compile(r"\b(?:EA|IG)[A-Z][A-Za-z0-9_-]{24,}")
#: Names under which secrets come.
_SECRET = re.compile(r"(?:token|secret|signature|password|signed_request|credential|api_?key)s?$", re.IGNORECASE)
_NAMED = re.compile(r"((?:token|secret|signature|password)\"?\s*[=:]\s*\"?)[^\s\"&,}]+", re.IGNORECASE)


def masked(value: Any) -> Any:
    """Also what an answer could not hold: halves of characters, numbers beyond 64 bits."""
    try:
        return _masked(value)
    except RecursionError:
        return MASK


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _NAMED.sub(rf"\1{MASK}", _TOKEN.sub(MASK, _ADDRESS.sub(rf"\1?{MASK}", _whole(value))))
    if isinstance(value, dict):
        return {_whole(key): MASK if _is_secret(key, item) else _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    return value


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _is_secret(name: str, item: Any) -> bool:
    return isinstance(item, (str, int)) and not isinstance(item, bool) and _SECRET.search(name) is not None
