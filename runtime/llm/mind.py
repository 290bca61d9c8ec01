"""A turn's way to its agent's language model: asked once at most, however often Rasa comes by."""

from __future__ import annotations

import itertools

import structlog
from rasa.shared.core.trackers import DialogueStateTracker

from conversation.agent_model import AskedWhen
from runtime.llm.brief import Brief
from runtime.llm.provider import LlmFailed
from runtime.llm.thinker import Answer, Thinker

log = structlog.get_logger()


class Mind:
    """`answer`: what it said, once it did."""

    def __init__(self, thinker: Thinker, brief: Brief) -> None:
        self._thinker, self._brief = thinker, brief
        self._asked = self._told = False
        self.answer: Answer | None = None

    @property
    def asked_when(self) -> AskedWhen:
        return self._brief.agent.model.asked_when

    def begin_again(self) -> None:
        """The turn is begun anew: what was answered is not asked for twice, and may be said."""
        self._told = False

    async def words(self, tracker: DialogueStateTracker) -> str | None:
        """What to say; None: it has no answer. Empty: it was said already, in this turn."""
        if not self._asked:
            self._asked = True
            # Those at the front stand for older ones, in no order of a talk.
            events = itertools.islice(tracker.events, getattr(tracker, "remembered", 0), None)
            try:
                self.answer = await self._thinker.answer(self._brief, events)
            except LlmFailed as failed:
                log.warning("llm_has_no_answer", agent=self._brief.agent.id, outcome=failed.outcome.value)
        if self.answer is None:
            return None
        text = "" if self._told else self.answer.text
        self._told = True
        return text
