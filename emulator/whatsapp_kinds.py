"""The rarer things a phone can do on WhatsApp, and what WhatsApp says of a customer itself.

[WA docs: messages webhook reference; groups; system messages; business-scoped user IDs]
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable

from emulator import pictures
from emulator.channel import Said
from emulator.fields import Json
from emulator.people import Customer

#: Files by kind: WhatsApp's type of the message, and what it is declared as where nobody says.
_FILES = {
    "video": ("video", "video/mp4"),
    "audio": ("audio", "audio/mpeg"),
    "voice": ("audio", "audio/ogg; codecs=opus"),
    "document": ("document", "image/png"),
}
_SYSTEM = {
    "number_change": "user_changed_number",
    "id_change": "user_changed_user_id",
    "identity_change": "customer_identity_changed",
}


def made_up(mime_type: str) -> Json:
    """A picture, whatever it is called: whoever wants a file that plays gives the id of one."""
    own_id = pictures.made_up_id()
    digest = hashlib.sha256(pictures.picture(own_id)).digest()
    return {"id": own_id, "mime_type": mime_type, "sha256": base64.b64encode(digest).decode()}


def _file(said: Said, customer: Customer) -> Json:
    kind, mime_type = _FILES[said.kind]
    file = {**({} if "id" in said.raw else made_up(said.raw.get("mime_type", mime_type))), **said.raw}
    if kind == "audio":
        file["voice"] = said.kind == "voice"
    elif said.text:
        file["caption"] = said.text
    return {"type": kind, kind: file}


def _own_object(said: Said, customer: Customer) -> Json:
    """A location or an order: just that."""
    return {"type": said.kind, said.kind: said.raw}


def _contacts(said: Said, customer: Customer) -> Json:
    return {"type": "contacts", "contacts": said.raw["contacts"]}


def _flow(said: Said, customer: Customer) -> Json:
    """Filled in. `response` may be given instead of the text that WhatsApp makes of it."""
    reply = {"name": "flow", "body": "Sent", **said.raw}
    if "response" in reply:
        reply["response_json"] = json.dumps(reply.pop("response"), ensure_ascii=False)
    return {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": reply}}


def _call_permission(said: Said, customer: Customer) -> Json:
    reply = {"response": "accept", "is_permanent": False, "response_source": "user_action", **said.raw}
    return {"type": "interactive", "interactive": {"type": "call_permission_reply", "call_permission_reply": reply}}


def _template_button(said: Said, customer: Customer) -> Json:
    return {"type": "button", "button": {"payload": said.text, **said.raw, "text": said.text}}


def _forwarded(said: Said, customer: Customer) -> Json:
    key = "frequently_forwarded" if said.raw.get("often") else "forwarded"
    return {"type": "text", "text": {"body": said.text}, "context": {key: True}}


def _product(said: Said, customer: Customer) -> Json:
    return {"type": "text", "text": {"body": said.text}, "context": {"referred_product": said.raw}}


def _referral(said: Said, customer: Customer) -> Json:
    """The first message after an advertisement was tapped."""
    given = dict(said.raw)
    words = given.pop("text", "Oi! Vi o anúncio.")
    advert = {
        "source_url": "https://fb.me/1",
        "source_id": "120000000000001",
        "source_type": "ad",
        "media_type": "image",
    }
    return {"type": "text", "text": {"body": words}, "referral": {**advert, "ctwa_clid": "ARAkLk", **given}}


def _group(said: Said, customer: Customer) -> Json:
    return {"type": "text", "text": {"body": said.text}, "group_id": said.raw.get("group_id", "group-1")}


def _system(said: Said, customer: Customer) -> Json:
    what = _SYSTEM[said.kind]
    own: Json = {"type": what, "body": f"{customer.name}: {what}", **said.raw}
    if said.kind != "identity_change":
        return {"type": "system", "system": own}
    identity = {"acknowledged": False, "created_timestamp": said.at_s, "hash": "aGFzaA=="}
    return {"type": "system", "system": own, "identity": identity}


def _unknown(said: Said, customer: Customer) -> Json:
    kind = str(said.raw.get("type", "hologram"))
    return {"type": kind, kind: {key: value for key, value in said.raw.items() if key != "type"}}


PARTS: dict[str, Callable[[Said, Customer], Json]] = {
    **dict.fromkeys(_FILES, _file),
    "location": _own_object,
    "order": _own_object,
    "contacts": _contacts,
    "flow": _flow,
    "call_permission": _call_permission,
    "template_button": _template_button,
    "forwarded": _forwarded,
    "product": _product,
    "referral": _referral,
    "group": _group,
    **dict.fromkeys(_SYSTEM, _system),
    "unknown": _unknown,
}
#: With these nobody writes to the business in a chat of their own.
NOT_OPENING = frozenset({"group", *_SYSTEM})
