"""What the bodies of sends to Instagram and to Messenger have in common."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from conversation.errors import BadInput
from conversation.said import say

Text = Annotated[str, msgspec.Meta(max_length=32_000)]


def no_addresses(given: Any) -> None:
    """A file is sent from here: what stands at some address today is something else tomorrow."""
    if given:
        raise BadInput(say("Only words are sent by this page: files are sent at the desk."))
