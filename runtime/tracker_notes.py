"""What people say, as events of Rasa's: the tracker is the one history."""

from __future__ import annotations

from datetime import datetime

from conversation.message import Author


def said_by_person(text: str | None, by: str, now: datetime) -> dict[str, object]:
    """An operator's words, which change nothing that a policy looks at."""
    metadata = {"author": Author.OPERATOR.value, "operator": by}
    return {"event": "bot", "timestamp": now.timestamp(), "text": text, "data": {}, "metadata": metadata}
