"""Guards of agents that think with a language model, taken out: see sabotage.py."""

from __future__ import annotations

from typing import Any


def no_fallback() -> None:
    """A language model that has no answer fails the turn."""
    from runtime.llm.mind import Mind

    words = Mind.words

    async def words_or_nothing(self: Mind, tracker: Any) -> str | None:
        found = await words(self, tracker)
        if found is None:
            raise RuntimeError("the language model has no answer")
        return found

    Mind.words = words_or_nothing  # type: ignore[method-assign]


def no_lending() -> None:
    """A turn that waits for a language model keeps its place."""
    from runtime.actors import Actors

    look = Actors._look

    async def look_without(self: Actors) -> None:
        waiting, self._waiting = self._waiting, type(self._waiting)()
        try:
            await look(self)
        finally:
            self._waiting = waiting

    Actors._look = look_without  # type: ignore[method-assign]


def no_giving_up() -> None:
    """A language model is asked to the end, whoever has the conversation by then."""
    from runtime.llm import overtaken

    overtaken.still_stands = lambda *_: True  # type: ignore[attr-defined]
