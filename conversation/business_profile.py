"""What customers can read of a business on WhatsApp, and how much of it there may be.

The figures stand in one place: Meta's page of them could not be read anew [WA docs: business profiles].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conversation.errors import BadInput
from conversation.said import say

#: The most characters of each.
LONGEST = {"about": 139, "address": 256, "description": 512, "email": 128}
MOST_WEBSITES, LONGEST_WEBSITE = 2, 256
_VERTICAL = re.compile(r"[A-Z_]{1,40}")
#: What can be written; the picture is uploaded in Meta's manager.
WRITABLE = (*LONGEST, "vertical", "websites")


def check(changes: Mapping[str, Any]) -> None:
    """`BadInput` says the first thing that Meta would refuse."""
    if not changes:
        raise BadInput(say("Give at least one of {names}.", names=", ".join(WRITABLE)))
    for name, value in changes.items():
        if name not in WRITABLE:
            raise BadInput(say("A business profile has no {name}.", name=name))
        if name in LONGEST and (not isinstance(value, str) or len(value) > LONGEST[name]):
            raise BadInput(say("{name} is text of {most} characters at most.", name=name, most=LONGEST[name]))
    if changes.get("about") == "":
        raise BadInput(say("{name} can't be empty.", name="about"))
    if "vertical" in changes and not _VERTICAL.fullmatch(str(changes["vertical"])):
        raise BadInput(say("vertical is one of Meta's words for a trade, like RESTAURANT."))
    _check_websites(changes.get("websites", []))


def _check_websites(sites: Any) -> None:
    fits = isinstance(sites, (list, tuple)) and len(sites) <= MOST_WEBSITES
    if not fits or not all(_is_address(each) for each in sites):
        facts = {"most": MOST_WEBSITES, "longest": LONGEST_WEBSITE}
        raise BadInput(say("websites are {most} addresses at most, of {longest} characters, with https://.", **facts))


def _is_address(site: Any) -> bool:
    return isinstance(site, str) and site.startswith(("https://", "http://")) and len(site) <= LONGEST_WEBSITE
