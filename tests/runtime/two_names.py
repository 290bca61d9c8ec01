"""One customer under two names: two conversations, until something names both."""

from __future__ import annotations

from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from tests.house import ANA, Stage

PHONE = Address(kind=AddressKind.PHONE, value=ANA)
USER = Address(kind=AddressKind.BSUID, value="BR.13491208655302741918")
OTHER_USER = Address(kind=AddressKind.BSUID, value="BR.99000000000000000001")
BOTH = (USER, PHONE)


async def by_phone(stage: Stage, text: str = "oi") -> ConversationId:
    stage.clock.wind(1)
    return await stage.hears(text)


async def by_user(stage: Stage, text: str = "oi") -> ConversationId:
    stage.clock.wind(1)
    return await stage.hears(text, phone=USER.value, addresses=(USER,))


async def two(stage: Stage) -> tuple[ConversationId, ConversationId]:
    """One customer's two conversations: the older, and the newer."""
    return await by_phone(stage, "sou a Joana"), await by_user(stage, "oi, sou eu")


async def named_both(stage: Stage, text: str = "de novo") -> ConversationId:
    stage.clock.wind(1)
    return await stage.hears(text, addresses=BOTH)


async def heard_once(stage: Stage, conversation_id: ConversationId, *texts: str) -> None:
    assert sorted(await stage.heard(conversation_id)) == sorted(texts)
