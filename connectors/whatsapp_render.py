"""Turns what is to be said into WhatsApp's requests: within Meta's limits, and few, for each costs money."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors import whatsapp_special
from connectors.text import is_link, shorten, split, unique
from connectors.whatsapp_files import kind_taken
from runtime.channel import Rendered, Utterance
from store.buttons import Button

TEXT = 4096
CAPTION = 1024
BUTTONS, BUTTON_TITLE, BUTTON_BODY = 3, 20, 1024
ROWS, ROW_TITLE, ROW_DESCRIPTION, LIST_BODY, LIST_BUTTON = 10, 24, 72, 4096, 20

#: For buttons without a text, and a list whose button has no name: the same in every language.
_POINTER, _LIST_SIGN = "👇", "☰"
_MEDIA = {"image": "image", "video": "video", "audio": "audio", "file": "document", "document": "document"}
_WITH_CAPTION = ("image", "video", "document")
#: What only we may set.
_NOT_THEIRS = ("to", "recipient", "biz_opaque_callback_data")

NewToken = Callable[[], str]


@dataclass(frozen=True, kw_only=True)
class _Choice:
    title: str
    payload: str
    description: str


@dataclass(frozen=True, kw_only=True)
class _Media:
    """`content`: a link, or `media`: a file of ours, which is uploaded before it is sent."""

    kind: str
    content: Mapping[str, Any]


def render(utterance: Utterance, new_token: NewToken) -> list[Rendered]:
    """The requests in order: media, text with its buttons, cards, and what the trainer wrote for WhatsApp."""
    if utterance.special is not None:
        return [whatsapp_special.render(utterance.special, utterance.quotes)]
    said = _said(utterance, new_token)
    return [whatsapp_special.quoting(said[0], utterance.quotes), *said[1:]] if said else []


def _said(utterance: Utterance, new_token: NewToken) -> list[Rendered]:
    choices, links = _choices(utterance.buttons)
    text = "\n".join(part for part in (utterance.text or "", *links) if part.strip())
    media = _media(utterance)
    if choices:
        label = str(utterance.custom.get("list_button") or _LIST_SIGN)
        as_list = utterance.custom.get("as_list") is True
        said = [_medium(medium) for medium in media] + _with_choices(text, choices, label, new_token, as_list=as_list)
    else:
        said = _media_and_text(media, text)
    for card in _cards(utterance):
        said += render(card, new_token)
    return said + _as_written(utterance.custom.get("whatsapp"))


def _text(text: str) -> list[Rendered]:
    return [Rendered(kind="text", text=piece, body=_body("text", {"body": piece})) for piece in split(text, TEXT)]


def _media_and_text(media: Sequence[_Media], text: str) -> list[Rendered]:
    """The text goes as the first medium's caption where it can, which saves a message."""
    if media and media[0].kind in _WITH_CAPTION and 0 < len(text.strip()) <= CAPTION:
        return [_medium(media[0], text), *(_medium(medium) for medium in media[1:])]
    return _text(text) + [_medium(medium) for medium in media]


def _medium(medium: _Media, caption: str | None = None) -> Rendered:
    content = {**medium.content, "caption": caption} if caption else dict(medium.content)
    return Rendered(kind=medium.kind, text=caption, body=_body(medium.kind, content))


def _with_choices(
    text: str, choices: Sequence[_Choice], label: str, new_token: NewToken, *, as_list: bool = False
) -> list[Rendered]:
    if _fit_buttons(choices) and not as_list:
        before, body = _before_and_body(text, BUTTON_BODY)
        return [*before, _reply_buttons(body, choices, new_token)]
    if len(choices) <= ROWS and all(len(choice.title) <= ROW_DESCRIPTION for choice in choices):
        before, body = _before_and_body(text, LIST_BODY)
        return [*before, _list(body, choices, label, new_token)]
    numbered = "\n".join(f"{number}. {choice.title}" for number, choice in enumerate(choices, 1))
    return _text(f"{text}\n\n{numbered}" if text.strip() else numbered)


def _fit_buttons(choices: Sequence[_Choice]) -> bool:
    """Buttons have no room for a description, so where the trainer wrote one a list is meant."""
    short = all(len(choice.title) <= BUTTON_TITLE and not choice.description for choice in choices)
    return len(choices) <= BUTTONS and short


def _before_and_body(text: str, limit: int) -> tuple[list[Rendered], str]:
    """What is too long for a body with buttons goes before it as text; the end stays with the buttons."""
    if not text.strip():
        return [], _POINTER
    pieces = split(text, TEXT)
    last = pieces.pop()
    end = split(last, limit)[-1]
    head = last[: len(last) - len(end)].strip()
    return [message for piece in (*pieces, head) for message in _text(piece)], end.strip()


def _reply_buttons(body: str, choices: Sequence[_Choice], new_token: NewToken) -> Rendered:
    made = [Button(token=new_token(), title=choice.title, payload=choice.payload) for choice in choices]
    titles = unique([choice.title for choice in choices], BUTTON_TITLE)
    replies = [
        {"type": "reply", "reply": {"id": button.token, "title": title}}
        for button, title in zip(made, titles, strict=True)
    ]
    return _interactive("buttons", {"type": "button", "action": {"buttons": replies}}, body, made)


