"""What Meta says of its budgets of calls: slower from three quarters on, and nothing asked while it takes none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.graph_usage import Budgets, Usage, read
from conversation.course import Course
from conversation.errors import SendError

TOKEN = "EAAtoken"


def headers(kind: str = "whatsapp_business_management", *, app: int = 0, used: int = 0, regain: int = 0) -> Any:
    one = {"type": kind, "call_count": used, "total_time": 1, "estimated_time_to_regain_access": regain}
    told = {"call_count": app, "total_cputime": 0, "total_time": 0}
    return {"X-App-Usage": json.dumps(told), "X-Business-Use-Case-Usage": json.dumps({"300": [one]})}


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("given", "usage"),
    [
        (headers(used=80), Usage(sending=0, managing=80)),
        (headers("messenger", used=80), Usage(sending=80, managing=80)),
        (headers(app=90, used=80), Usage(sending=90, managing=90)),
        (headers(used=100, regain=3), Usage(sending=0, managing=100, managing_regain_s=180)),
        ({}, None),
        ({"X-App-Usage": "no document", "X-Business-Use-Case-Usage": "[]"}, None),
        ({"X-Business-Use-Case-Usage": '{"300": [{"call_count": "many"}, 7], "301": {}}'}, Usage()),
    ],
)
def test_what_an_answer_says(given: Any, usage: Usage | None) -> None:
    assert read(given) == usage


def test_calls_get_slower_from_three_quarters_on_and_messages_by_their_own_budget() -> None:
    budgets = Budgets()
    waits = []
    for used in (74, 75, 80, 100):
        budgets.note(TOKEN, headers(used=used))
        waits.append(budgets.wait_s(TOKEN, sending=False))
    assert waits[:2] == [0, 0]
    assert 0 < waits[2] < waits[3]
    assert budgets.wait_s(TOKEN, sending=True) == 0
    budgets.note(TOKEN, headers(app=100))
    assert 0 < budgets.wait_s(TOKEN, sending=True) <= 1


def test_nothing_is_asked_until_meta_takes_calls_again() -> None:
    now = Time()
    budgets = Budgets(now)
    budgets.note(TOKEN, headers("instagram", used=20, regain=7))
    now.now += 60
    with pytest.raises(SendError) as refused:
        budgets.wait_s(TOKEN, sending=True)
    assert refused.value.course is Course.PAUSE_ACCOUNT
    assert refused.value.retry_after_s == pytest.approx(360)
    now.now += 361
    assert budgets.wait_s(TOKEN, sending=True) == 0


def test_what_was_said_long_ago_or_of_another_token_is_nothing() -> None:
    now = Time()
    budgets = Budgets(now)
    budgets.note(TOKEN, headers(used=100))
    assert budgets.of("another") is None
    now.now += 301
    assert budgets.of(TOKEN) is None
    assert budgets.wait_s(TOKEN, sending=False) == 0
