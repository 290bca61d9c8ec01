"""Turns what is to be said into WhatsApp's requests: within Meta's limits, and few, for each costs money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from connectors import custom_kinds, whatsapp_interactive, whatsapp_media, whatsapp_special, whatsapp_written
from connectors.text import shorten, unique
from connectors.whatsapp_limits import (
    BODY,
    BUTTON_TITLE,
    BUTTONS,
    LIST_BODY,
    LIST_BUTTON,
    ROW_DESCRIPTION,
    ROW_TITLE,
    ROWS,
)
from connectors.whatsapp_words import before_and_body, texts
from connectors.whatsapp_words import body as whole
from conversation.outbound import INTERACTIVE, Reaction, Special, Sticker
from runtime.channel import Rendered, Utterance
from store.buttons import Button

#: For a list whose button has no name: the same in every language.
_LIST_SIGN = "☰"

NewToken = Callable[[], str]


@dataclass(frozen=True, kw_only=True)
class _Choice:
    title: str
    payload: str
    description: str


def render(utterance: Utterance, new_token: NewToken) -> list[Rendered]:
    """The requests in order: media, text with its buttons, cards, and what the trainer wrote for WhatsApp."""
    if utterance.special is not None:
        return _special(utterance.special, utterance.quotes, new_token)
    parts = custom_kinds.parts_of(utterance)
    if parts is not None:
        return [made for part in parts if not _is_elsewhere(part) for made in render(part, new_token)]
    said = _said(utterance, new_token)
    return [whatsapp_special.quoting(said[0], utterance.quotes), *said[1:]] if said else []


def _is_elsewhere(part: Utterance) -> bool:
    """The one sticker that Instagram has itself."""
    return isinstance(part.special, Sticker) and part.special.link is None


def _special(special: Special, quotes: str | None, new_token: NewToken) -> list[Rendered]:
    if isinstance(special, Reaction) and quotes is None:
        return []  # there is nothing to react to
    if not isinstance(special, INTERACTIVE):
        return [whatsapp_special.render(special, quotes)]
    made = whatsapp_interactive.render(special, new_token)
    if isinstance(made, Utterance):
        return render(replace(made, quotes=quotes), new_token)
    return [whatsapp_special.quoting(made[0], quotes), *made[1:]]


def _said(utterance: Utterance, new_token: NewToken) -> list[Rendered]:
    choices, links = _choices(utterance.buttons)
    text = "\n".join(part for part in (utterance.text or "", *links) if part.strip())
    media = whatsapp_media.read(utterance)
    if choices:
        label = str(utterance.custom.get("list_button") or _LIST_SIGN)
        as_list = utterance.custom.get("as_list") is True
        files = [made for medium in media for made in whatsapp_media.rendered(medium)]
        said = files + _with_choices(text, choices, label, new_token, as_list=as_list)
    else:
        said = whatsapp_media.with_text(media, text)
    for card in _cards(utterance):
        said += render(card, new_token)
    again = partial(render, new_token=new_token)
    return said + whatsapp_written.as_written(utterance.custom.get("whatsapp"), again)


def _with_choices(
    text: str, choices: Sequence[_Choice], label: str, new_token: NewToken, *, as_list: bool = False
) -> list[Rendered]:
    if _fit_buttons(choices) and not as_list:
        before, body = before_and_body(text, BODY)
        return [*before, _reply_buttons(body, choices, new_token)]
    if len(choices) <= ROWS and all(len(choice.title) <= ROW_DESCRIPTION for choice in choices):
        before, body = before_and_body(text, LIST_BODY)
        return [*before, _list(body, choices, label, new_token)]
    return _numbered(text, choices, new_token)


def _numbered(text: str, choices: Sequence[_Choice], new_token: NewToken) -> list[Rendered]:
    """Who writes the number, or the title, chooses it."""
    lines = "\n".join(f"{number}. {choice.title}" for number, choice in enumerate(choices, 1))
    *first, last = texts(f"{text}\n\n{lines}" if text.strip() else lines)
    made = [
        Button(token=new_token(), title=choice.title, payload=choice.payload, number=number)
        for number, choice in enumerate(choices, 1)
    ]
    return [*first, replace(last, numbered=tuple(made))]


def _fit_buttons(choices: Sequence[_Choice]) -> bool:
    """Buttons have no room for a description, so where the trainer wrote one a list is meant."""
    short = all(len(choice.title) <= BUTTON_TITLE and not choice.description for choice in choices)
    return len(choices) <= BUTTONS and short


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
    return Rendered(kind=kind, text=body, body=whole("interactive", content), buttons=tuple(made))


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
