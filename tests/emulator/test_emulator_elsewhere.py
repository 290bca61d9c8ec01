"""The shop's own phone, another app, and who may write: what the product is told of them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

ACCOUNT, ANA = "100000000000001", "5511988887777"
SHOP = "551140028922"


@pytest.fixture
def elsewhere(emulator: Any) -> Any:
    async def happens(path: str, *, ok: bool = True, **what: Any) -> Any:
        return await emulator.control("POST", path, {"account": ACCOUNT, "customer": ANA, **what}, ok=ok)

    return happens


def change(webhook: Any) -> Any:
    return json.loads(webhook.raw)["entry"][0]["changes"][0]


async def shown(emulator: Any) -> list[Any]:
    items: list[Any] = (await emulator.control("GET", f"chat?customer={ANA}"))["items"]
    return items


async def test_an_answer_on_the_shops_phone_is_a_signed_echo_and_a_bubble(
    elsewhere: Any, emulator: Any, product: Any
) -> None:
    said = await elsewhere("phone", text="Sou a Lu", reply_to="wamid.x")

    (webhook,) = product.webhooks
    expected = hmac.new(b"test-app-secret", webhook.raw, hashlib.sha256).hexdigest()
    assert webhook.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert change(webhook)["field"] == "smb_message_echoes"
    assert webhook.value["metadata"]["phone_number_id"] == ACCOUNT
    (echo,) = webhook.value["message_echoes"]
    assert (echo["from"], echo["to"], echo["id"]) == (SHOP, ANA, said["id"])
    assert (echo["type"], echo["text"], echo["context"]["id"]) == ("text", {"body": "Sou a Lu"}, "wamid.x")
    assert echo["to_user_id"].startswith("BR.") and "from_user_id" not in echo
    (item,) = await shown(emulator)
    assert (item["by"], item["text"], item["view"]) == ("business", "Sou a Lu", {"elsewhere": "phone"})


async def test_it_opens_no_window_and_gets_no_reports(elsewhere: Any, emulator: Any, product: Any) -> None:
    await elsewhere("phone", text="Sou a Lu")

    status, answer = await emulator.send(type="text", text={"body": "oi"})
    assert (status, answer["error"]["code"]) == (400, 131047)
    assert (await emulator.control("POST", "read", {"account": ACCOUNT, "customer": ANA}))["read"] == 0
    assert product.values("statuses") == []


async def test_a_reaction_on_the_shops_phone_is_put_on_the_message(elsewhere: Any, emulator: Any, product: Any) -> None:
    said = await emulator.say(text="oi")
    await elsewhere("phone", reaction={"message_id": said["id"], "emoji": "👍"})

    assert product.webhooks[-1].value["message_echoes"][0]["reaction"]["message_id"] == said["id"]
    assert (await shown(emulator))[0]["reactions"] == {"business": "👍"}


async def test_it_can_come_several_times_or_be_kept_back(elsewhere: Any, emulator: Any, product: Any) -> None:
    twice = await elsewhere("phone", text="um", times=2, id="wamid.same")
    kept = await elsewhere("phone", text="dois", deliver=False)

    assert twice["status"] == [200, 200]
    assert len({webhook.raw for webhook in product.webhooks}) == 1
    assert json.loads(kept["body"])["entry"][0]["changes"][0]["field"] == "smb_message_echoes"
    assert len(product.webhooks) == 2
    assert [item["text"] for item in await shown(emulator)] == ["um", "dois"]


async def test_one_that_is_not_taken_is_repeated(elsewhere: Any, product: Any) -> None:
    product.answers = [500]

    assert (await elsewhere("phone", text="um"))["status"] == 500
    await product.until(lambda: len(product.webhooks) == 2)


async def test_a_customer_in_another_apps_thread_is_heard_in_standby(
    elsewhere: Any, emulator: Any, product: Any
) -> None:
    said = await elsewhere("standby", text="oi")

    (webhook,) = product.webhooks
    assert change(webhook)["field"] == "standby"
    assert "messages" not in webhook.value
    inner = webhook.value["standby"]
    assert (inner["messages"][0]["id"], inner["contacts"][0]["wa_id"]) == (said["id"], ANA)
    (item,) = await shown(emulator)
    assert (item["by"], item["status"]) == ("customer", "delivered")


async def test_another_apps_words_come_as_the_request_it_made(elsewhere: Any, emulator: Any, product: Any) -> None:
    said = await elsewhere("standby", by="app", text="Sou outro robô")

    (echo,) = product.webhooks[0].value["standby"]["message_echoes"]
    assert (echo["id"], echo["timestamp"].isdigit()) == (said["id"], True)
    assert echo["message"] == {
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": ANA,
        "type": "text", "text": {"body": "Sou outro robô"},
    }  # fmt: skip
    assert (await shown(emulator))[0]["view"] == {"elsewhere": "app"}


@pytest.mark.parametrize(
    ("told", "kind", "inner"),
    [
        ({"control": "passed", "metadata": "quer uma pessoa"}, "control_passed", {"metadata": "quer uma pessoa"}),
        ({"control": "taken", "role": "ai_agent"}, "control_taken", {"new_owner_role": "ai_agent"}),
    ],
)
async def test_who_may_write_is_told_without_metadata_of_the_number(
    elsewhere: Any, product: Any, told: Any, kind: str, inner: Any
) -> None:
    await elsewhere("thread", **told, timestamp=1790000000)

    (webhook,) = product.webhooks
    assert change(webhook)["field"] == "messaging_handovers"
    value = webhook.value
    assert "metadata" not in value
    assert value["recipient"]["phone_number_id"] == ACCOUNT
    assert (value["sender"]["phone_number"], value["timestamp"]) == (ANA, "1790000000")
    assert (value["type"], value[kind]) == (kind, inner)


async def test_a_customer_who_hides_the_phone_is_named_by_the_user_id(emulator: Any, product: Any) -> None:
    hidden = {"phone": "447700900123", "name": "Cid", "user_id": "GB.123", "hide_phone": True}
    await emulator.control("POST", "customers", hidden)
    whom = {"account": ACCOUNT, "customer": hidden["phone"]}

    await emulator.control("POST", "phone", {**whom, "text": "oi"})
    await emulator.control("POST", "standby", {**whom, "by": "app", "text": "oi"})
    await emulator.control("POST", "thread", {**whom, "control": "passed"})

    assert all(b"447700900123" not in webhook.raw for webhook in product.webhooks)
    echo, app, control = (webhook.value for webhook in product.webhooks)
    assert echo["message_echoes"][0]["to_user_id"] == "GB.123"
    assert app["standby"]["message_echoes"][0]["message"]["recipient"] == "GB.123"
    assert control["sender"] == {"user_id": "GB.123"}


@pytest.mark.parametrize(
    ("path", "what", "problem"),
    [
        ("phone", {"button": {"id": "b", "title": "Sim"}}, "button is for customers"),
        ("phone", {}, "text"),
        ("standby", {"text": "oi", "by": "nobody"}, "by must be customer or app"),
        ("standby", {"image": {}, "by": "app"}, "an app says text"),
        ("thread", {"control": "lost"}, "control must be passed or taken"),
        ("thread", {"control": "taken", "colour": 1}, "colour is not known here"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_happens(
    elsewhere: Any, emulator: Any, product: Any, path: str, what: Any, problem: str
) -> None:
    answer = await elsewhere(path, ok=False, **what)

    assert problem in answer["error"]["message"]
    assert product.webhooks == []
    assert await shown(emulator) == []