def _list(body: str, choices: Sequence[_Choice], label: str, new_token: NewToken) -> Rendered:
    made = [Button(token=new_token(), title=choice.title, payload=choice.payload) for choice in choices]
    titles = unique([choice.title for choice in choices], ROW_TITLE)
    rows = [_row(button.token, title, choice) for button, title, choice in zip(made, titles, choices, strict=True)]
    action = {"button": shorten(label, LIST_BUTTON), "sections": [{"rows": rows}]}
    return _interactive("list", {"type": "list", "action": action}, body, made)


def _row(token: str, title: str, choice: _Choice) -> dict[str, str]:
    """A title that had to be cut stands in full in the row's description."""
    row = {"id": token, "title": title}
    full = [choice.title] if len(choice.title) > ROW_TITLE else []
    description = " – ".join([*full, choice.description] if choice.description else full)
    if full and len(description) > ROW_DESCRIPTION:
        description = choice.title
    return {**row, "description": shorten(description, ROW_DESCRIPTION)} if description else row


def _interactive(kind: str, parts: dict[str, Any], body: str, made: Sequence[Button]) -> Rendered:
    content = {"type": parts["type"], "body": {"text": body}, "action": parts["action"]}
    return Rendered(kind=kind, text=body, body=_body("interactive", content), buttons=tuple(made))


def _choices(buttons: Sequence[dict[str, Any]]) -> tuple[list[_Choice], list[str]]:
    """What can be chosen; and, as lines of text, the buttons that only open a web address."""
    choices, links = [], []
    for button in buttons:
        payload = str(button.get("payload") or "")
        title = " ".join(str(button.get("title") or payload).split())
        if button.get("url") and not payload:
            links.append(f"{title}: {button['url']}" if title else str(button["url"]))
        elif title:
            description = " ".join(str(button.get("description") or "").split())
            choices.append(_Choice(title=title, payload=payload or title, description=description))
    return choices, links


def _media(utterance: Utterance) -> list[_Media]:
    found = [_linked("image", utterance.image)] if is_link(utterance.image) else []
    attachment = utterance.attachment
    if isinstance(attachment, dict):
        payload = attachment.get("payload")
        fields = payload if isinstance(payload, dict) else attachment
        link = fields.get("url") or fields.get("src") or fields.get("link")
        kind = _MEDIA.get(str(attachment.get("type")), "document")
        if fields.get("media"):
            return [*found, _ours(kind, fields)]
    else:
        link, kind = attachment, "document"
    if is_link(link):
        found.append(_linked(kind, link))
    return found


def _linked(kind: str, link: str) -> _Media:
    name = unquote(urlsplit(link).path.rsplit("/", 1)[-1])
    named = kind == "document" and "." in name
    return _Media(kind=kind, content={"link": link, "filename": name} if named else {"link": link})


def _ours(kind: str, file: Mapping[str, Any]) -> _Media:
    """As what WhatsApp takes it: what is no picture, sound or film to it goes as a document."""
    taken = kind_taken(kind, str(file.get("type") or ""), int(file.get("size") or 0))
    named = taken == "document" and file.get("name")
    content = {"media": file["media"]}
    return _Media(kind=taken, content={**content, "filename": file["name"]} if named else content)


def _cards(utterance: Utterance) -> list[Utterance]:
    """WhatsApp has no cards to swipe that need no catalogue: each is a message of its own."""
    attachment = utterance.attachment if isinstance(utterance.attachment, dict) else {}
    payload = attachment.get("payload")
    further = payload.get("elements") if isinstance(payload, dict) else None
    elements = [*utterance.elements, *(further if isinstance(further, list) else [])]
    return [_card(element) for element in elements if isinstance(element, dict)]


def _card(element: dict[str, Any]) -> Utterance:
    title, subtitle = (str(element.get(key) or "").strip() for key in ("title", "subtitle"))
    buttons = element.get("buttons")
    return Utterance(
        text="\n".join(part for part in (f"*{title}*" if title else "", subtitle) if part),
        image=element.get("image_url"),
        buttons=[b for b in buttons if isinstance(b, dict)] if isinstance(buttons, list) else [],
    )


def _as_written(given: Any) -> list[Rendered]:
    """`custom: whatsapp:` holds one request's body, or several."""
    bodies = given if isinstance(given, list) else [given]
    return [_written(body) for body in bodies if isinstance(body, dict) and body]


def _written(body: dict[str, Any]) -> Rendered:
    own = {key: value for key, value in body.items() if key not in _NOT_THEIRS}
    kind = str(own.get("type") or "custom")
    content = own.get(kind)
    content = content if isinstance(content, dict) else {}
    inner = content.get("body")
    text = content.get("caption") or (inner.get("text") if isinstance(inner, dict) else inner)
    return Rendered(
        kind=kind,
        text=text if isinstance(text, str) else None,
        body={"messaging_product": "whatsapp", **own},
        paid=kind == "template",
    )


def _body(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "recipient_type": "individual", "type": kind, kind: content}
