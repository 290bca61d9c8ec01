"""What the types of the API are called in its description, and their docstrings as they are meant to be read."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

REF = "#/components/schemas/{name}"
_LISTED = re.compile(r"(Page|Items|Numbered)_(.+)_")


def names_of(components: Mapping[str, Any]) -> dict[str, str]:
    """Short names for all: MessagePage; StatisticsUnread where several are called so."""
    found: dict[str, str] = {}
    for name in components:
        listed = _LISTED.fullmatch(name)
        short = f"{listed[2]}{listed[1]}" if listed else "".join(word.capitalize() for word in name.split(".")[-2:-1])
        short = short if listed else short + name.split(".")[-1]
        found[name] = short if short not in found.values() else name
    return found


def tidied(schema: Any, names: Mapping[str, str]) -> Any:
    """Docstrings as they are meant to be read, and things by their short names."""
    if isinstance(schema, list):
        return [tidied(each, names) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: tidied(value, names) for name, value in schema.items()}
    if isinstance(schema.get("description"), str):
        found["description"] = inspect.cleandoc(schema["description"])
    if isinstance(schema.get("$ref"), str):
        found["$ref"] = REF.format(name=names[schema["$ref"].rsplit("/", 1)[1]])
    return found


def resolved(schema: Mapping[str, Any], components: Mapping[str, dict[str, Any]]) -> Mapping[str, Any]:
    return components[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def reached(shown: Any, components: Mapping[str, Any]) -> set[str]:
    """The names of what is referred to, however far away."""
    found: set[str] = set()
    waiting = [shown]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            name = str(each.get("$ref", "")).rsplit("/", 1)[-1]
            if name and name not in found:
                found.add(name)
                waiting.append(components[name])
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return found
