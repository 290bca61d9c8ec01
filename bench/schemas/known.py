"""What is there to be asked about: ids and names, learned from the lists that the API itself gives.

Without them nearly every request with an id in its address would be about nothing, and be answered with 404.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: GET of an address, as an admin: the answer's JSON, or None.
Get = Callable[[str], Any]
_IN_PATH = re.compile(r"\{(\w+)\}")
#: What an item is called by, for a part of an address of this name; of anything else its `id`.
_NAMED = {"name": "name", "tag": "name"}
_MOST = 20


class Known:
    """By the part of an address that comes before them: `/api/v1/conversations` knows conversations' ids."""

    def __init__(self, get: Get, lists: Iterable[str], *, never: Callable[[str], bool]) -> None:
        """`lists`: addresses that can be asked for with GET. `never`: what must be left alone."""
        self._get, self._lists, self._never = get, frozenset(lists), never
        self._told: dict[str, Any] = {}

    def forget(self) -> None:
        """What was there may not be any more."""
        self._told.clear()

    def values(self, template: str, chance: random.Random) -> dict[str, str]:
        """Something that is there for each part of the address that is left open, where anything is."""
        found: dict[str, str] = {}
        for part in _IN_PATH.finditer(template):
            before = template[: part.start()].rstrip("/")
            some = self._of(before.format_map(_Open(found)), before, part[1])
            if not some:
                return found
            found[part[1]] = chance.choice(some)
        return found

    def _of(self, address: str, template: str, name: str) -> list[str]:
        if template not in self._lists or "{" in address:
            return []
        if address not in self._told:
            self._told[address] = self._get(address)
        told = self._told[address]
        items = told.get("items") if isinstance(told, Mapping) else None
        called = _NAMED.get(name, "id")
        ids = [str(each[called]) for each in items or () if isinstance(each, Mapping) and each.get(called) is not None]
        return [each for each in ids if not self._never(each)][:_MOST]


class _Open(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
