"""What the turn asks of whoever thinks, and gets: values only. Rasa stands behind it in `rasa_dialogue.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from conversation.conversation import ConversationId
from conversation.errors import BatonError
from conversation.mail import Mail
from conversation.sent import Vocabulary
from runtime.channel import Utterance
from runtime.llm.brief import Brief
from store.snapshots import Snapshot
from store.timers import Change as TimerChange


class Discarded(BatonError):
    """What the turn was decided on changed while the dialogue was thinking: its answer is worth nothing."""

    code = "discarded"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the dialogue is asked. `return_due`: a person gave the conversation back; start from the known point.
    `brief`: for an agent that thinks with a language model."""

    mail: Mail
    channel: str
    text: str
    chosen: bool
    metadata: Mapping[str, Any]
    shop: Mapping[str, Any]
    return_due: bool
    brief: Brief | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """All that the dialogue decided, as values. `base_seq`: the tracker's last event it was decided on."""

    base_seq: int
    events: Sequence[Mapping[str, Any]]
    utterances: Sequence[Utterance]
    timers: Sequence[TimerChange]
    intent: str | None = None
    confidence: float | None = None
    snapshot: Snapshot | None = None  # of the tracker as it is with these events


class Dialogue(Protocol):
    """What the turn asks of whoever thinks."""

    @property
    def ready(self) -> bool: ...

    @property
    def vocabulary(self) -> Vocabulary: ...

    async def answer(self, question: Question) -> Reply:
        """Decides; raises whatever went wrong, `Discarded` where it saw itself that the answer could not be said any
        more. Nothing outside has changed either way."""
        ...

    async def remind(self, question: Question) -> Reply:
        """A reminder of the dialogue fell due: `question.mail.payload` holds it."""
        ...

    def committed(self, conversation_id: ConversationId, seq: int) -> None:
        """The last reply was committed, and the tracker stands at `seq`."""
        ...

    def forget(self, conversation_id: ConversationId) -> None:
        """The last reply was not committed: what is in memory of it is worth nothing."""
        ...
