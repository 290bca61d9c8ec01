"""What a token, or an app's secret, can be: it is sent in a header as it is."""

from __future__ import annotations

from collections.abc import Iterable

from conversation.errors import BadInput
from conversation.said import say

SHORTEST = 8


def check(words: Iterable[str]) -> None:
    """`BadInput` where one of them could never be sent: it was not copied whole, or too much was."""
    if not all(word.isascii() and word.isprintable() and " " not in word for word in words):
        raise BadInput(say("A token or a secret has no space, line break or sign beyond ASCII: copy it once more."))
