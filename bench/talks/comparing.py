"""Whether two sides said and stored the same, once only what must differ is set aside.

Set aside are times, message ids, the model's id, and the metadata of a message, which is ours and not stock's (also
where Rasa keeps it in a slot of its own). At the start of a session stock carries over every value a slot ever had,
ours the last of each: there the slots that result are compared.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from runtime.channel import Utterance

_ASIDE = {"timestamp", "message_id", "model_id"}
_OUR_METADATA = {"channel", "account", "verdict", "reason", "turn_key"}
_SESSION_METADATA = "session_started_metadata"  # a slot of Rasa's

Plain = Mapping[str, Any]


def of_stock(message: Plain) -> dict[str, Any]:
    """What stock Rasa sent, in the parts of an utterance of ours."""
    return _said(message.get("text"), message)


def of_ours(said: Utterance) -> dict[str, Any]:
    whole = {
        "buttons": said.buttons,
        "image": said.image,
        "attachment": said.attachment,
        "elements": said.elements,
        "custom": said.custom,
    }
    return _said(said.text, whole)


def _said(text: str | None, parts: Plain) -> dict[str, Any]:
    offered = [*(parts.get("buttons") or []), *(parts.get("quick_replies") or [])]
    kept = {name: parts.get(name) or None for name in ("image", "attachment", "elements", "custom")}
    return {"text": text or None, "buttons": offered, **kept}


def plain(events: Iterable[Plain], initial: Plain) -> list[Any]:
    """Events without what must differ. `initial`: the slots' initial values."""
    kept = (_clean(event) for event in events if event.get("name") != _SESSION_METADATA)
    return list(_with_sessions_folded(kept, initial))


def first_difference(theirs: Sequence[Any], mine: Sequence[Any]) -> str | None:
    """In words: where two lists part."""
    for n, (one, other) in enumerate(itertools.zip_longest(theirs, mine, fillvalue="nothing")):
        if one != other:
            return f"number {n}: stock {_shown(one)}, ours {_shown(other)}"
    return None


def _clean(event: Plain) -> dict[str, Any]:
    kept = _without(dict(event), _ASIDE)
    for place in (kept, kept.get("parse_data") or {}):
        place["metadata"] = _without(place.get("metadata") or {}, _OUR_METADATA)
    return dict(json.loads(json.dumps(kept, sort_keys=True)))


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    return [_without(each, names) for each in value] if isinstance(value, (list, tuple)) else value


def _with_sessions_folded(events: Iterable[dict[str, Any]], initial: Plain) -> Iterator[dict[str, Any]]:
    """The slots set right after a session's start become one event that says what they come to."""
    carried: dict[str, Any] | None = None
    for event in events:
        if carried is not None:
            if event["event"] == "slot":
                carried[event["name"]] = event["value"]
                continue
            differing = {name: value for name, value in carried.items() if value != initial.get(name)}
            yield {"event": "carried over", "slots": differing}
            carried = None
        yield event
        if event["event"] == "session_started":
            carried = {}


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) < 700 else f"{text[:700]} …"
