"""Where Messenger and Instagram differ in what may be sent; the numbers are Meta's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# [MSG docs: quick replies, generic template, button template; IG docs: quick replies, generic template]
QUICK_REPLIES, QUICK_REPLY_TITLE, QUICK_REPLY_PAYLOAD = 13, 20, 1000
ELEMENTS, ELEMENT_TITLE, ELEMENT_SUBTITLE, BUTTONS = 10, 80, 80, 3
BUTTON_TEXT, BUTTON_TITLE, BUTTON_PAYLOAD = 640, 20, 1000
RECEIPT_ELEMENTS, METADATA, EMOJI = 100, 1000, 32
HUMAN_AGENT_S = 7 * 24 * 3600
#: [MSG docs: message tags] The only one left since 2026-04-27.
TAG = "HUMAN_AGENT"
PRIVATE_REPLY_S = 7 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a network lets a business put into a request. `size` is what a text's limit counts."""

    text: int
    size: Callable[[str], int]
    attachments: tuple[str, ...]
    images_at_once: int
    templates: tuple[str, ...]
    buttons: tuple[str, ...]
    window_subcode: int  # of error 10, when it has closed
    recipients: tuple[str, ...]
    type_required: bool  # messaging_type
    utility: bool
    personas: bool
    metadata: bool
