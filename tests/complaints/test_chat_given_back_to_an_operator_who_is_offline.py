""" "The customer wrote again, it went to the colleague who had gone home, and nobody saw it till Monday." """

from __future__ import annotations

import pytest

from conversation.conversation import HandoverState
from conversation.errors import Refused
from conversation.people import Presence
from store import notices
from tests.house import Stage


async def test_who_writes_again_is_not_given_to_somebody_who_went_home(stage: Stage) -> None:
    await stage.operator("ana")
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ana")
    await stage.ownership.resolve(conversation_id, by="ana")
    await stage.ownership.set_presence("ana", Presence.OFFLINE)
    await stage.hears("mais uma coisa")
    await stage.all_turns(conversation_id)
    assert (await stage.conversation(conversation_id)).owner is None
    assert await stage.texts(conversation_id) != []


@pytest.mark.parametrize("how", ["goes", "vanishes", "is removed"])
async def test_what_somebody_has_who_goes_is_in_the_queue_and_people_are_told(stage: Stage, how: str) -> None:
    await stage.operator("ana")
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ana")
    if how == "goes":
        await stage.ownership.set_presence("ana", Presence.OFFLINE)
    elif how == "vanishes":
        await stage.later(stage.settings.vanish_s + 1)
    else:
        await stage.ownership.remove_operator("ana")
    assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
    told = [n["facts"] for n in await stage.db.read(notices.after, 0) if n["kind"] == "handover"]
    assert (told[-1]["command"], told[-1]["state"]) == ("vanish", "pending")


async def test_nobody_transfers_to_one_who_is_offline(stage: Stage) -> None:
    await stage.operator("ana", Presence.OFFLINE)
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ben")
    with pytest.raises(Refused, match="offline"):
        await stage.ownership.transfer(conversation_id, by="ben", to_operator="ana")
