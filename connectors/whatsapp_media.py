"""Files for WhatsApp: by a link that Meta fetches, by Meta's own id, or one of ours that is uploaded first.

[WA docs: media messages]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.reading import ident
from connectors.text import is_link, shorten
from connectors.whatsapp_files import kind_taken
from connectors.whatsapp_limits import CAPTION, FILENAME, URL
from connectors.whatsapp_words import body, texts
from runtime.channel import Rendered, Utterance
from runtime.media_types import OPUS

_KINDS = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "voice": "audio",
    "file": "document",
    "document": "document",
    "sticker": "sticker",
}
_WITH_CAPTION = ("image", "video", "document")


@dataclass(frozen=True, kw_only=True)
class Medium:
    """`content`: a link, Meta's id, or `media`: a file of ours, which is uploaded before it is sent."""

    kind: str
    content: Mapping[str, Any]


def read(utterance: Utterance) -> list[Medium]:
    found = [_linked("image", utterance.image)] if is_link(utterance.image) else []
    attachment = utterance.attachment
    if not isinstance(attachment, dict):
        return [*found, _linked("document", attachment)] if is_link(attachment) else found
    payload = attachment.get("payload")
    fields = payload if isinstance(payload, dict) else attachment
    asked = str(attachment.get("type"))
    kind, voice = _KINDS.get(asked, "document"), asked == "voice" or fields.get("voice") is True
    link = fields.get("url") or fields.get("src") or fields.get("link")
    if isinstance(fields.get("media"), int):
        found.append(_ours(kind, fields, voice=voice))
    elif (own_id := ident(fields.get("id"))) is not None and not link:
        found.append(_medium(kind, {"id": own_id}, _name(fields), voice=voice))
    elif is_link(link):
        found.append(_linked(kind, link, _name(fields), voice=voice))
    return found


def with_text(media: Sequence[Medium], text: str) -> list[Rendered]:
    """The text goes as the first medium's caption where it can, which saves a message."""
    if media and media[0].kind in _WITH_CAPTION and 0 < len(text.strip()) <= CAPTION:
        return rendered(media[0], text) + [made for medium in media[1:] for made in rendered(medium)]
    return texts(text) + [made for medium in media for made in rendered(medium)]


def rendered(medium: Medium, caption: str | None = None) -> list[Rendered]:
    """An address that is too long for Meta is written out."""
    link = medium.content.get("link")
    if isinstance(link, str) and len(link) > URL:
        return texts("\n".join(part for part in (caption, link) if part))
    content = {**medium.content, "caption": caption} if caption else dict(medium.content)
    return [Rendered(kind=medium.kind, text=caption, body=body(medium.kind, content))]


def _linked(kind: str, link: str, name: str | None = None, *, voice: bool = False) -> Medium:
    found = name or unquote(urlsplit(link).path.rsplit("/", 1)[-1])
    return _medium(kind, {"link": link}, found if name or "." in found else None, voice=voice)


def _medium(kind: str, content: Mapping[str, Any], name: str | None, *, voice: bool = False) -> Medium:
    named = {"filename": shorten(name, FILENAME)} if kind == "document" and name and name.strip() else {}
    sounds = {"voice": True} if kind == "audio" and voice else {}
    return Medium(kind=kind, content={**content, **named, **sounds})


def _ours(kind: str, file: Mapping[str, Any], *, voice: bool) -> Medium:
    """As what WhatsApp takes it: what is no picture, sound or film to it goes as a document. Only opus is a voice
    note; another sound is a sound."""
    type = str(file.get("type") or "")
    taken = kind_taken(kind, type, int(file.get("size") or 0))
    return _medium(taken, {"media": file["media"]}, ident(file.get("name")), voice=voice and type == OPUS)


def _name(fields: Mapping[str, Any]) -> str | None:
    return ident(fields.get("filename") or fields.get("name"))
