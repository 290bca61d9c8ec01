"""The dashboard's list of all channels together."""

from __future__ import annotations

import pytest

from conversation.account import Channel
from runtime.settings import RuntimeSettings
from store.database import Database
from store.vault import Vault
from tests import services
from tests.handover.dashboard.conftest import Dashboard
from tests.house import ANA, BEN, HOLDER, ScriptedDialogue, Stage, WoundClock, set_up

pytestmark = services.sqlite_only


@pytest.fixture
def channel() -> Channel:
    return Channel.WHATSAPP


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings, channel: Channel) -> Stage:
    account, agent = set_up(db, vault, clock, channel)
    return Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip


@pytest.mark.parametrize("channel", list(Channel))
async def test_every_channels_conversation_leads_to_its_own_page(
    ana: Dashboard, stage: Stage, channel: Channel
) -> None:
    conversation_id = await stage.hears("oi", phone=ANA)
    status, page = await ana.get("/conversations/universal/")
    assert (status, page["count"]) == (200, 1)
    (row,) = page["results"]
    assert (row["platform"], row["route"]) == (channel.value, f"/inbox/{channel.value}")
    assert row["route_params"] == {"account": stage.account.id, "conversation": conversation_id}
    assert (row["source_conversation_id"], row["unread_count"], row["last_message_preview"]) == (
        conversation_id,
        1,
        "oi",
    )
    assert row["display_name"] and row["last_message_at"]


async def test_the_newest_is_first_and_each_has_an_id_of_its_own(ana: Dashboard, stage: Stage) -> None:
    first = await stage.hears(phone=ANA)
    stage.clock.wind(60)
    second = await stage.hears(phone=BEN)
    _, page = await ana.get("/conversations/universal/")
    assert [row["source_conversation_id"] for row in page["results"]] == [second, first]
    assert len({row["id"] for row in page["results"]}) == 2
