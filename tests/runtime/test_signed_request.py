"""Meta's signed requests: what one of our apps signed is read, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from runtime import signed_request

SECRET = "test-app-secret"
VECTOR = (
    "vjL2YU9RgS0PZcdEdX2p9U5KUrY_2RoFLiwuTdniDMo."
    "eyJ1c2VyX2lkIjoiMTIzIiwiYWxnb3JpdGhtIjoiSE1BQy1TSEEyNTYiLCJpc3N1ZWRfYXQiOjE3NjcyMjU2MDB9"
)


def signed(payload: Any, secret: str = SECRET) -> str:
    text = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=") + "." + text


def test_one_of_metas_is_read() -> None:
    found = signed_request.read(VECTOR, ["another", SECRET])
    assert found is not None
    assert (found.user_id, found.secret) == ("123", SECRET)
    assert found.issued_at == datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_an_id_may_be_a_number_and_a_time_missing() -> None:
    found = signed_request.read(signed({"user_id": 123}), [SECRET])
    assert found is not None
    assert (found.user_id, found.issued_at) == ("123", None)


@pytest.mark.parametrize("secrets", [[], ["another"], [""]])
def test_what_no_app_of_ours_signed_is_nothing(secrets: list[str]) -> None:
    assert signed_request.read(VECTOR, secrets) is None
    assert signed_request.read(signed({"user_id": "1"}, ""), secrets) is None


@pytest.mark.parametrize(
    "text",
    ["", ".", "x", VECTOR.replace(".", ""), "." + VECTOR, VECTOR[1:], VECTOR + "A", "é." + VECTOR, VECTOR * 100],
)
def test_what_was_touched_is_nothing(text: str) -> None:
    assert signed_request.read(text, [SECRET]) is None


@pytest.mark.parametrize("payload", [[], "x", 1, {}, {"user_id": None}, {"user_id": True}, {"user_id": ""}])
def test_what_is_signed_and_names_nobody_is_nothing(payload: Any) -> None:
    assert signed_request.read(signed(payload), [SECRET]) is None
