"""The feed's description: what the structs say, and no more; every reference leads somewhere."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from handover import asyncapi
from handover import feed_messages as told
from tests import services
from tests.handover.conftest import Api

DOCUMENT = asyncapi.document()
EXAMPLES: list[Any] = [
    {"type": "auth", "token": "bt_x", "after": 7, "language": "en"},
    {"type": "ping"},
    {"type": "typing", "conversation": "cnv_1"},
    {"type": "viewing", "conversation": None},
    {"type": "presence", "presence": "away"},
]


def _fits(name: str, message: Any) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return bool(jsonschema.Draft7Validator(schema).is_valid(message))


@services.sqlite_only
async def test_anybody_may_read_it(api: Api) -> None:
    assert await api.get("/asyncapi.json", by=None) == (200, json.loads(msgspec.json.encode(DOCUMENT)))


def test_every_reference_leads_somewhere() -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(DOCUMENT)):
        found: Any = DOCUMENT
        for part in reference.split("/"):
            found = found[part]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda each: str(each["type"]))
def test_what_is_read_fits_its_description_and_what_is_not_does_not(message: Any) -> None:
    name = type(told.read(json.dumps(message))).__name__
    assert _fits(name, message)
    assert not _fits(name, {**message, "type": "another"})


def test_what_is_written_fits_its_description() -> None:
    messages: list[told.Told] = [
        told.Ready(last=1, operator="ana", heartbeat_s=20),
        told.Event(id=2, kind="message", conversation="cnv_1", account="acc_1", facts={"message": 1}, at="now"),
        told.Reset(last=3),
        told.PresenceShown(operator="ana", presence="online", viewing=None),
        told.TypingShown(conversation="cnv_1", operator="ana"),
        told.Pong(),
        told.Failure(code="x", message="y"),
    ]
    for message in messages:
        assert _fits(type(message).__name__, json.loads(told.written(message)))
