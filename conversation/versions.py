"""What two people may edit at once has a version: whoever saves over what they have not read is told."""

from __future__ import annotations

from conversation.errors import Refused
from conversation.said import say

#: The code of what is refused.
EDITED = "edited"


def check(current: int, decided_on: int | None) -> None:
    """`decided_on`: the version that was read before; None: who saves does not care."""
    if decided_on is not None and decided_on != current:
        raise Refused(
            say("Somebody else changed it meanwhile: it is at version {version} now.", version=current), code=EDITED
        )
