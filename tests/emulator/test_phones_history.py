"""What the phone's own app shares when it is asked, told by the emulator, and read by WhatsApp's way in."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from connectors import whatsapp_parse
from connectors.graph import GraphClient
from connectors.whatsapp_sharing import WhatsAppSharing
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.arrivals import Arrival, Echo, Inbound, Known, Remembered
from conversation.errors import SendError
from runtime.abilities import Reach
from tests.emulator.conftest import ACCOUNT, Product


def reach_of(emulator: Any) -> Reach:
    account = Account(
        id=AccountId("acc_1"), channel=Channel.WHATSAPP, provider_id=ACCOUNT, name="Cantina", agent_id=AgentId("agt_1")
    )
    return Reach(account=account, node=ACCOUNT, base_url=emulator.base, token="any")


def told(product: Product) -> list[Arrival]:
    now = datetime.now(timezone.utc)
    return [each for hook in product.webhooks for each in whatsapp_parse.parse(json.loads(hook.raw), now)]


async def test_it_is_given_once_in_phases_and_reads_as_what_was_said(emulator: Any, product: Product) -> None:
    await emulator.say(text="vocês abrem?")
    await emulator.send_text("às nove")
    await emulator.until_health(statuses_pending=0)
    product.webhooks.clear()
    client = GraphClient()
    try:
        with pytest.raises(SendError):  # it is on no phone
            await WhatsAppSharing(client).ask(reach_of(emulator))
        await emulator.control("POST", "standing", {"account": ACCOUNT, "on_phone_app": True})
        assert await WhatsAppSharing(client).ask(reach_of(emulator))
        await product.until(lambda: len(product.webhooks) == 4)
        assert not await WhatsAppSharing(client).ask(reach_of(emulator))
    finally:
        await client.close()
    said = [each.said for each in told(product) if isinstance(each, Remembered)]
    assert {(type(each), each.text) for each in said} == {(Inbound, "vocês abrem?"), (Echo, "às nove")}
    assert [each.name for each in told(product) if isinstance(each, Known)]
