"""A group of steps: what one person does on one page after the other, each step on what the last one left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.walks.walk import Walk

Step = Callable[[Walk], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Group:
    """`signed_in`: False for the page where one signs in. `earlier`: of the earlier generation's pages."""

    name: str
    steps: Sequence[Step]
    signed_in: bool = True
    earlier: bool = False

    def label(self, step: Step) -> str:
        return f"{self.name}: {step.__name__.replace('_', ' ')}"
