"""What a customer can send besides words: the intent a trainer may have for it, its entities; and what else of a
message actions are told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conversation.arrivals import BUTTON, COMMENT, REACTION, SIGNALS, TEXT

#: Values are cut there; lists hold no more than so many; and so much JSON is put beside a message at most.
_LONGEST, _MOST, _MOST_BESIDES = 300, 10, 700
_WORDS = 1_000  # a caption's, a note's
_NO_INTENT = SIGNALS | {TEXT, BUTTON, REACTION, COMMENT}
_KIND = re.compile(r"[a-z][a-z_]{0,39}", re.ASCII)
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
#: What of a link's or an advertisement's reference is told, the most useful first.
_REFERRAL = ("source_type", "source_id", "ad_id", "ref", "source", "type", "headline", "ctwa_clid", "source_url")
Entities = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Besides:
    """What stands beside the words. `intent`: by which the dialogue is asked about what has none."""

    intent: str | None = None
    entities: Entities = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    in_group: bool = False

    @property
    def payload(self) -> str | None:
        """As Rasa takes an intent. The intent is ours; what a customer sent stands in JSON, and is only data."""
        if self.intent is None:
            return None
        return f"/{self.intent}{json.dumps(dict(self.entities), ensure_ascii=False) if self.entities else ''}"


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What the loaded model's domain can be told; all else is for people.

    `loaded` False: nobody knows yet, so that what may have an intent waits for who does.
    """

    intents: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    loaded: bool = True

    def has(self, intent: str) -> bool:
        return intent in self.intents or not self.loaded


NO_INTENTS, NOTHING_BESIDES = Vocabulary(), Besides()


def intents(kind: str, content: Mapping[str, Any]) -> tuple[str, ...]:
    """By which a trainer may have it answered, the most exact first; none for words and for what is no message."""
    if kind in _NO_INTENT or not _KIND.fullmatch(kind):
        return ()
    if kind == "interactive":
        return _of_interactive(content)
    if kind == "voice" or (kind == "audio" and content.get("voice") is True):
        return "sent_voice", "sent_audio"
    return (f"sent_{kind}",)


def _of_interactive(content: Mapping[str, Any]) -> tuple[str, ...]:
    if isinstance(content.get("nfm_reply"), dict):
        return ("sent_flow",)
    return ("sent_call_permission",) if isinstance(content.get("call_permission_reply"), dict) else ()


def entities(kind: str, text: str | None, content: Mapping[str, Any]) -> dict[str, Any]:
    """Flat and short: texts, or lists of them where there are several."""
    found = _ENTITIES.get(kind, _of_file)(content)
    words = "note" if kind == "order" else "caption"
    if text and kind != "interactive":
        found[words] = text[:_WORDS]
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _of_file(content: Mapping[str, Any]) -> dict[str, Any]:
    return {"filename": _plain(content.get("filename"))}


def _of_location(content: Mapping[str, Any]) -> dict[str, Any]:
    """On Messenger it is an attachment."""
    attached = _first(content.get("attachments"))
    spot = _obj(_obj(attached.get("payload")).get("coordinates"))
    return {
        "latitude": _plain(content.get("latitude")) or _plain(spot.get("lat")),
        "longitude": _plain(content.get("longitude")) or _plain(spot.get("long")),
        "place": _plain(content.get("name")) or _plain(attached.get("title")),
        "address": _plain(content.get("address")),
    }


def _of_contacts(content: Mapping[str, Any]) -> dict[str, Any]:
    cards = _objects(content.get("contacts"))
    phones = [_first(card.get("phones")) for card in cards]
    return {
        "contact_name": _plains(_obj(card.get("name")).get("formatted_name") for card in cards),
        "contact_phone": _plains(each.get("wa_id") or each.get("phone") for each in phones),
    }


def _of_order(content: Mapping[str, Any]) -> dict[str, Any]:
    items = _objects(content.get("product_items"))
    return {
        "catalog_id": _plain(content.get("catalog_id")),
        "product": _plains(item.get("product_retailer_id") for item in items),
        "quantity": _plains(item.get("quantity") for item in items),
        "price": _plains(item.get("item_price") for item in items),
        "currency": _plain(_first(items).get("currency")),
    }


def _of_reply(content: Mapping[str, Any]) -> dict[str, Any]:
    """Of a Flow: each plain answer, under the name it has there. Of the wish to be called: accepted or not."""
    if isinstance(content.get("nfm_reply"), dict):
        answers = list(_obj(content.get("response")).items())[: 2 * _MOST]
        return {name: _answer(value) for name, value in answers if _FIELD.fullmatch(name)}
    return {"response": _plain(_obj(content.get("call_permission_reply")).get("response"))}


def _answer(value: Any) -> Any:
    return _plains(value) if isinstance(value, list) else _plain(value)


_ENTITIES = {
    "location": _of_location,
    "contacts": _of_contacts,
    "order": _of_order,
    "interactive": _of_reply,
}


def metadata(
    kind: str, content: Mapping[str, Any], quoted: tuple[str, str | None] | None, files: Sequence[int] = ()
) -> dict[str, Any]:
    """Only what is out of the ordinary, and small: Rasa keeps it with every message. `quoted`: an id and its words."""
    context, who = _obj(content.get("context")), writer_in_group(kind, content)
    found = {
        "kind": kind if kind not in (TEXT, BUTTON) else None,
        "group_from": None if who is None else _plain(who.get("name")) or "?",
        "files": list(files[:_MOST]),
        "forwarded": "often" if context.get("frequently_forwarded") else "once" if context.get("forwarded") else None,
        "quoted": _short({"id": quoted[0], "text": quoted[1]}, 100) if quoted else None,
        "product": _short(_obj(context.get("referred_product")), 60),
        "button_payload": _cut(content.get("payload"), 128) if kind == TEXT else None,
        "referral": _referral(_obj(content.get("referral"))),
    }
    told, size = {}, 0
    for name, value in found.items():
        if value and size + (length := len(json.dumps({name: value}, ensure_ascii=False).encode())) <= _MOST_BESIDES:
            told[name], size = value, size + length
    return told


def writer_in_group(kind: str, content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who wrote it, of a message in a group; a comment says that of itself too."""
    who = content.get("from")
    return who if isinstance(who, dict) and kind != COMMENT else None


def _referral(given: Mapping[str, Any]) -> dict[str, str]:
    return _short({name: given.get(name) for name in _REFERRAL}, 80, whole=("ctwa_clid", "source_url"))


def _short(given: Mapping[str, Any], longest: int, whole: Sequence[str] = ()) -> dict[str, str]:
    """What is plain of it, cut; half of what is `whole` would be worth nothing, so that it is left out if long."""
    found = {name: _plain(value) for name, value in list(given.items())[:_MOST]}
    kept = {name: value for name, value in found.items() if value and (name not in whole or len(value) <= 2 * longest)}
    return {name: value if name in whole else value[:longest] for name, value in kept.items()}


def _plain(value: Any) -> str | None:
    """A word or a number, as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:_LONGEST] if isinstance(value, (str, int, float)) and value != "" else None


def _plains(values: Any) -> list[str]:
    return [plain for plain in map(_plain, list(values)[:_MOST]) if plain is not None]


def _cut(value: Any, longest: int) -> str | None:
    plain = _plain(value)
    return plain and plain[:longest]


def _obj(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value[:_MOST] if isinstance(each, dict)] if isinstance(value, list) else []


def _first(value: Any) -> dict[str, Any]:
    return next(iter(_objects(value)), {})
