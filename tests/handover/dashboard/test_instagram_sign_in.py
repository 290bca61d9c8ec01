"""A sign-in with Instagram that a dashboard began: its window ends at that dashboard, and at no other site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conversation.errors import SendError
from runtime.instagram_connecting import InstagramConnecting
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.handover.test_instagram_connect import ME, Instagram
from tests.house import Stage

pytestmark = services.sqlite_only
DESK, EVIL = "https://desk.example.com", "https://evil.example.com"


@pytest.fixture
def instagram() -> Instagram:
    return Instagram()


@pytest.fixture(autouse=True)
def open_to_desk(api: Api, stage: Stage, instagram: Instagram) -> Iterator[None]:
    api.house.instagram_connecting = InstagramConnecting(
        stage.db, stage.vault, stage.clock, instagram, instagram, api.house.hidden.append
    )
    before = api.app.ctx.origins
    api.app.ctx.origins = frozenset({DESK})
    yield
    api.app.ctx.origins = before


async def begun(api: Api, **headers: str) -> str:
    """The state that goes along, asked for by a page."""
    asked = {"Authorization": f"Token {api.tokens['chefe']}", **headers}
    url = f"{api.address}/api/v1/instagram/accounts/connect-url/"
    async with api.session.get(url, headers=asked) as response:
        assert response.status == 200, await response.text()
        (state,) = parse_qs(urlsplit((await response.json())["url"]).query)["state"]
    return state


async def comes_back(api: Api, **query: str) -> tuple[int, str | None]:
    """The status, and where the window goes next."""
    url = f"{api.address}/connect/instagram/callback"
    async with api.session.get(url, params=query, allow_redirects=False) as response:
        return response.status, response.headers.get("Location")


@pytest.mark.parametrize("asked", [{"Origin": DESK}, {"Referer": f"{DESK}/connections?x=1"}])
async def test_the_window_ends_at_the_dashboard_without_a_token(api: Api, asked: dict[str, str]) -> None:
    state = await begun(api, **asked)
    assert await comes_back(api, state=state, code="c1") == (302, f"{DESK}/instagram/callback?ig_connected=1")
    again = await comes_back(api, state=state, code="c1")
    assert again == (302, f"{DESK}/instagram/callback?ig_error=invalid_state"), "a link is good once"


@pytest.mark.parametrize("asked", [{}, {"Origin": EVIL}, {"Referer": f"{EVIL}/{DESK}"}, {"Origin": f"{DESK}.evil.com"}])
async def test_no_other_site_is_gone_to(api: Api, asked: dict[str, str]) -> None:
    status, location = await comes_back(api, state=await begun(api, **asked), code="c1")
    assert (status, location) == (200, None)


async def test_a_site_that_was_put_into_the_state_is_not_gone_to(api: Api) -> None:
    nonce, signature, _ = (await begun(api, Origin=DESK)).split(".")
    _, _, evil = (await _signed_for(api, EVIL)).split(".")
    assert await comes_back(api, state=f"{nonce}.{signature}.{evil}", code="c1") == (400, None)
    assert await comes_back(api, state=f"{nonce}.{signature}", code="c1") == (400, None)


async def _signed_for(api: Api, site: str) -> str:
    """A state with another site in it, as `begin` would make it."""
    url = await api.house.instagram_connecting.begin("chefe", back_to=site)
    (state,) = parse_qs(urlsplit(url).query)["state"]
    return state


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"failing": SendError("No.", error_code=100)}, "token_exchange_failed"),
        ({"me": replace(ME, kind="PERSONAL")}, "no_instagram_id"),
        ({}, "authorization_failed"),
    ],
)
async def test_what_went_wrong_is_told_in_the_dashboards_words(
    api: Api, instagram: Instagram, change: dict[str, Any], error: str
) -> None:
    for name, value in change.items():
        setattr(instagram, name, value)
    state = await begun(api, Origin=DESK)
    came = {"state": state, "code": "c1"} if change else {"state": state, "error": "access_denied"}
    assert await comes_back(api, **came) == (302, f"{DESK}/instagram/callback?ig_error={error}")


async def test_where_it_is_not_set_up_the_error_is_a_plain_text(api: Api, stage: Stage, dash: Dashboard) -> None:
    api.house.instagram_connecting = InstagramConnecting(
        stage.db, stage.vault, stage.clock, None, None, api.house.hidden.append
    )
    status, answer = await dash.get("/instagram/accounts/connect-url/")
    assert status == 400 and isinstance(answer["error"], str) and "INSTAGRAM_APP_ID" in answer["error"]
