"""The whole of it against the emulator: an outage of a day, the past, and who people are."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import aiohttp
import pytest

from connectors.graph import GraphClient
from connectors.ways_out import ways_out
from conversation import channel_settings
from conversation.account import Account, AccountId, Channel
from conversation.arrivals import Inbound
from conversation.ids import new_id
from conversation.sync import SyncKind
from emulator import server
from emulator.settings import start_from
from runtime.abilities import Past, Reach, ReachOf
from runtime.accept import Entrance
from runtime.catching_up import CatchingUp
from runtime.profiles import ProfileKeeper
from runtime.syncing import Syncing
from store import accounts, contacts, conversations, messages, syncs, tables
from tests.connectors.graph_pages import INSTAGRAM, PAGE
from tests.house import Stage, WoundClock

#: Both are told of through one Page.
_LINKED = {"login": "facebook", "page_id": PAGE}
_OF_EACH = {
    Channel.MESSENGER: {"id": PAGE, "channel": "messenger", "name": "Cantina"},
    Channel.INSTAGRAM: {"id": INSTAGRAM, "channel": "instagram", "name": "Cantina", **_LINKED},
}


@pytest.fixture
def clock() -> WoundClock:
    """The emulator's time is today's."""
    return WoundClock(datetime.now(timezone.utc))


@dataclass
class Shop:
    """A product with one account, and the emulator that it asks."""

    stage: Stage
    account: Account
    base: str
    http: aiohttp.ClientSession
    reach: ReachOf
    past: Past
    entrance: Entrance
    syncing: Syncing
    catching_up: CatchingUp
    profiles: ProfileKeeper

    async def control(self, path: str, **body: Any) -> Any:
        async with self.http.post(f"{self.base}/emulator/{path}", json=body) as response:
            answer = await response.json()
            assert response.status == 200, answer
            return answer

    async def catch_up(self) -> None:
        self.stage.clock.wind(600)
        await self.catching_up.look()
        await self.syncing.start_what_is_due()
        await self.syncing.idle()

    async def texts(self) -> list[str | None]:
        rows = await self.stage.rows(tables.messages)
        return [row.text for row in rows]

    async def mail(self) -> int:
        return len(await self.stage.rows(tables.mailbox))


@pytest.fixture(params=[Channel.MESSENGER, Channel.INSTAGRAM], ids=lambda channel: str(channel.value))
def channel(request: pytest.FixtureRequest) -> Channel:
    found: Channel = request.param
    return found


@pytest.fixture
def emulator_settings(channel: Channel) -> dict[str, Any]:
    """Ids without their `m_`: Meta promises nothing of their form."""
    return {"accounts": [_OF_EACH[channel]], "past_ids": "bare", "webhook_base": "http://127.0.0.1:9"}


@pytest.fixture
async def shop(stage: Stage, channel: Channel, emulator_settings: dict[str, Any]) -> AsyncIterator[Shop]:
    graph, db = GraphClient(), stage.db
    async with server.running(start_from(emulator_settings), 0) as port, aiohttp.ClientSession() as http:
        base = f"http://127.0.0.1:{port}"
        account = await db.write(_account, stage, channel)

        async def reach(account_id: str) -> Reach:
            found = await db.read(accounts.get, account_id)
            node = found.channel_settings.page_id or found.provider_id
            return Reach(account=found, node=node, base_url=base, token="tok")

        out = ways_out(graph, lambda *_: base)
        channels = {name: way.channel for name, way in out.items()}
        entrance = Entrance(db, stage.vault, channels, stage.clock, stage.wake, "verify", "secret")
        syncing = Syncing(db, stage.vault, out, reach, entrance, stage.clock)
        catching_up = CatchingUp(db, out, reach, stage.clock)
        keeper = ProfileKeeper(db, stage.vault, out, reach, stage.clock)
        past = out[channel.value].past
        assert past is not None
        yield Shop(stage, account, base, http, reach, past, entrance, syncing, catching_up, keeper)
    await graph.close()


def _account(tx: Any, stage: Stage, channel: Channel) -> Account:
    linked = _LINKED if channel is Channel.INSTAGRAM else {}
    made = Account(
        id=AccountId(new_id("acc")),
        channel=channel,
        provider_id=str(_OF_EACH[channel]["id"]),
        name="Cantina",
        agent_id=stage.agent.id,
        emulated=True,
        channel_settings=channel_settings.read(linked),
    )
    return accounts.add(tx, stage.vault, made, token="tok", secrets=["s1"], now=stage.clock.now())


async def test_a_day_of_outage_is_fetched_once_and_we_are_told_again(shop: Shop) -> None:
    await shop.catching_up.look()
    outage = await shop.control("outage", hours=24, account=shop.account.provider_id, customers=2, each=3)
    assert outage["subscribed"] is False
    await shop.catch_up()
    written = sorted(one["text"] for one in outage["written"])
    assert sorted(map(str, await shop.texts())) == written and await shop.mail() == 6
    await shop.catch_up()
    again = await shop.control("outage", hours=0.5, account=shop.account.provider_id, customers=1, each=1, seed=2)
    assert again["subscribed"] is True, "we had subscribed again"
    assert await shop.mail() == 6


async def test_what_a_webhook_had_told_is_known_under_its_other_form(shop: Shop) -> None:
    await shop.catching_up.look()
    said = [{"customer": "5511988887777", "text": "oi"}, {"customer": "5511988887777", "text": "alô?"}]
    outage = await shop.control("outage", hours=24, account=shop.account.provider_id, messages=said)
    first = outage["written"][0]
    reach = await shop.reach(shop.account.id)
    (talk,) = (await shop.past.conversations(reach)).conversations
    remembered = (await shop.past.messages(reach, talk))[0]
    assert isinstance(remembered, Inbound)
    webhook = dataclasses.replace(remembered, provider_id=first["id"], recovered=False)
    await shop.entrance.accept(shop.account.channel.value, [webhook])
    await shop.catch_up()
    assert await shop.texts() == ["oi", "alô?"]


async def test_the_past_is_read_with_both_sides_and_wakes_nobody(shop: Shop) -> None:
    talk = [
        {"customer": "5511988887777", "text": "tem bolo?"},
        {"customer": "5511988887777", "text": "tem sim", "by": "shop"},
    ]
    await shop.control("outage", hours=24, account=shop.account.provider_id, messages=talk)
    await shop.stage.db.write(syncs.ask, shop.account.id, SyncKind.PAST, by="chefe", now=datetime.now(timezone.utc))
    shop.stage.clock.wind(60)
    await shop.syncing.start_what_is_due()
    await shop.syncing.idle()
    (listed,) = await shop.stage.db.read(conversations.listed)
    found = await shop.stage.db.read(messages.of_conversation, listed.conversation.id)
    assert [(m.author.value, m.operator, m.text) for m in found] == [
        ("contact", None, "tem bolo?"),
        ("operator", "inbox", "tem sim"),
    ]
    assert await shop.mail() == 0 and listed.conversation.unread == 0


async def test_people_have_names_and_pictures(shop: Shop) -> None:
    await shop.catching_up.look()
    await shop.control(
        "outage", hours=24, account=shop.account.provider_id, messages=[{"customer": "5511988887777", "text": "oi"}]
    )
    await shop.catch_up()
    await shop.profiles.look()
    (listed,) = await shop.stage.db.read(conversations.listed)
    contact = await shop.stage.db.read(contacts.get, listed.contact.id)
    assert contact.name
    assert bool(contact.username) is (shop.account.channel is Channel.INSTAGRAM)
    (picture,) = await shop.stage.rows(tables.media)
    assert (picture.contact_id, picture.kind) == (contact.id, "picture")
