"""The Idempotency-Key of a send: whoever does not know whether it went through asks again, and it is sent once."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import regex
from sanic.request import Request

from conversation.errors import BadInput
from conversation.said import say
from store.idempotency import Once
from store.operators import Operator

HEADER = "Idempotency-Key"
LONGEST = 120
_KEY = regex.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")


def asked(request: Request, operator: Operator, conversation_id: str, body: Any) -> Once | None:
    """None where no key came with it: then it is sent each time."""
    key = request.headers.get(HEADER)
    return None if key is None else under(key, request, operator, conversation_id, body)


def under(key: str, request: Request, operator: Operator, conversation_id: str, body: Any) -> Once:
    if not _KEY.fullmatch(key):
        raise BadInput(say("An Idempotency-Key is 1 to {most} printable characters without spaces.", most=LONGEST))
    assert request.route is not None
    named = request.match_info.get("conversation_id", conversation_id)  # as asked: it may have become another since
    whole = msgspec.json.encode([request.route.path, named, msgspec.to_builtins(body)], order="sorted")
    return Once(operator=operator.name, key=key, request=hashlib.sha256(whole).hexdigest())
