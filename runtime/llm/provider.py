"""What a turn asks of a language model, and gets: words, or why there are none. Who is asked stands behind it in
`connectors/llm.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, Protocol

from conversation.agent import Provider


class Outcome(str, Enum):
    """What became of a request, in one word for logs and statistics."""

    ANSWERED = "answered"
    TIMEOUT = "timeout"  # no whole answer within the agent's time
    UNREACHABLE = "unreachable"  # no connection, or an address that may not be connected to
    RATE_LIMITED = "rate_limited"  # 429
    REFUSED = "refused"  # another 4xx: the key, the model's name, the request
    FAILED = "failed"  # 5xx
    GARBAGE = "garbage"  # an answer that can't be read, or that does not end
    EMPTY = "empty"  # no words in it
    ORDERED = "ordered"  # it calls a tool: it may order nothing
    OVER_LIMIT = "over_limit"  # not asked: the agent's tokens of the day are used up
    RESTING = "resting"  # not asked: it failed several times in a row
    BUSY = "busy"  # not asked: as many are waited for as may be at once
    CANCELLED = "cancelled"  # given up: who may speak changed meanwhile, or the process ended


@dataclass(frozen=True)
class Line:
    """`role`: whose words."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Ask:
    """`base_url`: empty for the provider's own. `lines`: the oldest first; the last one is the customer's."""

    provider: Provider
    base_url: str
    key: str | None = field(repr=False)
    model_name: str
    system: str = field(repr=False)
    lines: Sequence[Line] = field(repr=False)
    temperature: float
    max_tokens: int
    timeout_s: float


@dataclass(frozen=True, kw_only=True)
class Thought:
    """Words, nothing else: whatever was asked for beside them was left out. Tokens as the provider counts them, 0 where
    it says nothing."""

    text: str = field(repr=False)
    tokens_in: int
    tokens_out: int


class LlmFailed(Exception):
    """There are no words. `tokens_*`: what it cost all the same. `retry_after_s`: before then it need not be asked."""

    def __init__(
        self,
        outcome: Outcome,
        detail: str = "",
        *,
        tokens_in: int = 0,
        tokens_out: int = 0,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{outcome.value}: {detail}" if detail else outcome.value)
        self.outcome, self.tokens_in, self.tokens_out = outcome, tokens_in, tokens_out
        self.retry_after_s = retry_after_s


class LlmProvider(Protocol):
    async def ask(self, ask: Ask) -> Thought:
        """Within `ask.timeout_s`; raises `LlmFailed` and nothing else but a cancellation."""
        ...
