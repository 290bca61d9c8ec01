"""One item of `messages[]`: what a customer did, as WhatsApp tells it [WA docs: messages webhook reference]."""

from __future__ import annotations

from collections.abc import Callable

from emulator import whatsapp_kinds
from emulator.channel import Said
from emulator.fields import Json
from emulator.people import Account, Customer, digits

_CALLED = {"button": "interactive", "list": "interactive", "unsend": "revoke"}


def message(account: Account, customer: Customer, said: Said) -> Json:
    item: Json = {
        "from": customer.phone,
        "from_user_id": customer.user_id,
        "id": said.id,
        "timestamp": str(said.at_s),
    }
    if customer.hide_phone:
        del item["from"]
    if said.kind == "raw":
        return {**item, **said.raw}
    item["type"] = _CALLED.get(said.kind, said.kind)
    rarer = whatsapp_kinds.PARTS.get(said.kind)
    item.update(_PARTS[said.kind](said) if rarer is None else rarer(said, customer))
    if said.reply_to:
        quoted = {"from": digits(account.display_phone_number), "id": said.reply_to}
        item["context"] = {**item.get("context", {}), **quoted}
    return item


def _text(said: Said) -> Json:
    return {"text": {"body": said.text}}


def _choice(said: Said) -> Json:
    return {"interactive": {"type": f"{said.kind}_reply", f"{said.kind}_reply": said.choice}}


def _reaction(said: Said) -> Json:
    """Taken back, its emoji is empty."""
    return {"reaction": {"message_id": said.target, "emoji": said.text}}


def _image(said: Said) -> Json:
    return {
        "image": _captioned({**({} if "id" in said.raw else whatsapp_kinds.made_up("image/png")), **said.raw}, said)
    }


def _sticker(said: Said) -> Json:
    return {
        "sticker": {**({} if "id" in said.raw else whatsapp_kinds.made_up("image/png")), "animated": False, **said.raw}
    }


def _attachment(said: Said) -> Json:
    """Any kind of file, by the id of what was stored here before."""
    one = said.raw["attachments"][0]
    return {"type": one["type"], one["type"]: _captioned(one.get("payload", {}), said)}


def _unsupported(said: Said) -> Json:
    error = {
        "code": 131051,
        "title": "Message type unknown",
        "message": "Message type unknown",
        "error_data": {"details": "Message type is currently not supported."},
    }
    return {"unsupported": {"type": said.text}, "errors": [error]}


def _edit(said: Said) -> Json:
    changed = {"type": "text", "text": {"body": said.text}}
    return {"edit": {"original_message_id": said.target, "message": changed}}


def _revoke(said: Said) -> Json:
    return {"revoke": {"original_message_id": said.target}}


def _captioned(file: Json, said: Said) -> Json:
    return {**file, "caption": said.text} if said.text else file


_PARTS: dict[str, Callable[[Said], Json]] = {
    "text": _text,
    "button": _choice,
    "list": _choice,
    "reaction": _reaction,
    "image": _image,
    "sticker": _sticker,
    "attachment": _attachment,
    "unsupported": _unsupported,
    "edit": _edit,
    "unsend": _revoke,
}
KINDS = frozenset({*_PARTS, *whatsapp_kinds.PARTS, "raw"})
OPENING = KINDS - whatsapp_kinds.NOT_OPENING - {"edit", "unsend", "reaction"}
