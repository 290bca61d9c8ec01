"""Rasa's buttons as Messenger and Instagram have them: quick replies, and buttons of a template.

A quick reply or a postback carries a random token of ours: what the customer chose is known by it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.meta_network import Limits
from connectors.text import is_link, unique
from store.buttons import Button

NewToken = Callable[[], str]

#: Buttons of a template that ask nothing of the dialogue, with what each must have.
_NATIVE = {"phone_number": ("title", "payload"), "account_link": ("url",), "account_unlink": ()}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A button: it stands for a payload of the dialogue's, or else does what `native` says."""

    title: str
    payload: str = ""
    description: str = ""
    native: dict[str, Any] | None = None

    @property
    def as_text(self) -> str:
        """Where there is no room for a button that is no choice."""
        value = str((self.native or {}).get("url") or (self.native or {}).get("payload") or "")
        return f"{self.title}: {value}" if self.title and value else value


def read(buttons: Iterable[Any]) -> list[Asked]:
    """What there is to be pressed; what has neither a title nor an address is none."""
    return [asked for button in buttons if isinstance(button, dict) and (asked := _read(button)) is not None]


def _read(button: dict[str, Any]) -> Asked | None:
    payload, url = str(button.get("payload") or ""), button.get("url")
    title = " ".join(str(button.get("title") or "").split())
    needs = _NATIVE.get(str(button.get("type")))
    if "url" in (needs or ()) and not is_link(url):
        return None
    if needs is not None and all(str(button.get(each) or "").strip() for each in needs):
        return Asked(title=title, native={"type": button["type"], **{each: button[each] for each in needs}})
    if is_link(url) and not payload.strip():
        native = {key: value for key, value in button.items() if key not in ("payload", "description")}
        return Asked(title=title or url, native={**native, "type": "web_url", "title": title or url})
    title = title or " ".join(payload.split())
    description = " ".join(str(button.get("description") or "").split())
    return Asked(title=title, payload=payload or title, description=description) if title else None


def fits(asked: Asked, limits: Limits) -> bool:
    """Whether a template of this channel takes it."""
    return asked.native is None or asked.native["type"] in limits.native


def quick_replies(choices: Sequence[Asked], limits: Limits, new_token: NewToken) -> tuple[list[Any], list[Button]]:
    made = [_button(choice, new_token) for choice in choices]
    titles = unique([choice.title for choice in choices], limits.title)
    replies = [
        {"content_type": "text", "title": title, "payload": button.token}
        for title, button in zip(titles, made, strict=True)
    ]
    return replies, made


def of_template(asked: Sequence[Asked], limits: Limits, new_token: NewToken) -> tuple[list[Any], list[Button]]:
    native, made = [], []
    for each, title in zip(asked, unique([each.title for each in asked], limits.title), strict=True):
        if each.native is not None:
            native.append({**each.native, **({"title": title} if "title" in each.native else {})})
            continue
        button = _button(each, new_token)
        made.append(button)
        native.append({"type": "postback", "title": title, "payload": button.token})
    return native, made


def spelled_out(text: str, asked: Sequence[Asked], limits: Limits) -> str:
    """The text, and below it all choices in full, where a title has to be cut or there is more to say of one."""
    if all(len(each.title) <= limits.title and not each.description for each in asked):
        return text
    lines = [f"• {each.title}" + (f" – {each.description}" if each.description else "") for each in asked if each.title]
    return "\n\n".join(part for part in (text, "\n".join(lines)) if part.strip())


def numbered(text: str, asked: Sequence[Asked]) -> str:
    lines = "\n".join(f"{number}. {each.title}" for number, each in enumerate(asked, 1))
    return "\n\n".join(part for part in (text, lines) if part.strip())


def as_numbers(choices: Sequence[Asked], new_token: NewToken) -> tuple[Button, ...]:
    """What each number stands for, where choices went as lines of text."""
    return tuple(replace(_button(each, new_token), number=number) for number, each in enumerate(choices, 1))


def _button(asked: Asked, new_token: NewToken) -> Button:
    return Button(token=new_token(), title=asked.title, payload=asked.payload)
