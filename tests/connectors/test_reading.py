"""What a body may hold that no database takes: it is mended wherever it stands, and nothing else is touched."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import reading


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (rb'{"a": ["x\u0000y", {"\ud83d": "\udc15"}]}', {"a": ["x�y", {"�": "�"}]}),
        (rb'{"a": "\ud83d\udc15 \\u0000"}', {"a": "🐕 \\u0000"}),
        ('{"a": "é 🐕"}'.encode(), {"a": "é 🐕"}),
        (b'{"a": [1e999, -1e999, NaN, Infinity, 1.5, 7]}', {"a": ["1e999", "-1e999", "NaN", "Infinity", 1.5, 7]}),
    ],
    ids=["null character and halves", "a whole emoji, and a backslash", "plain UTF-8", "numbers JSON has not"],
)
def test_a_body_is_read_as_what_can_be_stored(raw: bytes, read: object) -> None:
    found = reading.document(raw)

    assert found == read
    json.dumps(found, allow_nan=False).encode()


@pytest.mark.parametrize("depth", [300, 5_000, 100_000])
def test_a_body_nested_without_end_is_refused_or_can_be_written_again(depth: int) -> None:
    raw = b'{"a": ' + b"[" * depth + b"]" * depth + b"}"

    try:
        found = reading.document(raw)
    except ValueError:
        return
    assert json.dumps(found)


@pytest.mark.parametrize("raw", [b"\xff{}", b"[]", b"7", b"{", b""])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        reading.document(raw)


AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=timezone.utc)
NOW = AT + timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (1790000000, AT),
        ("1790000000123", AT + timedelta(milliseconds=123)),
        ("2026-09-21T14:13:20+0000", AT),
        ("2026-09-21T14:13:20Z", AT),
        ("2026-09-21T11:13:20-03:00", AT),
        ("2026-09-21T14:13:20.500+0000", AT + timedelta(milliseconds=500)),
        (" 2026-09-21 14:13:20 ", AT),
    ],
)
def test_a_time_is_read_in_every_form_that_meta_gives_it(given: Any, read: datetime) -> None:
    assert reading.time_of(given) == read == reading.instant(given, NOW)


@pytest.mark.parametrize(
    "given",
    [None, True, 0, -5, "", "soon", "nan", "9" * 400, 1e300, [], "2026-13-45T99:00:00Z", "0001-01-01T00:00:00+2300"],
)
def test_what_is_no_time_is_none_and_counts_as_now(given: Any) -> None:
    assert reading.time_of(given) is None and reading.instant(given, NOW) == NOW


def test_besides_what_was_read_all_is_kept_and_what_could_not_be_read_too() -> None:
    given = {"mid": "m_1", "title": {"mid": "m_2"}, "payload": "p", "new": None}
    assert reading.besides(given, "mid", "title") == {"title": {"mid": "m_2"}, "payload": "p", "new": None}
