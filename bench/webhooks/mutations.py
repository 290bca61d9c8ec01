"""Makes bodies that nobody wrote out of those that somebody did: one to three things in each are otherwise.

Each body has ids of its own, so that what becomes of it can be told from what became of all others.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.webhooks import told

#: Stand for what `json.dumps` cannot write; exchanged for it in the text.
_TWICE, _DEEP = "@@twice@@", "@@deep@@"
_ODD = (
    "", " ", "\x00", "\ud83d", "\u202eabc\u202c", "e\u0301\u0327" * 40, "😀" * 300, "' OR 1=1 --", "${7*7}", "%s%n",
    "NaN", "-1", "9" * 40, "1e999", "../../etc", "\r\nX: y", "\ufeff", "x" * 5_000,
)  # fmt: skip
_OTHER_TYPES: tuple[Any, ...] = (
    0,
    -1,
    2**63,
    2**200,
    1.5,
    True,
    False,
    "",
    "a",
    [],
    {},
    [[]],
    {"a": None},
    [None],
    [0],
)
_KINDS = ("type", "field", "status", "object", "event", "action", "source")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A body to be posted. `json`: what it says, read as anybody would; None where it is no JSON object."""

    raw: bytes
    json: dict[str, Any] | None
    how: tuple[str, ...]
    number: int

    @property
    def ids(self) -> set[str]:
        return {place.id for place in told.places(self.json) if place.id is not None} if self.json else set()

    @property
    def own_ids(self) -> set[str]:
        """Those that no other body has."""
        return {id_ for id_ in self.ids if f".{self.number}." in id_}

    @property
    def may_be_refused(self) -> bool:
        return self.json is None


def many(seeds: Sequence[dict[str, Any]], count: int, seed: int) -> Iterator[Made]:
    for number in range(count):
        dice = random.Random(f"bodies/{seed}/{number}")
        yield mutated(_drawn(seeds, number, dice), dice, number)


def _drawn(seeds: Sequence[dict[str, Any]], number: int, dice: random.Random) -> dict[str, Any]:
    """One of the seeds, or a few as entries of one body, each id made this body's own."""
    drawn = [copy.deepcopy(dice.choice(seeds))]
    while dice.random() < 0.25:
        drawn.append(copy.deepcopy(dice.choice(seeds)))
    for n, each in enumerate(drawn):
        for place in told.places(each):
            place.container[place.key] = f"{place.id}.{number}.{n}"
    return {**drawn[0], "entry": [entry for each in drawn for entry in each["entry"]]}


def mutated(body: dict[str, Any], dice: random.Random, number: int) -> Made:
    """One in ten stays as it was."""
    how: list[str] = []
    for _ in range(0 if dice.random() < 0.1 else dice.randint(1, 3)):
        name = dice.choice(list(_MUTATIONS))
        _MUTATIONS[name](body, dice)
        how.append(name)
    text = json.dumps(body, ensure_ascii=dice.random() < 0.5 or "unicode" in how)
    text = text.replace(f'"{_TWICE}', '"').replace(f'"{_DEEP}"', "[" * 3_000 + "]" * 3_000)
    raw = text.encode("utf-8", "surrogatepass")
    if dice.random() < 0.04:
        raw, how = raw[: dice.randrange(len(raw))], [*how, "truncate"]
    return Made(raw=raw, json=_read(raw), how=tuple(how), number=number)


def _read(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _somewhere(body: dict[str, Any], dice: random.Random) -> tuple[Any, Any]:
    """A container and a key of it, each place as likely as any other."""
    places: list[tuple[Any, Any]] = []
    left: list[Any] = [body]
    while left:
        here = left.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here))
        for key in keys:
            places.append((here, key))
            if isinstance(here[key], (dict, list)):
                left.append(here[key])
    return dice.choice(places) if places else (body, body.setdefault("left", "left"))


def _drop(body: dict[str, Any], dice: random.Random) -> None:
    container, key = _somewhere(body, dice)
    del container[key]


def _null(body: dict[str, Any], dice: random.Random) -> None:
    container, key = _somewhere(body, dice)
    container[key] = None


def _retype(body: dict[str, Any], dice: random.Random) -> None:
    """An id as a number, a number as text, an object as a list; or something else altogether."""
    container, key = _somewhere(body, dice)
    value = container[key]
    if isinstance(value, str) and value.isdigit() and dice.random() < 0.7:
        container[key] = int(value)
    elif isinstance(value, int) and dice.random() < 0.7:
        container[key] = str(value)
    else:
        container[key] = copy.deepcopy(dice.choice(_OTHER_TYPES))


def _unknown(body: dict[str, Any], dice: random.Random) -> None:
    """A kind that does not exist yet: another word where one names a kind, another key, or one more."""
    container, key = _somewhere(body, dice)
    if not isinstance(container, dict):
        container.append({"brand_new": dice.randrange(9)})
    elif key in _KINDS:
        container[key] = f"brand_new_{dice.randrange(9)}"
    elif dice.random() < 0.5:
        container[f"new_{key}"] = container.pop(key)
    else:
        container["brand_new"] = {"is": [1, {"not": "known"}], "yet": dice.choice(_ODD)}


def _unicode(body: dict[str, Any], dice: random.Random) -> None:
    container, key = _somewhere(body, dice)
    odd = dice.choice(_ODD)
    value = container[key]
    container[key] = f"{value}{odd}" if isinstance(value, str) and dice.random() < 0.5 else odd


def _twice(body: dict[str, Any], dice: random.Random) -> None:
    """A key that stands there twice: the last one counts, for everybody."""
    container, key = _somewhere(body, dice)
    if isinstance(container, dict):
        container[f"{_TWICE}{key}"] = copy.deepcopy(dice.choice([*_OTHER_TYPES, container[key]]))


def _nested(body: dict[str, Any], dice: random.Random) -> None:
    """Deeper by a little, by much, or by so much that nobody reads it."""
    container, key = _somewhere(body, dice)
    if dice.random() < 0.02:
        container[key] = _DEEP
        return
    for _ in range(dice.choice((1, 1, 2, 40))):
        value = container[key]
        container[key] = [value] if dice.random() < 0.5 else {str(key): value}


_MUTATIONS: dict[str, Callable[[dict[str, Any], random.Random], None]] = {
    "drop": _drop,
    "null": _null,
    "retype": _retype,
    "unknown": _unknown,
    "unicode": _unicode,
    "twice": _twice,
    "nested": _nested,
}
