"""WhatsApp's field `history`: what was said on the phone's own app before the number was connected, thread by thread.

Of the last half year, in three phases, a body holding up to thousands of messages; only where the business shares it.
Files come as placeholders, and those of the last fourteen days once more by themselves, under the same ids.
[WA docs: history webhook reference; onboarding Business app users]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connectors import reading, whatsapp_echoes, whatsapp_message
from connectors.reading import Unreadable, ident, items, obj
from connectors.whatsapp_change import Change, read_one
from conversation.arrivals import Arrival, Echo, Inbound, Remembered, Unfamiliar

_READ = {"messaging_product", "metadata", "contacts", "history", "messages"}
_READ_OF_A_PART = {"metadata", "threads"}


def read(change: Change) -> Iterator[Arrival]:
    found = [*_parts(change), *_files(change)]
    rest = {key: piece for key, piece in change.value.items() if key not in _READ}
    if rest:
        found.append(change.unfamiliar("history_other", rest))
    yield from found or [change.unfamiliar("history", change.value)]


def _parts(change: Change) -> Iterator[Arrival]:
    """Thread by thread; what has not the shape of a list of objects somewhere is kept, from there on."""
    for part in _objects(change, change.value, "history"):
        if not isinstance(part, dict):
            yield part
            continue
        for thread in _objects(change, part, "threads"):
            if not isinstance(thread, dict):
                yield thread
                continue
            of = ident(thread.get("id"))
            if not isinstance(thread.get("messages"), (list, type(None))):
                yield change.unfamiliar("unreadable_history", thread)
            for item in items(thread.get("messages")):
                yield read_one(change, item, "unreadable_history", lambda c, i, of=of: _message(c, i, of))  # type: ignore[misc]
        rest = {key: piece for key, piece in part.items() if key not in _READ_OF_A_PART}
        if rest:  # that the business does not share it (2593109), for one
            yield change.unfamiliar("history_refused" if "errors" in rest else "history_other", part)


def _objects(change: Change, holder: dict[str, Any], key: str) -> Iterator[dict[str, Any] | Unfamiliar]:
    given = holder.get(key)
    for each in given if isinstance(given, list) else [] if given is None else [given]:
        fits = isinstance(given, list) and isinstance(each, dict)
        yield each if fits else change.unfamiliar("unreadable_history", {key: each})


def _files(change: Change) -> Iterator[Arrival]:
    given = change.value.get("messages")
    if not isinstance(given, (list, type(None))):
        yield change.unfamiliar("unreadable_history", {"messages": given})
    for item in items(given):
        yield read_one(change, item, "unreadable_history", lambda c, i: _message(c, i, None))


def _message(change: Change, item: dict[str, Any], thread: str | None) -> Arrival:
    """One message; with `to` it is the business's. An edit, or what WhatsApp itself said, is kept apart."""
    kind = reading.text(item.get("type"))
    plain = {key: value for key, value in item.items() if key != "history_context"}
    if kind in whatsapp_message.CHANGES or kind in whatsapp_message.SAYS_NOTHING:
        return change.unfamiliar(f"history_{kind}", item, ident(item.get("id")))
    if change.account is None or reading.time_of(item.get("timestamp")) is None:
        raise Unreadable("a message of the past needs its time, and the number it was sent to")
    ours = _is_ours(change, item)
    if ours:
        plain.setdefault("to", thread)
        said: Any = whatsapp_echoes.echo(change, plain)
    else:
        provider_id = ident(item.get("id"))
        if provider_id is None or kind is None:
            raise Unreadable("a message needs an id and a type")
        plain["from"] = thread or plain.get("from")
        said = whatsapp_message.read(change.account, provider_id, kind, plain, change.value, change.now)
    if not isinstance(said, (Inbound, Echo)):
        raise Unreadable("nothing that was said")
    return Remembered(account=said.account, said=replace(said, recovered=True))


def _is_ours(change: Change, item: dict[str, Any]) -> bool:
    own = _digits(obj(change.value.get("metadata")).get("display_phone_number"))
    return bool(item.get("to")) or (bool(own) and _digits(item.get("from")) == own)


def _digits(value: Any) -> str:
    return re.sub(r"\D", "", ident(value) or "")
