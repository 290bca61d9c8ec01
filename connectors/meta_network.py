"""What tells Messenger and Instagram apart on the way out: whom they know, what fits, what only one of them takes."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.text import Size
from conversation.account import Channel
from conversation.contact import AddressKind


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Meta's numbers, in characters where nothing else is said. `size` counts a text; titles are always characters."""

    text: int
    size: Size
    quick_replies: int
    title: int  # of a quick reply or a button
    buttons: int  # of a template, or of one of its cards
    native: tuple[str, ...]  # kinds of a template's buttons that ask nothing of the dialogue
    template_text: int
    media_template: bool  # a picture or film with buttons below it
    cards: int
    card_title: int
    card_subtitle: int
    images: int  # in one message


@dataclass(frozen=True, kw_only=True)
class Network:
    """`addresses`: the kinds of id a contact is written to by, the best first. `inbox_app`: the channel's own inbox.

    `metadata`: a message carries a mark of ours, which comes back in its echo. `utility`: there are approved
    templates for outside the window.
    """

    channel: Channel
    addresses: tuple[AddressKind, ...]
    inbox_app: str
    metadata: bool
    utility: bool
    limits: Limits
