"""Graph API's errors and the checks that raise them.

[Graph docs: handling errors; WA docs: Cloud API error codes]
"""

from __future__ import annotations

import base64
import os
from typing import Any

from emulator.fields import Json

# Titles as in Meta's list of Cloud API error codes; callers are told to decide by code, never by this text.
TITLES = {
    0: "AuthException",
    1: "API Unknown",
    2: "API Service",
    4: "API Too Many Calls",
    10: "Permission Denied",
    33: "Parameter value is not valid",
    100: "Invalid parameter",
    190: "Access token has expired",
    368: "Temporarily blocked for policies violations",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131031: "Business Account locked",
    131042: "Business eligibility payment issue",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131051: "Unsupported message type",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    132000: "Template Param Count Mismatch",
    132001: "Template does not exist",
    132005: "Template Hydrated Text Too Long",
    132012: "Template Parameter Format Mismatch",
    132015: "Template is Paused",
    132016: "Template is Disabled",
}
# WA answers 400 even for throttles; these are the exceptions we know of.
_HTTP_STATUS = {0: 401, 2: 503, 10: 403, 190: 401, 131000: 500, 131005: 403, 131016: 500}


class GraphError(Exception):
    """Graph API refuses the request."""

    def __init__(
        self, code: int, details: str, *, subcode: int | None = None, http_status: int = 0, bare: bool = False
    ) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details
        self.subcode = subcode
        self.bare = bare  # with no Graph body at all
        self.http_status = http_status or _HTTP_STATUS.get(code, 400)

    def body(self, channel: str | None) -> Json:
        """Only WhatsApp puts the details apart, under a title; the others say them in the message."""
        is_whatsapp = channel == "whatsapp"
        details = {"error_data": {"messaging_product": "whatsapp", "details": self.details}} if is_whatsapp else {}
        error: Json = {
            "message": f"(#{self.code}) {TITLES.get(self.code, 'Error') if is_whatsapp else self.details}",
            "type": "OAuthException",
            "code": self.code,
            **details,
            "fbtrace_id": "A" + base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("="),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}


def need_object(parent: Json, key: str, where: str = "") -> Json:
    value = _need(parent, key, where)
    if not isinstance(value, dict):
        raise GraphError(131009, f"{_path(where, key)} must be an object.")
    return value


def need_list(parent: Json, key: str, where: str, low: int, high: int) -> list[Json]:
    value = _need(parent, key, where)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise GraphError(131009, f"{_path(where, key)} must be a list of objects.")
    if not low <= len(value) <= high:
        raise GraphError(131009, f"{_path(where, key)} must have from {low} to {high} items, not {len(value)}.")
    return value


def need_text(parent: Json, key: str, where: str, limit: int, *, code: int = 131009) -> str:
    """Text from 1 to `limit` characters; a missing or empty one is 131008, a longer one `code`."""
    value = _need(parent, key, where)
    if not isinstance(value, str):
        raise GraphError(131009, f"{_path(where, key)} must be a string.")
    if not value.strip():
        raise GraphError(131008, f"{_path(where, key)} is required and must not be empty.")
    if len(value) > limit:
        raise GraphError(code, f"{_path(where, key)} must be at most {limit} characters long, not {len(value)}.")
    return value


def optional_text(parent: Json, key: str, where: str, limit: int) -> str:
    return need_text(parent, key, where, limit) if parent.get(key) is not None else ""


def unique(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise GraphError(131009, f"{what} must be unique.")


def _need(parent: Json, key: str, where: str) -> Any:
    if parent.get(key) is None:
        raise GraphError(131008, f"{_path(where, key)} is required.")
    return parent[key]


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
