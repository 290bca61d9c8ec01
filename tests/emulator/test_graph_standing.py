"""How an account stands with Meta: what Graph API says of the app, its token and a number; a script changes it."""

from __future__ import annotations

from typing import Any

import pytest

NUMBER, WABA, APP, TOKEN, SECRET = "100000000000001", "300000000000001", "700000000000009", "EAAG-one", "one-secret"


@pytest.fixture
def settings(settings: Any) -> Any:
    known = {"id": NUMBER, "business_id": WABA, "app_id": APP, "token": TOKEN, "app_secret": SECRET}
    return {**settings, "accounts": [known]}


async def ask(emulator: Any, path: str, token: str = TOKEN, method: str = "GET", **given: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with emulator.http.request(method, f"{emulator.base}/v24.0/{path}", headers=headers, **given) as response:
        return response.status, await response.json()


async def stand(emulator: Any, **standing: Any) -> Any:
    return await emulator.control("POST", "standing", {"account": NUMBER, **standing})


async def test_a_token_is_told_of_until_it_has_expired_and_a_strange_one_is_good_for_nothing(emulator: Any) -> None:
    _, good = await ask(emulator, f"debug_token?input_token={TOKEN}")
    _, strange = await ask(emulator, "debug_token?input_token=EAAG-other", token="EAAG-other")
    await stand(emulator, missing_scopes=["whatsapp_business_messaging"])
    _, less = await ask(emulator, f"debug_token?input_token={TOKEN}")
    await stand(emulator, token_expired=True)
    status, dead = await ask(emulator, f"{NUMBER}?fields=id")

    assert (good["data"]["app_id"], good["data"]["is_valid"]) == (APP, True)
    assert strange["data"]["is_valid"] is False
    assert less["data"]["scopes"] == ["whatsapp_business_management"]
    assert (status, dead["error"]["code"], dead["error"]["error_subcode"]) == (401, 190, 463)


async def test_only_the_apps_own_token_is_told_where_it_calls_and_may_change_it(emulator: Any) -> None:
    app_token = f"{APP}|{SECRET}"
    change = {"object": "whatsapp_business_account", "fields": "messages", "verify_token": "v"}
    refused = [(await ask(emulator, f"{APP}/subscriptions", token=t))[0] for t in (TOKEN, f"{APP}|other", "")]
    _, before = await ask(emulator, f"{APP}/subscriptions", token=app_token)
    status, _ = await ask(
        emulator, f"{APP}/subscriptions", app_token, "POST", json={**change, "callback_url": "https://x.example/hook"}
    )
    _, after = await ask(emulator, f"{APP}/subscriptions", token=app_token)
    await ask(emulator, f"{APP}/subscriptions?object=whatsapp_business_account", app_token, "DELETE")
    _, gone = await ask(emulator, f"{APP}/subscriptions", token=app_token)

    assert refused == [401, 401, 401]
    assert before["data"][0]["callback_url"].endswith("/webhooks/whatsapp/webhook")
    assert status == 200
    assert (after["data"][0]["callback_url"], [f["name"] for f in after["data"][0]["fields"]]) == (
        "https://x.example/hook",
        ["messages"],
    )
    assert gone["data"] == []


async def test_a_number_is_registered_with_a_pin_before_it_may_send(emulator: Any) -> None:
    text = {"messaging_product": "whatsapp", "to": "+5511988887777", "type": "text", "text": {"body": "oi"}}
    await stand(emulator, registered=False)
    _, node = await ask(emulator, f"{NUMBER}?fields=platform_type,status")
    _, unsent = await ask(emulator, f"{NUMBER}/messages", method="POST", json=text)
    without_pin, _ = await ask(emulator, f"{NUMBER}/register", method="POST", json={"messaging_product": "whatsapp"})
    with_pin, _ = await ask(
        emulator, f"{NUMBER}/register", method="POST", json={"messaging_product": "whatsapp", "pin": "123456"}
    )
    _, registered = await ask(emulator, f"{NUMBER}?fields=platform_type,status")

    assert (node["platform_type"], unsent["error"]["code"]) == ("NOT_APPLICABLE", 133010)
    assert (without_pin, with_pin) == (400, 200)
    assert (registered["platform_type"], registered["status"]) == ("CLOUD_API", "CONNECTED")


async def test_a_test_number_writes_to_its_own_people_alone(emulator: Any) -> None:
    await stand(emulator, only_to=["+55 11 90000-0000"])
    text = {"messaging_product": "whatsapp", "to": "+5511988887777", "type": "text", "text": {"body": "oi"}}
    _, refused = await ask(emulator, f"{NUMBER}/messages", method="POST", json=text)
    assert refused["error"]["code"] == 131030


async def test_an_override_is_shown_until_it_is_taken_out(emulator: Any) -> None:
    url = "https://elsewhere.example/hook"
    await ask(
        emulator, f"{WABA}/subscribed_apps", method="POST", json={"override_callback_uri": url, "verify_token": "v"}
    )
    _, shown = await ask(emulator, f"{WABA}/subscribed_apps")
    await ask(emulator, f"{WABA}/subscribed_apps", method="POST", json={})
    _, gone = await ask(emulator, f"{WABA}/subscribed_apps")

    assert shown["data"][0]["override_callback_uri"] == url
    assert "override_callback_uri" not in gone["data"][0]


async def test_what_is_no_standing_is_refused_in_words(emulator: Any) -> None:
    answer = await emulator.control("POST", "standing", {"account": NUMBER, "mood": "good"}, ok=False)
    assert "mood is not known here" in str(answer)
