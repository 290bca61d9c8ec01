"""What news of a number, or of its business account, mean to us; whichever words the platform has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Standing(str, Enum):
    """What becomes of an account by its platform's word."""

    STOPPED = "stopped"  # nothing can be sent until somebody mends it
    WARNED = "warned"  # it goes on, and whoever is to know is told
    GOES_ON = "goes_on"  # what was in its way is over


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`code`: what alerts are told by. `why`: in words. None where nothing is in the way any more."""

    standing: Standing
    code: str | None = None
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class TemplateNews:
    """`changes`: of `status`, `reason`, `quality`, `category`, those that are told. `gone`: it was taken away.

    `unclear`: it has changed in a way that only the platform's list tells whole.
    """

    id: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False
    unclear: bool = False
