"""Asks an agent's language model what to say: within its limits, counted, and given up when nobody needs it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from rasa.shared.core.events import Event
from sqlalchemy.engine import Connection

from conversation.agent import Agent, AgentId
from conversation.errors import BadInput
from runtime.clock import Clock
from runtime.llm import prompt
from runtime.llm.breaker import Breaker
from runtime.llm.brief import Brief
from runtime.llm.lines import lines_of
from runtime.llm.overtaken import unless_overtaken
from runtime.llm.provider import Ask, LlmFailed, LlmProvider, Outcome, Thought
from runtime.llm.spoken import spoken
from runtime.llm.waiting import Waiting
from runtime.settings import RuntimeSettings
from runtime.within import within
from store import agents, llm_calls
from store.database import Database
from store.vault import Vault

log = structlog.get_logger()

#: What a turn needs beside the answer: Rasa's own, where there is none.
_LEFT_FOR_RASA_S = 15.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Words for the customer. `tokens`: read and written."""

    text: str = field(repr=False)
    tokens: int


class Thinker:
    """`waiting` tells how many turns only wait for a model."""

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, settings: RuntimeSettings, provider: LlmProvider
    ) -> None:
        self._db, self._vault, self._clock = db, vault, clock
        self._settings, self._provider = settings, provider
        self._breaker = Breaker(clock)
        self.waiting = Waiting()

    async def answer(self, brief: Brief, events: Iterable[Event]) -> Answer:
        """To the last message of a tracker. `LlmFailed`: there is none; `Discarded`: nobody may say it any more."""
        agent, model = brief.agent, brief.agent.model
        lines = lines_of(
            events,
            memory_s=model.memory_ttl_s if model.use_memory else 0,
            hide=lambda line: prompt.hidden(line, brief),
        )
        if not lines:
            raise LlmFailed(Outcome.EMPTY, "there are no words to answer")
        with self.waiting.one_more():
            key, used = await self._db.read(self._known_of, agent.id)
            if model.tokens_per_day is not None and used >= model.tokens_per_day:
                raise LlmFailed(Outcome.OVER_LIMIT)
            ask = Ask(
                provider=agent.provider,
                base_url=model.base_url,
                key=key,
                model_name=model.model_name,
                system=prompt.system_of(brief, self._clock.now()),
                lines=prompt.introduced(lines, brief),
                temperature=model.temperature,
                max_tokens=model.max_tokens,
                timeout_s=self._patience(brief),
            )
            self._breaker.enter(agent)
            return await unless_overtaken(self._db, brief.stand, self._asked(ask, brief))

    async def _asked(self, ask: Ask, brief: Brief) -> Answer:
        """One request, and the row that says what came of it, whatever becomes of the turn."""
        agent, began = brief.agent, time.monotonic()
        outcome, tokens_in, tokens_out, retry_after_s = Outcome.CANCELLED, 0, 0, None
        try:
            thought = await self._thought(ask)
            outcome, tokens_in, tokens_out = Outcome.ANSWERED, thought.tokens_in, thought.tokens_out
            text = spoken(thought.text)
            if not text:
                raise LlmFailed(Outcome.EMPTY, tokens_in=tokens_in, tokens_out=tokens_out)
            return Answer(text=text, tokens=tokens_in + tokens_out)
        except LlmFailed as failed:
            outcome, tokens_in, tokens_out = failed.outcome, failed.tokens_in, failed.tokens_out
            retry_after_s = failed.retry_after_s
            raise
        finally:
            self._breaker.leave(agent, outcome, retry_after_s)
            ms = round((time.monotonic() - began) * 1000)
            log.info("llm_asked", agent=agent.id, outcome=outcome.value, ms=ms, tokens=tokens_in + tokens_out)
            await self._db.write(self._count, brief, outcome, tokens_in, tokens_out, ms)

    async def _thought(self, ask: Ask) -> Thought:
        """Whatever goes wrong with it is no answer, and never the turn's failure: Rasa is there."""
        try:
            return await within(ask.timeout_s, self._provider.ask(ask))
        except LlmFailed:
            raise
        except asyncio.TimeoutError as late:
            raise LlmFailed(Outcome.TIMEOUT) from late
        except Exception as fault:
            log.error("llm_client_failed", error=type(fault).__name__)
            raise LlmFailed(Outcome.FAILED, type(fault).__name__) from fault

    def _patience(self, brief: Brief) -> float:
        whole = self._settings.turn_timeout_s
        most = max(whole - _LEFT_FOR_RASA_S, whole / 2)
        return min(brief.agent.model.timeout_s, most, brief.patience_s or most)

    def _known_of(self, tx: Connection, agent_id: AgentId) -> tuple[str | None, int]:
        """Its key, and the tokens of the day so far."""
        midnight = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            key = agents.api_key(tx, self._vault, agent_id)
        except BadInput as sealed:  # with a key that is not here: Rasa answers
            log.error("llm_key_unreadable", agent=agent_id)
            raise LlmFailed(Outcome.REFUSED, "its key can't be read") from sealed
        return key, llm_calls.tokens_since(tx, agent_id, midnight)

    def _count(self, tx: Connection, brief: Brief, outcome: Outcome, tokens_in: int, tokens_out: int, ms: int) -> None:
        agent: Agent = brief.agent
        llm_calls.add(
            tx,
            agent_id=agent.id,
            conversation_id=brief.conversation_id,
            model=agent.model.model_name,
            outcome=outcome.value,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=agent.model.cost(tokens_in, tokens_out),
            ms=ms,
            at=self._clock.now(),
        )
