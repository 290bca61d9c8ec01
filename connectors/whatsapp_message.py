"""Reads one message on WhatsApp: whose conversation it belongs to, what it says, and what people should see of it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from connectors import reading, whatsapp_flows, whatsapp_groups
from connectors.reading import Unreadable, ident, items, obj
from conversation.arrivals import BUTTON, REACTION, TEXT, UNSUPPORTED, Attachment, Edited, Inbound, Removed
from conversation.contact import Address, AddressKind

#: All that somebody can write and we know. A type that we do not know is shown as that: a customer did something.
SAYS_SOMETHING = frozenset(
    {"text", "interactive", "button", "reaction", "image", "video", "audio", "voice", "document", "sticker"}
    | {"location", "contacts", "order", "unsupported"}
)
#: Types with which nobody says anything: WhatsApp itself speaks, or a chat was only opened.
SAYS_NOTHING = frozenset({"system", "request_welcome"})
#: What becomes of a message that was written before: it names that one.
CHANGES = frozenset({"edit", "revoke"})
#: Types with a file, and what it is seen as. A voice message is an audio with `voice`; in old bodies a type.
_FILES = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "voice": "audio",
    "document": "document",
    "sticker": "sticker",
}
_COMMON = {"id", "type", "timestamp", "from", "from_user_id", "from_parent_user_id"}
#: What of a type's own object has its own place in the message.
_READ_WHOLE = {"text": {"body"}, "reaction": {"message_id", "emoji"}}
#: A short number is one too.
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{0,24}", re.ASCII)
#: An id of a form that is not known yet is somebody's all the same: who wrote with it can be seen and answered.
_SOME_ID = re.compile(r"[^\s\x00-\x1f]{1,140}")
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}", re.ASCII)
_CODE = re.compile(r"[0-9]{1,9}")
#: Of what we do not know, no more than this is shown; the webhook has all of it.
_MOST_SHOWN = 16_000
_LONG_NUMBER = re.compile(r"\+?\d[\d ()-]{5,}\d", re.ASCII)


def read(
    account: str, provider_id: str, kind: str, message: dict[str, Any], value: dict[str, Any], now: datetime
) -> Inbound:
    """A message, as one of a conversation."""
    named = ident(message.get("from_user_id")), ident(message.get("from"))
    addresses, name = contact(*named, value, of_any_form=True)
    kind, text, choice = said(kind, message)
    context = obj(message.get("context"))
    target = obj(message.get("reaction")).get("message_id") if kind == REACTION else context.get("id")
    read_as = Inbound(
        account=account,
        addresses=addresses,
        provider_id=provider_id,
        kind=kind,
        sent_at=reading.instant(message.get("timestamp"), now),
        name=name,
        text=text,
        choice=choice,
        reply_to=ident(target),
        content=content_of_any(message, _COMMON),
        attachments=attachments(message),
        opens_window=kind != REACTION,
    )
    group_id = whatsapp_groups.of_message(message)
    return whatsapp_groups.inbound(read_as, group_id) if group_id else read_as


def changed(
    account: str | None, message: dict[str, Any], addresses: tuple[Address, ...], now: datetime
) -> Edited | Removed:
    """An edit or a revocation, of the message it names. Edits have no number here: their time, in seconds, is one."""
    kind, own_id = message["type"], ident(message.get("id"))
    own, at = obj(message.get(kind)), min(reading.instant(message.get("timestamp"), now), now)
    provider_id = ident(own.get("original_message_id"))
    if account is None or provider_id is None:
        raise Unreadable("a change needs the message it is of, and the number")
    if kind == "revoke":
        return Removed(account=account, addresses=addresses, provider_id=provider_id, at=at, own_id=own_id)
    anew = obj(own.get("message"))
    type_ = reading.text(anew.get("type"))
    if type_ is None:
        raise Unreadable("an edit needs what the message is now")
    _, text, _ = said(type_, anew)
    return Edited(
        account=account,
        addresses=addresses,
        provider_id=provider_id,
        text=text,
        at=at,
        number=int(at.timestamp()),
        own_id=own_id,
    )


def attachments(message: dict[str, Any]) -> tuple[Attachment, ...]:
    """The file of a message: by its id, and since November 2025 also at a URL. Another app names where it took it."""
    kind = reading.text(message.get("type")) or ""
    own = obj(message.get(kind)) if kind in _FILES else {}
    id_, url = ident(own.get("id")), reading.text(own.get("url")) or reading.text(own.get("link"))
    if id_ is None and url is None:
        return ()
    file = Attachment(
        kind=_FILES[kind],
        id=id_,
        url=url,
        declared_type=reading.text(own.get("mime_type")),
        name=reading.text(own.get("filename")),
        sha256=reading.text(own.get("sha256")),
    )
    return (file,)


def said(kind: str, message: dict[str, Any]) -> tuple[str, str | None, str | None]:
    """The kind, the words, and the id of what was chosen."""
    own = obj(message.get(kind))
    if kind == "text":
        return TEXT, _words(own.get("body")), None
    if kind == "button":
        # A template's button. Its payload is whatever the template says, so it is shown and not obeyed.
        return TEXT, _words(own.get("text")), None
    if kind == "reaction":
        return REACTION, reading.text(own.get("emoji")), None
    if kind == "interactive":
        return _interactive(own)
    if kind not in SAYS_SOMETHING:
        return UNSUPPORTED, None, None
    return kind, reading.text(own.get("caption")) or reading.text(own.get("text")), None


def _interactive(own: dict[str, Any]) -> tuple[str, str | None, str | None]:
    reply = obj(own.get("button_reply")) or obj(own.get("list_reply"))
    choice = ident(reply.get("id"))
    if choice is not None:
        return BUTTON, reading.text(reply.get("title")), choice
    words = reading.text(obj(own.get("nfm_reply")).get("body")) or reading.text(reply.get("title"))
    return "interactive", words, None


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable("a text without words")
    return value


def type_of(message: dict[str, Any]) -> str:
    """As it says; where it says none, by what it holds."""
    named = reading.text(message.get("type"))
    return named or next((kind for kind in sorted(SAYS_SOMETHING) if isinstance(message.get(kind), dict)), UNSUPPORTED)


def content(message: dict[str, Any], common: Collection[str]) -> dict[str, Any]:
    """The type's own object, and beside it every key but the `common` ones, so that nothing is lost."""
    kind = message["type"]
    own = message.get(kind)
    if kind == "interactive":
        own = whatsapp_flows.with_response(obj(own)) if isinstance(own, dict) else own
    shown = own if isinstance(own, dict) else {kind: own} if own else {}
    if kind in _READ_WHOLE:
        shown = reading.besides(shown, *_READ_WHOLE[kind])
    read = {*common, kind, "context"}
    rest = {key: value for key, value in message.items() if key not in read}
    context = {key: value for key, value in obj(message.get("context")).items() if key not in ("id", "from")}
    return {**shown, **rest, **({"context": context} if context else {})}


