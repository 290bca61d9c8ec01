"""What a password must be. Long is what counts: no signs of any kind are asked for."""

from __future__ import annotations

import unicodedata

from conversation.errors import BadInput
from conversation.said import say

SHORTEST, LONGEST = 10, 200


def normal(password: str) -> str:
    """The same signs typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)


def check(password: str, name: str) -> None:
    """`name`: whose it is to be."""
    if not SHORTEST <= len(normal(password)) <= LONGEST:
        raise BadInput(say("A password has {shortest} to {longest} characters.", shortest=SHORTEST, longest=LONGEST))
    if normal(password).strip().casefold() == unicodedata.normalize("NFC", name).strip().casefold():
        raise BadInput(say("A password is not the name."))
