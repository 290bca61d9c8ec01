"""What an operator tries on an agent: a talk in memory, of which nothing is stored, sent, scheduled or counted as mail.

Custom actions run as for a customer: what one of them writes elsewhere, it writes for a trial too.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered

from conversation.agent import AgentId
from conversation.gate import ALLOWED
from runtime.llm.brief import Brief
from runtime.llm.mind import Mind
from runtime.processor import TurnChannel, TurnProcessor
from runtime.stored_tracker import StoredTracker
from runtime.tracker_store import OpenTurn
from runtime.trying_out import Tried
from runtime.turn_context import opened

#: Whoever tries it waits for seconds: the model has to leave Rasa some of them.
TRIAL_PATIENCE_S = 10.0
_MOST, _KEPT_S = 100, 3600.0
_CHANNEL = "trial"


@dataclass
class _Talk:
    tracker: StoredTracker
    last_used: float
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class Scratch:
    """The talks of the last hour, as many as are bearable."""

    def __init__(self) -> None:
        self._talks: OrderedDict[tuple[AgentId, str], _Talk] = OrderedDict()

    def __len__(self) -> int:
        return len(self._talks)

    def clear(self) -> None:
        self._talks.clear()

    async def try_out(
        self, processor: TurnProcessor, brief: Brief, session: str, text: str, mind: Mind | None
    ) -> Tried:
        agent_id, began = brief.agent.id, time.monotonic()
        talk = self._talk(processor, agent_id, session)
        async with talk.one_at_a_time:
            tracker = talk.tracker
            try:
                await _hear(processor, tracker, text, brief, mind)
            except BaseException:
                self._talks.pop((agent_id, session), None)  # half a turn is in it
                raise
            said = [event.text for event in tracker.unsaved() if isinstance(event, BotUttered)]
            tracker.committed(tracker.fold.seq)
        answer = mind.answer if mind is not None else None
        return Tried(
            texts=tuple(text for text in said if text),
            tokens=answer.tokens if answer else None,
            ms=round((time.monotonic() - began) * 1000),
            by=brief.agent.model.model_name if answer else "rasa",
        )

    def _talk(self, processor: TurnProcessor, agent_id: AgentId, session: str) -> _Talk:
        now, key = time.monotonic(), (agent_id, session)
        for old in [each for each, talk in self._talks.items() if now - talk.last_used > _KEPT_S]:
            del self._talks[old]
        talk = self._talks.get(key)
        if talk is None:
            tracker = StoredTracker(f"trial of {agent_id}", processor.domain.slots)
            talk = self._talks[key] = _Talk(tracker=tracker, last_used=now)
        talk.last_used = now
        self._talks.move_to_end(key)
        while len(self._talks) > _MOST:
            self._talks.popitem(last=False)
        return talk


async def _hear(processor: TurnProcessor, tracker: StoredTracker, text: str, brief: Brief, mind: Mind | None) -> None:
    message = UserMessage(
        text,
        TurnChannel(_CHANNEL),
        tracker.sender_id,
        input_channel=_CHANNEL,
        metadata={"channel": _CHANNEL, "verdict": ALLOWED.answer.value, "reason": ALLOWED.reason.value},
    )
    tracker.model_id = processor.model_metadata.model_id
    tracker.assistant_id = processor.model_metadata.assistant_id
    with opened(OpenTurn(tracker=tracker, arrived_at=time.time(), mind=mind), brief.shop):
        await processor.handle_message(message)
