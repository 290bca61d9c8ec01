"""What a dashboard's page takes a value for. A kind says of a value what is wrong with it, and where."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

#: The value, and its place in the answer.
Kind = Callable[[Any, str], Iterator[str]]
#: ISO 8601 with an offset or `Z`: without one each browser would read its own zone's time.
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_LONGEST_SHOWN = 60


def anything(value: Any, at: str) -> Iterator[str]:
    return iter(())


def text(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{at} is {_shown(value)}, no text"


def full(value: Any, at: str) -> Iterator[str]:
    """A text with something in it."""
    if not isinstance(value, str) or not value.strip():
        yield f"{at} is {_shown(value)}, no text with anything in it"


def flag(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{at} is {_shown(value)}, neither true nor false"


def whole(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{at} is {_shown(value)}, no whole number"


def number(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        yield f"{at} is {_shown(value)}, no number"


def date(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str) or moment(value) is None:
        yield f"{at} is {_shown(value)}, no date with an offset"


def things(value: Any, at: str) -> Iterator[str]:
    """An object of whatever."""
    if not isinstance(value, Mapping):
        yield f"{at} is {_shown(value)}, no object"


def some(value: Any, at: str) -> Iterator[str]:
    """A list of whatever."""
    if not isinstance(value, list):
        yield f"{at} is {_shown(value)}, no list"


def one_of(*words: Any) -> Kind:
    def check(value: Any, at: str) -> Iterator[str]:
        if not any(type(value) is type(word) and value == word for word in words):
            yield f"{at} is {_shown(value)}, none of {', '.join(map(str, words))}"

    return check


def either(*kinds: Kind) -> Kind:
    def check(value: Any, at: str) -> Iterator[str]:
        found = [list(kind(value, at)) for kind in kinds]
        if all(found):
            yield found[0][0]

    return check


def maybe(kind: Kind) -> Kind:
    """What may be missing, or null."""

    def check(value: Any, at: str) -> Iterator[str]:
        return iter(()) if value is None else kind(value, at)

    return check


def of(**fields: Kind) -> Kind:
    """An object with these fields; what else it has, the page does not look at."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{at} is {_shown(value)}, no object"
            return
        for name, kind in fields.items():
            yield from kind(value.get(name), f"{at}.{name}")

    check.fields = fields  # type: ignore[attr-defined]
    return check


def more(kind: Kind, **fields: Kind) -> Kind:
    """The same object, with some fields more, or of another kind."""
    return of(**{**kind.fields, **fields})  # type: ignore[attr-defined]


def array(
    kind: Kind, *, least: int = 1, newest: str | None = None, oldest: str | None = None, within_s: float = 0.0
) -> Kind:
    """`least`: with fewer nothing would be looked at. `newest`, `oldest`: which come first, by this field; what is
    `within_s` of each other may come in any order."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at} is {_shown(value)}, no bare list"
            return
        if len(value) < least:
            yield f"{at} has {len(value)} of at least {least}"
        for place, each in enumerate(value):
            yield from kind(each, f"{at}[{place}]")
        yield from _order(value, at, newest or oldest, newest is not None, within_s)

    return check


def envelope(kind: Kind, **same: Any) -> Kind:
    """`{"count", "next", "previous", "results"}`."""
    results = array(kind, **same)

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{at} is {_shown(value)}, no list in its envelope"
            return
        yield from whole(value.get("count"), f"{at}.count")
        for name in ("next", "previous"):
            if name not in value:
                yield f"{at}.{name} is missing"
            yield from maybe(full)(value.get(name), f"{at}.{name}")
        yield from results(value.get("results"), f"{at}.results")
        count, found = value.get("count"), value.get("results")
        if isinstance(found, list) and isinstance(count, int) and count < len(found):
            yield f"{at}.count is {count}, and there are {len(found)}"

    return check


def map_of(kind: Kind, *, least: int = 1) -> Kind:
    """An object whose every value is of this kind."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping) or len(value) < least:
            yield f"{at} is {_shown(value)}, no map"
            return
        for name, each in value.items():
            yield from kind(each, f"{at}.{name}")

    return check


def moment(value: str) -> datetime | None:
    if not _DATE.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None


def _order(items: list[Any], at: str, field: str | None, newest_first: bool, within_s: float) -> Iterator[str]:
    if field is None or not all(isinstance(each, Mapping) for each in items):
        return
    moments = [moment(str(each.get(field))) for each in items]
    known = [each for each in moments if each is not None]
    pairs = itertools.pairwise(known)
    late = [(a, b) for a, b in pairs if ((b - a) if newest_first else (a - b)).total_seconds() > within_s]
    wrong = next(iter(late), None)
    if wrong is not None:
        first = "newest" if newest_first else "oldest"
        yield f"{at} is not in order: the {first} must be first, by {field}; {wrong[0]} is before {wrong[1]}"


def _shown(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= _LONGEST_SHOWN else told[:_LONGEST_SHOWN] + "…"
