"""Turns what is to be said into Messenger's and Instagram's requests, within their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors import custom_kinds, meta_buttons, meta_media, meta_special, meta_templates, meta_written
from connectors.meta_buttons import Asked, NewToken
from connectors.meta_network import Limits, Network
from connectors.plainly import as_plain
from connectors.text import split
from conversation.outbound import Reaction, Special
from runtime.channel import Rendered, Utterance


def render(utterance: Utterance, network: Network, new_token: NewToken) -> list[Rendered]:
    """The requests in order. What can be chosen comes last: a message after them takes quick replies away."""
    if utterance.special is not None:
        return _special(utterance.special, utterance.quotes, network, new_token)
    parts = custom_kinds.parts_of(utterance)
    if parts is not None:
        return [made for part in parts for made in render(part, network, new_token)]
    said = _rendered(utterance, network, new_token)
    return [meta_special.quoting(said[0], utterance.quotes), *said[1:]] if said else []


def _special(special: Special, quotes: str | None, network: Network, new_token: NewToken) -> list[Rendered]:
    """In words and links where this channel has no such thing."""
    if isinstance(special, Reaction) and quotes is None:
        return []
    if meta_special.has(special, network):
        return [meta_special.render(special, quotes, network)]
    return render(replace(as_plain(special), quotes=quotes), network, new_token)


def _rendered(utterance: Utterance, network: Network, new_token: NewToken) -> list[Rendered]:
    limits = network.limits
    asked = meta_buttons.read(utterance.buttons)
    shown = meta_media.media(utterance, limits) + meta_templates.templates(utterance, limits, new_token)
    said = _said(utterance, asked, limits, new_token)
    written = meta_written.as_written(utterance.custom.get(network.channel.value), network)
    return (shown + said if asked else said + shown) + _button_templates(utterance, network, new_token) + written


def _said(utterance: Utterance, asked: Sequence[Asked], limits: Limits, new_token: NewToken) -> list[Rendered]:
    """The text with what can be pressed below it."""
    text = utterance.text or ""
    wanted = utterance.custom.get("button_template") is True or any(each.native for each in asked)
    if wanted and 0 < len(asked) <= limits.buttons and all(meta_buttons.fits(each, limits) for each in asked):
        text = meta_buttons.spelled_out(text, asked, limits)
        before, end = _before_and_end(text, limits, limits.template_text)
        return [*before, meta_templates.button_template(end, asked, limits, new_token)]
    choices = [each for each in asked if each.native is None]
    lines = [each.as_text for each in asked if each.native is not None]
    text = "\n".join(part for part in (text, *lines) if part.strip())
    if not choices:
        return _text(text, limits)
    if len(choices) > limits.quick_replies:
        *first, last = _text(meta_buttons.numbered(text, choices), limits)
        return [*first, replace(last, numbered=meta_buttons.as_numbers(choices, new_token))]
    before, end = _before_and_end(meta_buttons.spelled_out(text, choices, limits), limits, limits.text)
    replies, made = meta_buttons.quick_replies(choices, limits, new_token)
    body = {"message": {"text": end, "quick_replies": replies}}
    return [*before, Rendered(kind="buttons", text=end, body=body, buttons=tuple(made))]


def _text(text: str, limits: Limits) -> list[Rendered]:
    return [
        Rendered(kind="text", text=piece, body={"message": {"text": piece}})
        for piece in split(text, limits.text, limits.size)
    ]


def _before_and_end(text: str, limits: Limits, room: int) -> tuple[list[Rendered], str]:
    """What is too long to stand with buttons goes before as text; the end stays with them."""
    if not text.strip():
        return [], meta_templates.POINTER
    *pieces, last = split(text, limits.text, limits.size)
    end = split(last, room, limits.size)[-1]
    head = last[: len(last) - len(end)]
    return [message for piece in (*pieces, head) for message in _text(piece.strip(), limits)], end.strip()


def _button_templates(utterance: Utterance, network: Network, new_token: NewToken) -> list[Rendered]:
    """An attachment that is a button template is rendered as a text with such buttons would be."""
    return [
        message
        for payload in meta_templates.payloads(utterance)
        if payload.get("template_type") == "button"
        for message in render(_as_utterance(payload), network, new_token)
    ]


def _as_utterance(payload: dict[str, object]) -> Utterance:
    text, buttons = payload.get("text"), payload.get("buttons")
    said = Utterance(text=text if isinstance(text, str) else None, custom={"button_template": True})
    return replace(said, buttons=buttons) if isinstance(buttons, list) else said
