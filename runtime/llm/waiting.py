"""How many turns wait for a language model: each lends its place to another turn meanwhile, up to a bound."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from runtime.llm.provider import LlmFailed, Outcome

#: Requests under way at a time, in one worker. Whoever would be one more is answered by Rasa at once.
AT_ONCE = 64


class Waiting:
    """`count`: turns that only wait, and take no place of those there are. `lent` is called when one more does."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self.count = 0
        self.lent: Callable[[], None] = lambda: None

    @contextlib.contextmanager
    def one_more(self) -> Iterator[None]:
        if self.count >= self._at_once:
            raise LlmFailed(Outcome.BUSY)
        self.count += 1
        self.lent()
        try:
            yield
        finally:
            self.count -= 1
