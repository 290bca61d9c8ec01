"""Instagram's sign-in, against a small server that answers as Instagram does: in the docs, and in the wild."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from connectors import instagram_login
from connectors.instagram_login import InstagramLogin
from conversation.errors import SendError
from tests.connectors.conftest import listening_to

SHORT, LONG, SECRET, CODE = "short-canary", "long-canary", "secret-canary", "code-canary"
REDIRECT = "https://baton.example.com/connect/instagram/callback"
TOP_LEVEL = {"access_token": SHORT, "user_id": 17841400000000001, "permissions": ["instagram_business_basic"]}


@dataclass
class Instagram:
    url: str = ""
    exchange: Any = field(default_factory=lambda: {"data": [TOP_LEVEL]})
    status: int = 200
    me: Any = field(default_factory=lambda: {"user_id": "17841400000000001", "id": 2817, "username": "cantina"})
    only_in_address: bool = False
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append((request.path, dict(request.query), form))
        if request.path == "/oauth/access_token":
            assert request.content_type == "application/x-www-form-urlencoded"
            return web.json_response(self.exchange, status=self.status)
        in_header = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = request.query.get("access_token") or ("" if self.only_in_address else in_header)
        if token not in (SHORT, LONG):
            refused = {"error": {"message": "no", "type": "OAuthException", "code": 190}}
            return web.json_response(refused, status=400)
        if request.path.endswith("/me"):
            return web.json_response(self.me)
        return web.json_response({"access_token": LONG, "token_type": "bearer", "expires_in": 5183944})


@pytest.fixture
async def instagram() -> AsyncIterator[Instagram]:
    server = Instagram()
    async with listening_to(server.take) as server.url:
        yield server


def login(url: str) -> InstagramLogin:
    hosts = instagram_login.stand_in(url)
    return InstagramLogin(hosts=hosts, app_id="900", app_secret=SECRET, redirect_uri=REDIRECT, version="v24.0")


def test_its_page_is_instagrams_and_asks_for_what_messages_need() -> None:
    signing = InstagramLogin(
        hosts=instagram_login.META, app_id="900", app_secret=SECRET, redirect_uri=REDIRECT, version="v24.0"
    )
    page = urlsplit(signing.page("state.1"))
    asked = {name: value for name, (value,) in parse_qs(page.query).items()}
    assert f"{page.scheme}://{page.netloc}{page.path}" == "https://www.instagram.com/oauth/authorize"
    assert asked.pop("scope").split(",") == list(instagram_login.SCOPES)
    assert asked == {"client_id": "900", "redirect_uri": REDIRECT, "response_type": "code", "state": "state.1"}
    assert SECRET not in page.query


@pytest.mark.parametrize("answer", [{"data": [TOP_LEVEL]}, TOP_LEVEL], ids=["docs", "wild"])
async def test_a_code_is_worth_a_token_for_sixty_days(instagram: Instagram, answer: Any) -> None:
    instagram.exchange = answer
    token = await login(instagram.url).token_for(CODE + "#_")
    assert (token.value, token.good_for_s) == (LONG, 5183944.0)
    (_, _, form), (path, query, _) = instagram.asked
    assert form == {
        "client_id": "900",
        "client_secret": SECRET,
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT,
        "code": CODE,
    }
    assert (path, query) == ("/access_token", {"grant_type": "ig_exchange_token", "client_secret": SECRET})


async def test_who_signed_in_has_two_ids_and_webhooks_speak_of_the_one(instagram: Instagram) -> None:
    who = await login(instagram.url).who(LONG)
    assert (who.webhook_id, who.app_scoped_id, who.username) == ("17841400000000001", "2817", "cantina")
    instagram.me = {"data": [{"user_id": 17841400000000002}]}
    assert (await login(instagram.url).who(LONG)).webhook_id == "17841400000000002"


async def test_nobody_is_connected_whose_id_in_webhooks_is_not_known(instagram: Instagram) -> None:
    instagram.me = {"id": "2817", "username": "cantina"}
    with pytest.raises(SendError, match="which account"):
        await login(instagram.url).who(LONG)


async def test_a_token_stands_in_no_address(instagram: Instagram) -> None:
    signing = login(instagram.url)
    token = await signing.token_for(CODE)
    await signing.who(token.value)
    await instagram_login.refresh(token.value, base_url=instagram.url)
    said = str([(path, query) for path, query, _ in instagram.asked])
    assert SHORT not in said and LONG not in said and CODE not in said


async def test_where_instagram_takes_it_from_the_address_alone_it_is_given_there(instagram: Instagram) -> None:
    instagram.only_in_address = True
    assert (await instagram_login.refresh(LONG, base_url=instagram.url)).value == LONG


async def test_a_dead_token_says_so(instagram: Instagram) -> None:
    with pytest.raises(SendError) as refused:
        await instagram_login.refresh("dead-canary", base_url=instagram.url)
    assert (refused.value.error_code, "canary" in str(refused.value)) == (190, False)


async def test_a_code_that_was_used_is_refused_without_a_secret_in_the_words(instagram: Instagram) -> None:
    instagram.status = 400
    instagram.exchange = {"error_type": "OAuthException", "code": 400, "error_message": f"{CODE} has been used"}
    with pytest.raises(SendError, match="did not take this sign-in") as refused:
        await login(instagram.url).token_for(CODE)
    assert "canary" not in str(refused.value)


async def test_where_nobody_is_it_may_be_asked_again(nobody_there: str) -> None:
    with pytest.raises(SendError) as failed:
        await instagram_login.refresh("token-canary", base_url=nobody_there)
    assert (failed.value.retryable, "canary" in str(failed.value)) == (True, False)
