"""Reads what a webhook holds without trusting its shape: what is of a wrong type counts as absent."""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import datetime, timezone
from typing import Any

#: Below it seconds, from it on milliseconds.
_MILLISECONDS_FROM = 10**11
_EPOCH = datetime.fromtimestamp(0, timezone.utc)
_ISO = re.compile(r"\s*\d{4}-\d{2}-\d{2}", re.ASCII)
#: The zone of a time written out, where Python 3.10 does not know its form.
_ZONE = re.compile(r"(?:[Zz]|[+-]\d{4})$", re.ASCII)
#: What no database takes in a text: half a character, and the null character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
#: How such a character can stand in a body that is UTF-8 and JSON. An emoji's two halves are found too.
_MAY_BE_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
#: A body with no more brackets is not nested too deeply.
_FEW = 200


class Unreadable(Exception):
    """A piece lacks what it can't do without."""


def document(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body, fit to be stored. Raises ValueError if it is none."""
    body = raw.decode("utf-8")
    try:
        value = json.loads(body, parse_constant=str, parse_float=_finite)
        # To walk through all of it costs several times what reading it does; nearly every body is plain.
        if _MAY_BE_UNSTORABLE.search(body) or body.count("{") + body.count("[") > _FEW:
            value = _storable(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value


def _finite(number: str) -> float | str:
    """JSON knows no infinity, and no database keeps one in JSON: 1e999 stays text."""
    value = float(number)
    return value if math.isfinite(value) else number


def obj(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def besides(given: dict[str, Any], *read: str) -> dict[str, Any]:
    """All but what was read. An object or a list where an id or a word should be was not: it is kept."""
    return {key: value for key, value in given.items() if key not in read or isinstance(value, (dict, list))}


def text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def ident(value: Any) -> str | None:
    """An id, always as text: some suites write numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value.strip()) if isinstance(value, str) else None


def instant(value: Any, now: datetime) -> datetime:
    """A time of Meta's, in any form it gives one; `now` if there is none."""
    return time_of(value) or now


def time_of(value: Any) -> datetime | None:
    """A time in seconds or milliseconds, as a number or its text, or written out as ISO 8601 has it."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = _written_out(value) if isinstance(value, str) and _ISO.match(value) else _counted(value)
        return found if found > _EPOCH else None
    except (ValueError, OverflowError, OSError):
        return None


def _counted(value: int | float | str) -> datetime:
    number = float(value)
    return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, timezone.utc)


def _written_out(value: str) -> datetime:
    """Graph API writes `+0000`, which Python reads only from 3.11 on. Where no zone is named it is UTC."""
    found = datetime.fromisoformat(_ZONE.sub(lambda zone: _with_colon(zone[0]), value.strip()))
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def _with_colon(zone: str) -> str:
    return "+00:00" if zone in ("Z", "z") else f"{zone[:3]}:{zone[3:]}"


def digest(*parts: Any) -> str:
    """What something without an id is known by, should it come again."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def whole(value: Any) -> dict[str, Any]:
    """A piece as it came, as an object."""
    return value if isinstance(value, dict) else {"value": value}
