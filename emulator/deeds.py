"""What somebody can do on a phone, as a script asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.channel import Said
from emulator.chats import Item
from emulator.clock import clock
from emulator.fields import Faulty, Fields, Json
from emulator.people import digits

_CHOOSING = ("button", "list", "quick_reply", "postback")
#: What is a picture, of which somebody who only says so gets one.
PICTURES = ("image", "sticker", "story_reply", "story_mention")
#: What is drawn on the phone as what it is.
SEEN = frozenset({*PICTURES, "attachment"})
Parts = dict[str, Any]


def read(fields: Fields, known: frozenset[str]) -> tuple[str, Parts]:
    """The one thing that is done, of those this network knows; and what a `Said` needs of it."""
    given = [deed for deed in _READERS if fields.has(deed)]
    if len(given) != 1:
        fields.fault("text", f"or one of {', '.join(sorted(known - {'text'}))} must be given, and only one")
        return "text", {}
    kind = given[0]
    if kind not in known and not (kind == "button" and "quick_reply" in known):
        fields.fault(kind, "is not done on this network")
    return kind, _READERS[kind](fields, kind)


def chosen_as(kind: str, known: frozenset[str], offered: Item | None) -> str:
    """`button` is what is there to be pressed: on some networks a quick reply, or a button that stays."""
    if kind != "button" or "button" in known:
        return kind
    return "postback" if offered is not None and "quick_replies" not in offered.view else "quick_reply"


def phone(fields: Fields) -> str:
    number = digits(fields.text("customer"))
    if not 5 <= len(number) <= 20:
        fields.fault("customer", "must be a phone number with its country code")
    return number


def moment(fields: Fields) -> int:
    """`timestamp` in milliseconds: it may be given in seconds too, as small as they are."""
    given = fields.whole("timestamp", clock.now_ms(), high=10**14)
    return given * 1000 if given < 10**11 else given


def view(said: Said) -> Json:
    """What the phone needs beside the text to draw what a customer did."""
    if said.kind in PICTURES and isinstance(said.raw.get("url"), str):
        return {"attachments": [{"type": "image", "url": said.raw["url"]}]}
    attachments = said.raw.get("attachments") if said.kind == "attachment" else None
    if not isinstance(attachments, list):
        return {}
    payloads = [(a.get("type"), a.get("payload")) for a in attachments if isinstance(a, dict)]
    return {"attachments": [{"type": t, "url": p.get("url", "")} for t, p in payloads if isinstance(p, dict)]}


def _text(fields: Fields, kind: str) -> Parts:
    return {"text": fields.text(kind)}


def _unsupported(fields: Fields, kind: str) -> Parts:
    given = fields.any(kind)
    return {"text": given if isinstance(given, str) else "poll"}


def _raw(fields: Fields, kind: str) -> Parts:
    return {"raw": _object(fields, kind)}


def _image(fields: Fields, kind: str) -> Parts:
    given = fields.any(kind)
    image = dict(given) if isinstance(given, dict) else {}
    caption = image.pop("caption", "")
    return {"text": caption if isinstance(caption, str) else "", "raw": image}


def _sticker(fields: Fields, kind: str) -> Parts:
    given = fields.any(kind)
    return {"raw": dict(given) if isinstance(given, dict) else {}}


def _attachment(fields: Fields, kind: str) -> Parts:
    """`{type, url, text?, …}`, or `attachments`, a list of them; what else is given goes into the payload."""
    whole = dict(_object(fields, kind))
    text = whole.pop("text", "")
    given = whole.pop("attachments", None) or [whole]
    if not all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in given):
        fields.fault(f"{kind}.type", "must be text, not empty")
        return {}
    made = [{"type": one["type"], **_payload(one)} for one in given]
    return {"text": text if isinstance(text, str) else "", "raw": {"attachments": made}}


def _payload(one: Json) -> Json:
    rest = {key: value for key, value in one.items() if key != "type"}
    return {"payload": rest["payload"]} if "payload" in rest else {"payload": rest} if rest else {}


def _reaction(fields: Fields, kind: str) -> Parts:
    inner = _inner(fields, kind)
    parts = {"target": inner.text("message_id"), "text": inner.text("emoji", "")}
    return _finished(fields, inner, parts)


def _choice(fields: Fields, kind: str) -> Parts:
    """A quick reply may come without its title."""
    inner = _inner(fields, kind)
    title = inner.text("title", "") if kind in ("quick_reply", "postback") else inner.text("title")
    choice = {"id": inner.text("id"), "title": title}
    if kind == "list" and inner.text("description", ""):
        choice["description"] = inner.text("description", "")
    extra = {"referral": inner.any("referral")} if kind == "postback" and inner.has("referral") else {}
    return _finished(fields, inner, {"choice": choice, "raw": extra})


def _change(fields: Fields, kind: str) -> Parts:
    inner = _inner(fields, kind)
    parts: Parts = {"target": inner.text("message_id")}
    if kind == "edit":
        parts["text"] = inner.text("text")
    return _finished(fields, inner, parts)


def _cards(fields: Fields, kind: str) -> Parts:
    """As WhatsApp has them, one or several."""
    given = fields.any(kind)
    cards = given if isinstance(given, list) else [given]
    if not cards or not all(isinstance(card, dict) for card in cards):
        fields.fault(kind, "must be a card or a list of them")
        return {}
    return {"raw": {"contacts": cards}}


def _with_text(fields: Fields, kind: str) -> Parts:
    """A comment, or an answer to a story: what is written, and about what."""
    whole = dict(_object(fields, kind))
    text = whole.pop("text", "")
    if not isinstance(text, str) or not text:
        fields.fault(f"{kind}.text", "must be text, not empty")
    return {"text": text, "raw": whole}


def _inner(fields: Fields, kind: str) -> Fields:
    return Fields(fields.any(kind), kind)


def _finished(fields: Fields, inner: Fields, parts: Parts) -> Parts:
    try:
        inner.finish()
    except Faulty as faulty:
        fields.problems += faulty.problems
    return parts


def _object(fields: Fields, key: str) -> Json:
    value = fields.any(key)
    if isinstance(value, dict):
        return value
    fields.fault(key, "must be an object")
    return {}


_READERS: dict[str, Callable[[Fields, str], Parts]] = {
    "text": _text,
    **{kind: _choice for kind in _CHOOSING},
    "reaction": _reaction,
    "image": _image,
    "attachment": _attachment,
    "sticker": _sticker,
    "unsupported": _unsupported,
    "edit": _change,
    "unsend": _change,
    "story_reply": _with_text,
    "story_mention": _raw,
    "referral": _raw,
    "optin": _raw,
    "linking": _raw,
    "comment": _with_text,
    **dict.fromkeys(("video", "audio", "voice", "document"), _image),
    **dict.fromkeys(("location", "order", "flow", "call_permission", "unknown"), _raw),
    **dict.fromkeys(("number_change", "id_change", "identity_change"), _raw),
    **dict.fromkeys(("template_button", "forwarded", "product", "group"), _with_text),
    "contacts": _cards,
    "raw": _raw,
}
