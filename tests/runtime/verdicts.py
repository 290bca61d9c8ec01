"""What the gate said of a customer's messages."""

from __future__ import annotations

from conversation.conversation import ConversationId
from conversation.message import Author
from tests.house import Stage


async def verdicts(stage: Stage, conversation_id: ConversationId) -> list[tuple[str | None, str | None]]:
    return [(m.verdict, m.reason) for m in await stage.messages(conversation_id) if m.author is Author.CONTACT]
