"""A language model by script, and an agent that asks it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Union

from conversation.agent import Agent, Provider
from runtime.llm.provider import Ask, LlmFailed, Outcome, Thought
from runtime.llm.thinker import Thinker
from store import agents
from tests.house import Stage

Step = Union[str, LlmFailed, Exception, Callable[[], Awaitable[str]]]


class ScriptedLlm:
    """Satisfies `runtime.llm.provider.LlmProvider`. Answers by its script, `Pois não.` where that is over."""

    def __init__(self) -> None:
        self.script: deque[Step] = deque()
        self.asked: list[Ask] = []
        self.given_up = 0

    async def ask(self, ask: Ask) -> Thought:
        self.asked.append(ask)
        step = self.script.popleft() if self.script else "Pois não."
        if isinstance(step, Exception):
            raise step
        try:
            text = step if isinstance(step, str) else await step()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return Thought(text=text, tokens_in=100, tokens_out=10)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What it was told of the talk when it was asked last."""
        return [(line.role, line.text) for line in self.asked[-1].lines]


async def hang() -> str:
    await asyncio.sleep(3600)
    return ""


def failed(outcome: Outcome = Outcome.FAILED, **given: Any) -> LlmFailed:
    return LlmFailed(outcome, **given)


async def thinks(stage: Stage, **model: Any) -> Agent:
    """The stage's agent asks a language model from now on."""
    wanted = {"model_name": "stand-in", "system_prompt": "You are Bia.", "input_price": 1.0, **model}
    return await stage.db.write(
        agents.change, stage.agent.id, provider=Provider.OPENAI, model=wanted, api_key="sk-1", vault=stage.vault
    )


def thinker(stage: Stage, llm: ScriptedLlm) -> Thinker:
    return Thinker(stage.db, stage.vault, stage.clock, stage.settings, llm)
