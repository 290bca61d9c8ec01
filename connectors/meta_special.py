"""What goes alone on Messenger and Instagram: a reaction, Messenger's utility message, Instagram's heart.

[MSG docs: sender actions, utility messages; IG docs: reactions, send messages]
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors import whatsapp_templates
from connectors.meta_network import Network
from conversation.arrivals import REACTION
from conversation.errors import BadInput
from conversation.outbound import CAN, Reaction, Sort, Special, Sticker, Template
from conversation.said import say
from runtime.channel import Rendered

#: What both networks call it.
_LOVE, _HEARTS = "love", ("❤", "❤️")


def has(special: Special, network: Network) -> bool:
    """Whether this channel has a shape of its own for it. A sticker by its address is a picture here."""
    if isinstance(special, Template):
        return network.utility
    if isinstance(special, Sticker):
        return special.link is None and Sort.STICKER in CAN[network.channel]
    return isinstance(special, Reaction)


def render(special: Special, quotes: str | None, network: Network) -> Rendered:
    """`quotes`: Meta's id of the message that is reacted to, or answered."""
    if isinstance(special, Reaction):
        return Rendered(kind=REACTION, text=special.emoji or None, body=_reaction(special.emoji, quotes))
    if isinstance(special, Template) and network.utility:
        made = whatsapp_templates.template(special)
        body = {"message": {"template": made}}
        return quoting(Rendered(kind="template", text=None, body=body, content=made, paid=True), quotes)
    if isinstance(special, Sticker):
        if special.media is not None:
            raise BadInput(say("Instagram has one sticker, the heart: send it without a file."))
        heart = {"attachment": {"type": "like_heart"}}
        return quoting(Rendered(kind="sticker", text=_HEARTS[1], body={"message": heart}), quotes)
    raise AssertionError("which channel can be sent what is asked before")


def quoting(rendered: Rendered, quotes: str | None) -> Rendered:
    """The message that is answered is shown with it."""
    return rendered if quotes is None else replace(rendered, body={**rendered.body, "reply_to": {"mid": quotes}})


def _reaction(emoji: str, to: str | None) -> dict[str, Any]:
    if not emoji:
        return {"sender_action": "unreact", "payload": {"message_id": to}}
    named = _LOVE if emoji in _HEARTS else emoji
    return {"sender_action": "react", "payload": {"message_id": to, "reaction": named}}
