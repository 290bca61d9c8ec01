"""What is wrong with what does not fit a struct, said so that whoever sent it can mend it."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_NO_CHOICE = re.compile(r"Invalid enum value .+ - at `\$(?P<path>[^`]*)`")
_STEP = re.compile(r"\.(\w+)|\[\.\.\.\]|\[\d*\]")


def why(error: msgspec.ValidationError, kind: Any) -> str:
    """The fault as msgspec has it; where there are only some words to choose from, with these."""
    said = str(error)
    found = _NO_CHOICE.fullmatch(said)
    choices = _choices(kind, found["path"]) if found else ()
    return f"{said}: it is one of {', '.join(choices)}" if choices else said


def _choices(kind: Any, path: str) -> tuple[str, ...]:
    """What may stand at a path like `.settings.shape` or `.events[1]`; nothing where that can't be told."""
    try:
        place: Any = msgspec.inspect.type_info(kind)
        for step in _STEP.finditer(path):
            place = _inside(place, step[1])
        found = next((each for each in _alternatives(place) if isinstance(each, _CHOICES)), None)
    except (LookupError, AttributeError, StopIteration, TypeError):
        return ()
    if isinstance(found, msgspec.inspect.EnumType):
        return tuple(str(each.value) for each in found.cls)
    return tuple(str(each) for each in found.values) if found is not None else ()


_CHOICES = (msgspec.inspect.EnumType, msgspec.inspect.LiteralType)


def _inside(place: Any, name: str | None) -> Any:
    """A field by its name, or the items of a list."""
    for each in _alternatives(place):
        if name is None and hasattr(each, "item_type"):
            return each.item_type
        for field in getattr(each, "fields", ()) if name is not None else ():
            if field.encode_name == name:
                return field.type
    raise LookupError(name)


def _alternatives(place: Any) -> tuple[Any, ...]:
    while isinstance(place, msgspec.inspect.Metadata):
        place = place.type
    return tuple(place.types) if isinstance(place, msgspec.inspect.UnionType) else (place,)
