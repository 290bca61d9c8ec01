"""What a check asks Meta of a Page and of an Instagram account, and what it names where something is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import aiohttp
import pytest

from connectors.graph import GraphClient
from connectors.meta_checks import MetaChecks
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.channel_settings import ChannelSettings
from conversation.checks import TOPICS, Callback, Place, Verdict
from emulator import server
from emulator.settings import start_from
from runtime.abilities import Reach
from tests.connectors.graph_pages import INSTAGRAM, PAGE

TOKEN, SECRET, APP = "EAAP-page", "page-secret", "700000000000009"
URL = "https://baton.example.org/webhooks/{}/webhook"


@dataclass
class Asked:
    base: str
    graph: GraphClient
    http: aiohttp.ClientSession

    async def verdicts(self, channel: Channel, **changed: Any) -> dict[Place, Verdict]:
        page = PAGE if channel is Channel.INSTAGRAM else None
        own = ChannelSettings(page_id=page, app_id=APP)
        provider_id = PAGE if channel is Channel.MESSENGER else INSTAGRAM
        account = Account(
            id=AccountId("a"),
            channel=channel,
            provider_id=provider_id,
            name="Cantina",
            agent_id=AgentId("g"),
            channel_settings=own,
        )
        reach = Reach(account=account, node=own.page_id or provider_id, base_url=self.base, token=TOKEN)
        callback = Callback(
            url=URL.format(channel.value), topic=TOPICS[channel.value], verify_token="v", secrets=[SECRET]
        )
        now = datetime.now(timezone.utc)
        steps, _ = await MetaChecks(self.graph).walk(reach, dataclasses.replace(callback, **changed), now)
        assert all(step.cure for step in steps if step.verdict is Verdict.FAILED)
        return {step.place: step.verdict for step in steps}

    async def stand(self, account: str, **standing: Any) -> None:
        async with self.http.post(f"{self.base}/emulator/standing", json={"account": account, **standing}) as answer:
            assert answer.status == 200, await answer.text()


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    shared = {"token": TOKEN, "app_secret": SECRET, "app_id": APP}
    accounts = [
        {"id": PAGE, "channel": "messenger", **shared},
        {"id": INSTAGRAM, "channel": "instagram", "page_id": PAGE, **shared},
    ]
    graph = GraphClient()
    async with server.running(start_from({"accounts": accounts}), 0) as port, aiohttp.ClientSession() as http:
        made = Asked(base=f"http://127.0.0.1:{port}", graph=graph, http=http)
        await made.stand(PAGE, callback_url=URL.format("messenger"))
        await made.stand(INSTAGRAM, callback_url=URL.format("instagram"))
        yield made
    await graph.close()


@pytest.mark.parametrize("channel", [Channel.MESSENGER, Channel.INSTAGRAM])
async def test_where_all_is_well_every_step_that_applies_is_well(asked: Asked, channel: Channel) -> None:
    found = await asked.verdicts(channel)
    assert found.pop(Place.HEALTH) is Verdict.SKIPPED
    assert set(found.values()) == {Verdict.OK}
    assert list(found) == [
        *(Place.TOKEN, Place.PERMISSIONS, Place.SECRET, Place.NUMBER, Place.CALLBACK, Place.SUBSCRIPTION)
    ]


@pytest.mark.parametrize(
    ("standing", "place"),
    [
        ({"missing_scopes": ["pages_messaging"]}, Place.PERMISSIONS),
        ({"token_expired": True}, Place.TOKEN),
        ({"callback_url": "https://elsewhere.example/"}, Place.CALLBACK),
        ({"missing_fields": ["messaging_postbacks"]}, Place.CALLBACK),
    ],
)
async def test_what_is_wrong_is_named_by_its_step(asked: Asked, standing: dict[str, Any], place: Place) -> None:
    await asked.stand(PAGE, **standing)
    found = await asked.verdicts(Channel.MESSENGER)
    assert [each for each, verdict in found.items() if verdict is Verdict.FAILED] == [place]


async def test_another_apps_secret_and_an_account_that_tells_nothing_are_named(asked: Asked) -> None:
    other = await asked.verdicts(Channel.MESSENGER, secrets=["another"])
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with asked.http.delete(f"{asked.base}/v24.0/{PAGE}/subscribed_apps", headers=headers) as answer:
        assert answer.status == 200
    silent = await asked.verdicts(Channel.MESSENGER)

    assert [each for each, verdict in other.items() if verdict is Verdict.FAILED] == [Place.SECRET]
    assert other[Place.CALLBACK] is Verdict.SKIPPED
    assert [each for each, verdict in silent.items() if verdict is Verdict.FAILED] == [Place.SUBSCRIPTION]
