"""Connecting an Instagram account with the emulator in Instagram's place: over HTTP, from the link to the webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from connectors import instagram_login
from connectors.graph import GraphClient
from connectors.instagram_login import InstagramLogin
from connectors.meta_subscription import MetaSubscription
from conversation.account import Account, Channel
from conversation.channel_settings import Login
from conversation.errors import SendError
from conversation.people import Role
from emulator import server
from emulator.settings import start_from
from runtime.abilities import Reach
from runtime.instagram_connecting import Ended, Ending, InstagramConnecting
from store import account_aliases, accounts, operators
from tests.house import START, Stage

OWN_ID = "17841400000000001"


@pytest.fixture(params=["data", "top"])
async def emulator(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """By both shapes in which Instagram answers."""
    told = {"webhook_base": "http://127.0.0.1:9", "app_secret": "s", "verify_token": "v", "oauth_answer": request.param}
    async with server.running(start_from(told), 0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def graph() -> AsyncIterator[GraphClient]:
    client = GraphClient()
    yield client
    await client.close()


@pytest.fixture
def connecting(stage: Stage, emulator: str, graph: GraphClient) -> InstagramConnecting:
    stage.db.write_now(operators.add, "chefe", Role.ADMIN, START)
    login = InstagramLogin(
        hosts=instagram_login.stand_in(emulator),
        app_id="900",
        app_secret="any",
        redirect_uri="http://127.0.0.1:9/connect/instagram/callback",
        version="v24.0",
        emulated=True,
    )
    subscription = MetaSubscription(graph)
    return InstagramConnecting(stage.db, stage.vault, stage.clock, login, subscription, lambda word: None)


async def signs_in(connecting: InstagramConnecting, decision: str = "allow") -> Ended:
    """As a browser does: opens the link, decides, and is sent back."""
    url = f"{await connecting.begin('chefe')}&decision={decision}&account={OWN_ID}"
    async with aiohttp.ClientSession() as browser, browser.get(url, allow_redirects=False) as response:
        back = parse_qs(urlsplit(response.headers["Location"]).query)
    code = back.get("code")
    return await connecting.finish(state=back["state"][0], code=code[0] if code else None)


async def connected(stage: Stage) -> Account:
    found = await stage.db.read(accounts.by_provider_id, Channel.INSTAGRAM, OWN_ID)
    assert found is not None
    return found


async def test_the_account_is_there_under_both_ids_and_told_of(
    stage: Stage, connecting: InstagramConnecting, emulator: str, graph: GraphClient
) -> None:
    ended = await signs_in(connecting)
    assert (ended.ending, ended.deaf) == (Ending.CONNECTED, False)
    account = await connected(stage)
    assert (account.emulated, account.channel_settings.login) == (True, Login.INSTAGRAM)
    assert account.token_expires_at is not None
    assert (account.token_expires_at - START).days in (59, 60)
    (other,) = await stage.db.read(account_aliases.of_account, account.id)
    assert other != OWN_ID
    token = (await stage.db.read(accounts.credentials, stage.vault, account.id)).token
    assert await MetaSubscription(graph).is_on(Reach(account=account, node=OWN_ID, base_url=emulator, token=token))


async def test_a_token_that_is_too_young_is_refused_and_not_dead(
    stage: Stage, connecting: InstagramConnecting, emulator: str
) -> None:
    await signs_in(connecting)
    token = (await stage.db.read(accounts.credentials, stage.vault, (await connected(stage)).id)).token
    with pytest.raises(SendError) as refused:
        await instagram_login.refresh(token or "", base_url=emulator)
    assert refused.value.error_code != 190


async def test_one_that_is_old_enough_is_renewed(stage: Stage, connecting: InstagramConnecting, emulator: str) -> None:
    await signs_in(connecting)
    aged = {"account": OWN_ID, "days": 2}
    async with aiohttp.ClientSession() as http, http.post(f"{emulator}/emulator/tokens", json=aged) as response:
        assert response.status == 200, await response.text()
    token = (await stage.db.read(accounts.credentials, stage.vault, (await connected(stage)).id)).token
    fresh = await instagram_login.refresh(token or "", base_url=emulator)
    assert fresh.value != token
    assert fresh.good_for_s is not None


async def test_its_owner_may_say_no(stage: Stage, connecting: InstagramConnecting) -> None:
    assert (await signs_in(connecting, "deny")).ending is Ending.DENIED
    assert await stage.db.read(accounts.by_provider_id, Channel.INSTAGRAM, OWN_ID) is None
