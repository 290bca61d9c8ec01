"""What a trainer wrote for one of the two channels: it goes as written, but to whom and in which manner is ours."""

from __future__ import annotations

from typing import Any

from connectors.meta_network import Network
from connectors.reading import items, obj
from runtime.channel import Rendered

#: What only we may set.
_OURS = ("recipient", "messaging_type", "tag")
#: By which a whole request is told from a message alone.
_REQUEST = ("message", "sender_action")


def as_written(given: Any, network: Network) -> list[Rendered]:
    """One body or several: each a whole request, or only its message."""
    bodies = given if isinstance(given, list) else [given]
    requests = [_request(body, network) for body in bodies if isinstance(body, dict)]
    return [
        Rendered(kind=_kind(request), text=_text(request), body=request, paid="template" in obj(request.get("message")))
        for request in requests
        if request
    ]


def _request(body: dict[str, Any], network: Network) -> dict[str, Any]:
    whole = body if any(key in body for key in _REQUEST) else {"message": body}
    request = {key: value for key, value in whole.items() if key not in _OURS}
    if isinstance(request.get("sender_action"), str):  # alone in its request
        return {key: value for key, value in request.items() if key in ("sender_action", "payload")}
    message = {key: value for key, value in obj(request.get("message")).items() if key != "metadata"}
    if not message:
        return {}
    if network.utility and "template" in message:
        request["messaging_type"] = "UTILITY"
    return {**request, "message": message}


def _kind(request: dict[str, Any]) -> str:
    message = obj(request.get("message"))
    if "template" in message:
        return "template"
    attachment = obj(message.get("attachment")) or obj(next(iter(items(message.get("attachments"))), None))
    if attachment:
        kind = str(attachment.get("type") or "custom")
        return "document" if kind == "file" else kind
    if "text" in message:
        return "buttons" if message.get("quick_replies") else "text"
    return "custom"


def _text(request: dict[str, Any]) -> str | None:
    message = obj(request.get("message"))
    payload = obj(obj(message.get("attachment")).get("payload"))
    said = message.get("text") or payload.get("text")
    if isinstance(said, str):
        return said
    titles = [obj(element).get("title") for element in items(payload.get("elements"))]
    return "\n".join(title for title in titles if isinstance(title, str)) or None
