"""GET /api/v1/asyncapi.json: what is said on the feed's socket, made of the structs that it is read into and written
from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from handover import feed_messages, feed_socket
from handover.auth import open_route

_SCHEMA = "#/components/schemas/{name}"
_CHANNEL = "#/channels/feed"


def register(blueprint: Blueprint) -> None:
    @open_route(
        blueprint, "GET", "/asyncapi.json", because="It says how the feed is spoken to, and nothing of anybody."
    )
    async def show_asyncapi(request: Request) -> HTTPResponse:
        """The feed's description, as AsyncAPI 3.0."""
        return HTTPResponse(msgspec.json.encode(document()), content_type="application/json")


def document() -> dict[str, Any]:
    sent, told = (get_args(each) for each in (feed_messages.Sent, feed_messages.Told))
    _, schemas = msgspec.json.schema_components([*sent, *told], ref_template=_SCHEMA)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Baton's feed",
            "version": "1",
            "description": (
                "What happens in the conversations that an operator sees, as it happens, in the order in which it was"
                " written down. The first message says who follows, with a token or a ticket; a socket that says"
                " nothing for 10 seconds, or something wrong, is closed. A client that was cut off connects again and"
                " gives the id of the last event it has read as `after`: nothing is missed, and what comes twice over"
                " two sockets has the same id. " + _closings()
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"here": {"host": "localhost:5005", "protocol": "ws", "description": "`wss` behind TLS."}},
        "channels": {
            "feed": {
                "address": "/ws",
                "messages": {each.__name__: {"$ref": f"#/components/messages/{each.__name__}"} for each in sent + told},
            }
        },
        "operations": {
            "say": {"action": "receive", "channel": {"$ref": _CHANNEL}, "messages": _named(sent)},
            "tell": {"action": "send", "channel": {"$ref": _CHANNEL}, "messages": _named(told)},
        },
        "components": {
            "messages": {each.__name__: _message(each) for each in sent + told},
            "schemas": {name: schemas[name] for name in sorted(schemas)},
        },
    }


def _closings() -> str:
    codes = {
        1001: "the gateway stops, another is there already",
        1009: "a message was larger than 16 kB",
        feed_socket.FAILED: "something failed here",
        feed_socket.TRY_AGAIN: "the database cannot be reached at the moment",
        feed_socket.UNAUTHORIZED: "nobody said in time who follows, or they may no longer",
        feed_socket.TOO_SLOW: "nothing was taken for 30 seconds",
        feed_socket.TOO_MANY: "too many sockets",
    }
    return "Why it is closed: " + "; ".join(f"{code}, {why}" for code, why in codes.items()) + "."


def _named(structs: Sequence[Any]) -> list[dict[str, str]]:
    return [{"$ref": f"{_CHANNEL}/messages/{each.__name__}"} for each in structs]


def _message(struct: Any) -> dict[str, Any]:
    return {
        "name": struct.__struct_config__.tag,
        "summary": " ".join((struct.__doc__ or "").split()),
        "payload": {"$ref": _SCHEMA.format(name=struct.__name__)},
    }
