"""What of a request's body may stand in the audit log: codes as they are; words only make a fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

#: Fields that hold an id or one of a few words of ours. Any other text is somebody's words.
_CODES = frozenset(
    {
        "account",
        "account_id",
        "app",
        "channel",
        "control",
        "kind",
        "language",
        "name",
        "operator",
        "presence",
        "priority",
        "provider_id",
        "role",
        "state",
        "status",
        "team",
        "until",
    }
)


def parted(body: Any) -> tuple[dict[str, Any], str | None]:
    """The codes of a body, and all its words as one text; None where it has none."""
    given: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    if isinstance(body, msgspec.Struct):
        given = {name: getattr(body, name) for name in body.__struct_fields__}
    codes, words = {}, {}
    for name, value in given.items():
        plain = value.value if isinstance(value, Enum) else value
        if isinstance(plain, (bool, int, float)) or (isinstance(plain, str) and (value is not plain or name in _CODES)):
            codes[name] = plain
        elif plain is not None and plain != "" and plain != [] and plain is not msgspec.UNSET:
            words[name] = plain
    return codes, msgspec.json.encode(words, order="sorted").decode() if words else None


#: Parts of a path that are somebody's words.
_WRITTEN = frozenset({"tag"})


def parted_path(values: Mapping[str, Any]) -> tuple[dict[str, str], str | None]:
    """The ids and names in a path, and what in it somebody has written."""
    named = {name: str(value) for name, value in values.items() if name not in _WRITTEN}
    return named, next((str(value) for name, value in values.items() if name in _WRITTEN), None)
