"""What a model's server takes: they differ in a few parameters, and say so with a 400."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

_MOST_REMEMBERED = 500
_TRIES = 4
_OPTIONAL = frozenset({"temperature", "stream_options"})
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
Stream = TypeVar("Stream")


@dataclass(frozen=True, kw_only=True)
class Manner:
    """`renamed`: parameters by the other of their two names; `without`: left out."""

    renamed: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def of(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {
            _OTHER_NAME[name] if name in self.renamed else name: value
            for name, value in parameters.items()
            if name not in self.without
        }

    def after(self, refused: str, parameters: Mapping[str, Any]) -> Manner | None:
        """For the same question once more; None where nothing is left to change."""
        if refused in _OPTIONAL:
            return dataclasses.replace(self, without=self.without | {refused})
        if refused in parameters and refused in _OTHER_NAME and refused not in self.renamed:
            return dataclasses.replace(self, renamed=self.renamed | {refused})
        return None


class Manners:
    """Remembers each model's, so that a question is asked twice only the first time."""

    def __init__(self, *, renames: bool) -> None:
        self._renames, self._known = renames, dict[tuple[str, str], Manner]()

    async def ask(
        self,
        which: tuple[str, str],
        parameters: Mapping[str, Any],
        create: Callable[[dict[str, Any]], Awaitable[Stream]],
    ) -> Stream:
        """`which`: the address and the model. `create` raises what has a `status_code` where it is refused."""
        manner = self._known.get(which, Manner())
        for left in reversed(range(_TRIES)):
            sent = manner.of(parameters)
            try:
                stream = await create(sent)
            except Exception as error:
                another = manner.after(_refused(error, sent), parameters)
                if another is None or not left or (another.renamed and not self._renames):
                    raise
                manner = another
            else:
                self._remember(which, manner)
                return stream
        raise AssertionError("the last try returns or raises")

    def _remember(self, which: tuple[str, str], manner: Manner) -> None:
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[which] = manner


def _refused(error: Exception, sent: Mapping[str, Any]) -> str:
    """Which parameter it would not take: as it says, or the first that its sentence names; else none."""
    if getattr(error, "status_code", None) not in (400, 422):
        return ""
    told = getattr(error, "param", None)
    if told in sent:
        return str(told)
    said = str(error)
    named = [(said.index(name), name) for name in sent if name in said]
    return min(named)[1] if named else ""
