"""Mail that a process ended on is tried alone: should it end this one too, no other turn is counted with it."""

from __future__ import annotations

from collections.abc import Sequence

from conversation.conversation import ConversationId
from store.mailbox import Waiting


class Quarantine:
    """Decides who begins. A suspect waits for the others to end, and they for it; neither longer than `patience_s`."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._until = 0.0
        self._waits = False
        self._alone: ConversationId | None = None

    def choose(self, waiting: Sequence[Waiting], *, busy: bool, now: float) -> Sequence[Waiting]:
        """Those that begin at `now`, in seconds of the event loop's clock. `busy`: other turns are under way."""
        if self._alone is not None and now < self._until:
            return []
        suspects = [each for each in waiting if each.suspect]
        if not suspects:
            self._waits = False
            return waiting
        if not self._waits:
            self._waits, self._until = True, now + self._patience_s
        if busy and now < self._until:
            return []
        chosen = suspects[0]
        self._waits, self._alone, self._until = False, chosen.conversation_id, now + self._patience_s
        calm = [each for each in waiting if not each.suspect] if busy else []
        return [chosen, *calm]

    def holds(self, conversation_id: ConversationId) -> bool:
        """Whether it is the one that is tried alone: then only its suspect mail is."""
        return self._alone == conversation_id

    def ended(self, conversation_id: ConversationId) -> None:
        if self._alone == conversation_id:
            self._alone = None
