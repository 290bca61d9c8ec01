"""What is set for the whole installation while it runs: which settings there are, and how each is read.

A setting is a value with defaults, stored as JSON under its name. Another one is another line of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conversation import retention_settings
from conversation.errors import NotFound
from conversation.said import say

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`checked`: the whole setting as JSON, what is not given by its default; `BadInput` says what can't be read."""

    checked: Callable[[Facts], dict[str, Any]]


#: By name.
KINDS: Mapping[str, Kind] = MappingProxyType({"retention": Kind(checked=retention_settings.checked)})


def kind(name: str) -> Kind:
    if name not in KINDS:
        raise NotFound(say("There is no setting {name}.", name=name))
    return KINDS[name]
