"""Instagram's business login: the page, codes that are good once, tokens that grow old."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

GRAM = "17840000000000001"
BACK = "https://shop.example/connect/instagram/callback"
ASKED = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": "instagram_business_basic"}


@pytest.fixture
def settings(settings: Any) -> Any:
    account = {"channel": "instagram", "id": GRAM, "name": "Cantina Gram", "login": "instagram"}
    return {**settings, "accounts": [account]}


async def goes_back(emulator: Any, **more: str) -> Any:
    """Where the browser is sent."""
    query = {**ASKED, "state": "s/1", **more}
    async with emulator.http.get(f"{emulator.base}/oauth/authorize", params=query, allow_redirects=False) as response:
        assert response.status == 302, await response.text()
        return urlsplit(response.headers["Location"])


async def code_for(emulator: Any, **more: str) -> str:
    return str(parse_qs((await goes_back(emulator, decision="allow", **more)).query)["code"][0])


def asked_with(code: str, **changes: str) -> dict[str, str]:
    return {
        "client_id": "1",
        "client_secret": "the app's secret",
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code": code,
        **changes,
    }


async def first_token(emulator: Any, code: str, **changes: str) -> tuple[int, Any]:
    form = asked_with(code, **changes)
    async with emulator.http.post(f"{emulator.base}/oauth/access_token", data=form) as response:
        return response.status, await response.json()


async def long_token(emulator: Any, **more: str) -> Any:
    _, answer = await first_token(emulator, await code_for(emulator, **more))
    query = "grant_type=ig_exchange_token&client_secret=x"
    return (await emulator.ask("GET", f"access_token?{query}", token=answer["data"][0]["access_token"]))[1]


async def test_the_page_offers_each_account_a_new_one_and_to_deny(emulator: Any) -> None:
    async with emulator.http.get(f"{emulator.base}/oauth/authorize", params=ASKED) as response:
        page = await response.text()

    assert response.status == 200
    assert "Allow as Cantina Gram" in page
    assert "Allow as a new account" in page
    assert "decision=deny" in page
    assert "script" not in page


async def test_allowing_leads_back_with_a_code_and_the_state(emulator: Any) -> None:
    back = await goes_back(emulator, decision="allow", account=GRAM)

    query = parse_qs(back.query)
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    assert (query["state"], back.fragment) == (["s/1"], "_")
    assert query["code"][0]


async def test_denying_leads_back_with_the_reason(emulator: Any) -> None:
    query = parse_qs((await goes_back(emulator, decision="deny")).query)

    assert (query["error"], query["error_reason"], query["state"]) == (["access_denied"], ["user_denied"], ["s/1"])
    assert "code" not in query


@pytest.mark.parametrize(
    "change", [{"client_id": ""}, {"response_type": "token"}, {"redirect_uri": "javascript:alert(1)"}, {"account": "x"}]
)
async def test_what_cannot_be_authorised_leads_nowhere(emulator: Any, change: Any) -> None:
    query = {**ASKED, "decision": "allow", **change}
    async with emulator.http.get(f"{emulator.base}/oauth/authorize", params=query, allow_redirects=False) as response:
        assert response.status == 400


async def test_a_code_is_good_once(emulator: Any) -> None:
    code = await code_for(emulator)

    first, answer = await first_token(emulator, code)
    second, refused = await first_token(emulator, code)

    assert (first, second, refused["error"]["code"]) == (200, 400, 100)
    assert "instagram_business_manage_messages" in answer["data"][0]["permissions"]


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": f"{BACK}/"},
        {"client_id": "2"},
        {"client_secret": ""},
        {"grant_type": "password"},
        {"code": "x#_"},
    ],
)
async def test_a_code_is_for_one_client_and_one_address(emulator: Any, change: Any) -> None:
    status, _ = await first_token(emulator, **{"code": await code_for(emulator), **change})

    assert status == 400


async def test_a_code_cannot_be_redeemed_by_json(emulator: Any) -> None:
    status, answer = await emulator.graph(asked_with(await code_for(emulator)), path="/oauth/access_token")

    assert (status, answer["error"]["code"]) == (400, 100)


async def test_the_first_token_may_come_at_the_top_of_the_answer(emulator: Any) -> None:
    await emulator.control("PUT", "settings", {"oauth_answer": "top"})

    _, answer = await first_token(emulator, await code_for(emulator))

    assert "data" not in answer
    assert answer["access_token"]


async def test_a_new_account_is_made_and_me_tells_both_its_ids(emulator: Any) -> None:
    token = (await long_token(emulator))["access_token"]

    _, me = await emulator.ask("GET", "me?fields=user_id,username,account_type", token=token)

    accounts = {one["id"]: one for one in (await emulator.control("GET", "accounts"))["items"]}
    assert len(accounts) == 2
    assert accounts[me["user_id"]]["login"] == "instagram"
    assert me["id"] not in accounts
    assert me["username"]


async def test_with_its_token_an_account_is_me_also_for_subscriptions(emulator: Any) -> None:
    token = (await long_token(emulator, account=GRAM))["access_token"]

    status, _ = await emulator.ask("DELETE", "me/subscribed_apps", token=token)

    assert status == 200
    assert (await emulator.ask("GET", f"{GRAM}/subscribed_apps"))[1]["data"] == []


async def test_a_long_token_is_refreshed_after_a_day_and_not_before(emulator: Any) -> None:
    long = await long_token(emulator, account=GRAM)
    refresh = "refresh_access_token?grant_type=ig_refresh_token"

    early, _ = await emulator.ask("GET", refresh, token=long["access_token"])
    await emulator.control("POST", "tokens", {"account": GRAM, "days": 2})
    status, fresh = await emulator.ask("GET", refresh, token=long["access_token"])

    assert (early, status, long["expires_in"], fresh["expires_in"]) == (400, 200, 5_183_944, 5_183_944)
    assert fresh["access_token"] != long["access_token"]


async def test_an_expired_token_is_error_190_wherever_it_is_used(emulator: Any) -> None:
    token = (await long_token(emulator, account=GRAM))["access_token"]
    await emulator.control("POST", "tokens", {"account": GRAM, "days": 61})

    for path in ("refresh_access_token?grant_type=ig_refresh_token", f"{GRAM}/conversations?platform=instagram"):
        status, answer = await emulator.ask("GET", path, token=token)
        assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (401, 190, 463)
    _, told = await emulator.ask("GET", f"debug_token?input_token={token}")
    assert told["data"]["is_valid"] is False


async def test_the_journal_keeps_no_secret_of_a_login(emulator: Any) -> None:
    code = await code_for(emulator)
    _, answer = await first_token(emulator, code)

    journal = str(await emulator.requests())
    assert "the app's secret" not in journal
    assert code not in journal
    assert answer["data"][0]["access_token"] not in journal
