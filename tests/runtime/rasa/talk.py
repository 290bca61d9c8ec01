"""A customer's side of a talk with the small bot, and what is known of it afterwards."""

from __future__ import annotations

from typing import Any

from conversation.conversation import ConversationId
from tests.house import ANA, Stage


async def says(stage: Stage, *texts: str, phone: str = ANA, **given: Any) -> ConversationId:
    for text in texts:
        conversation_id = await stage.hears(text, phone=phone, **given)
        await stage.all_turns(conversation_id)
    return conversation_id


async def replies(stage: Stage, conversation_id: ConversationId) -> list[str | None]:
    return await stage.texts(conversation_id)


async def intents(stage: Stage, conversation_id: ConversationId) -> list[str | None]:
    events = await stage.events(conversation_id)
    return [e["parse_data"]["intent"]["name"] for e in events if e["event"] == "user"]


async def slots(stage: Stage, conversation_id: ConversationId) -> dict[str, Any]:
    return {e["name"]: e["value"] for e in await stage.events(conversation_id) if e["event"] == "slot"}
