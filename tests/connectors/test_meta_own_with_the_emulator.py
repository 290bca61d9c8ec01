"""What Meta tells of our own accounts, and what greets their customers; the emulator in Meta's place, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors import instagram_channel, messenger_channel
from connectors.graph import GraphClient
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.channel_settings import ChannelSettings, Login
from conversation.errors import SendError
from emulator import server
from emulator.settings import start_from
from runtime.abilities import Greetings, Own, Reach

PAGE, GRAM = "200000000000001", "17840000000000001"
MENU = [{"locale": "default", "call_to_actions": [{"type": "postback", "title": "Cardápio", "payload": "MENU"}]}]
HELLO = [{"locale": "default", "text": "Olá!"}]


@pytest.fixture
async def emulator() -> AsyncIterator[str]:
    told: dict[str, Any] = {"webhook_base": "http://127.0.0.1:9", "app_secret": "s", "verify_token": "v"}
    told["accounts"] = [{"channel": "messenger", "id": PAGE}, {"channel": "instagram", "id": GRAM, "name": "Cantina"}]
    async with server.running(start_from(told), 0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def graph() -> AsyncIterator[GraphClient]:
    client = GraphClient(total_timeout_s=5)
    yield client
    await client.close()


def reach(url: str, channel: Channel, node: str, **given: Any) -> Reach:
    account = Account(id=AccountId("a"), channel=channel, provider_id=node, name="Shop", agent_id=AgentId("g"), **given)
    return Reach(account=account, node=node, base_url=url, token="T")


@pytest.fixture
def greetings(graph: GraphClient) -> Greetings:
    found = messenger_channel.way_out(graph, lambda account: "").greetings
    assert found is not None
    return found


async def test_a_menu_brings_its_first_button_along(emulator: str, greetings: Greetings) -> None:
    page = reach(emulator, Channel.MESSENGER, PAGE)
    assert await greetings.greetings(page) == {}
    await greetings.greet_with(page, {"persistent_menu": MENU, "greeting": HELLO, "whitelisted_domains": []})
    found = await greetings.greetings(page)
    assert (found["persistent_menu"], found["greeting"]) == (MENU, HELLO) and found["get_started"]


async def test_what_is_left_empty_is_taken_away_and_the_rest_stays(emulator: str, greetings: Greetings) -> None:
    page = reach(emulator, Channel.MESSENGER, PAGE)
    await greetings.greet_with(page, {"greeting": HELLO, "ice_breakers": [{"question": "Abre?", "payload": "O"}]})
    await greetings.greet_with(page, {"greeting": []})
    assert await greetings.greetings(page) == {"ice_breakers": [{"question": "Abre?", "payload": "O"}]}


async def test_what_meta_does_not_take_is_told(emulator: str, greetings: Greetings) -> None:
    with pytest.raises(SendError, match="not one Meta takes"):
        await greetings.greet_with(reach(emulator, Channel.MESSENGER, PAGE), {"greeting": [{"locale": "pt_BR"}]})


@pytest.mark.parametrize("login", list(Login))
async def test_an_account_is_told_of(emulator: str, graph: GraphClient, login: Login) -> None:
    own: Own | None = instagram_channel.way_out(graph, lambda account: "").own
    assert own is not None
    settings = ChannelSettings(login=login)
    found = await own.own_profile(reach(emulator, Channel.INSTAGRAM, GRAM, emulated=True, channel_settings=settings))
    assert (found.username, found.name) == ("cantina", "Cantina")
    assert found.followers > 0 and found.follows >= 0 and found.posts >= 0