def content_of_any(message: dict[str, Any], common: Collection[str]) -> dict[str, Any]:
    """The same, of a type that may be one that we do not know: then as much of it as can be shown."""
    kind = message["type"]
    if kind in SAYS_SOMETHING:
        return content(message, common)
    whole = {key: value for key, value in message.items() if key not in common}
    small = len(json.dumps(whole, default=str)) <= _MOST_SHOWN
    return {**(whole if small else {"cut": True}), "type": kind[:80]}


def contact(
    user_id: str | None, phone: str | None, value: dict[str, Any], *, of_any_form: bool = False
) -> tuple[tuple[Address, ...], str | None]:
    """Who it is and what they are called. The business-scoped id first: it stays when the phone number is hidden.

    `of_any_form`: what stands where the number belongs is theirs, and is like no id we know.
    """
    card = _card(items(value.get("contacts")), user_id, phone)
    user_ids = [user_id, ident(card.get("user_id"))]
    # Some payloads have the business-scoped id where the phone number belongs.
    phones = [phone, ident(card.get("wa_id"))]
    user_ids += [given for given in phones if given and _BSUID.fullmatch(given)]
    digits = [re.sub(r"\D", "", given) for given in phones if given and _PHONE.fullmatch(given)]
    addresses = (
        *(Address(kind=AddressKind.BSUID, value=given) for given in list(filter(None, user_ids))[:1]),
        *(Address(kind=AddressKind.PHONE, value=given) for given in digits[:1]),
    )
    if not addresses and of_any_form and phone is not None and _SOME_ID.fullmatch(phone):
        addresses = (Address(kind=AddressKind.BSUID, value=phone),)
    if not addresses:
        raise Unreadable("nobody is named")
    profile = obj(card.get("profile"))
    return addresses, reading.text(profile.get("name")) or _username(profile)


def addresses_if_named(
    user_id: str | None, phone: str | None, value: dict[str, Any] | None = None
) -> tuple[Address, ...]:
    """For what is known by the message it names: whose that is need not be told again."""
    try:
        return contact(user_id, phone, value or {})[0]
    except Unreadable:
        return ()


def _username(profile: dict[str, Any]) -> str | None:
    """Some payloads write it with the sign before it."""
    return reading.text((reading.text(profile.get("username")) or "").lstrip("@"))


def _card(contacts: list[Any], user_id: str | None, phone: str | None) -> dict[str, Any]:
    """The contact's card, by id: neither its place nor its being the only one says whose it is."""
    cards = [obj(card) for card in contacts]
    if user_id is not None:
        for card in cards:
            if ident(card.get("user_id")) == user_id:
                return card
    for card in cards:
        same_user = user_id is None or ident(card.get("user_id")) in (None, user_id)
        if phone is not None and ident(card.get("wa_id")) == phone and same_user:
            return card
    return {}


def error_code(errors: Any) -> int | None:
    """Of the first error that has one."""
    codes = (ident(obj(error).get("code")) for error in items(errors))
    return next((int(code) for code in codes if code and _CODE.fullmatch(code)), None)


def error_text(errors: Any) -> str | None:
    """Code and title of the first error; a title could quote a phone number, so long numbers are left out."""
    for error in items(errors):
        code, title = ident(obj(error).get("code")), reading.text(obj(error).get("title"))
        words = _LONG_NUMBER.sub("…", title) if title else None
        told = " ".join(part for part in (code, words) if part)
        if told:
            return told[:200]
    return None
