"""The webhooks the emulator sends: signature, envelope, every kind, batches, repeats."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from typing import Any

import pytest

from emulator import signature

ACCOUNT, ANA, BEN = "100000000000001", "5511988887777", "14155550123"

# Bodies with their HMAC-SHA256 under the key "test-app-secret".
VECTORS = [
    (b'{"object":"page","entry":[]}', "1a82db3abc2fa71a3fffecfedef579a8468a44850cd8a83a0c56974faff81689"),
    (
        rb'{"text":"ol\u00e1 \ud83d\ude00"}',
        "5df5333863153b69992758c35945d2ea6996912d232620f0710855bd2014cc12",
    ),
    ('{"text":"olá 😀"}'.encode(), "9c94d10ba9d8b24a7f7604e36b14671510d2e3c131823ff2e6f47a9831424539"),
]


@pytest.mark.parametrize(("body", "expected"), VECTORS)
def test_the_signature_is_over_the_exact_bytes(body: bytes, expected: str) -> None:
    assert signature.sha256_of(body, "test-app-secret") == expected


def test_bodies_are_written_with_escapes_as_meta_does() -> None:
    assert signature.body_bytes({"text": "olá 😀"}) == VECTORS[1][0]


async def test_a_text_comes_signed_in_metas_envelope(emulator: Any, product: Any) -> None:
    said = await emulator.say(text="Olá 😀")

    assert said["status"] == 200
    assert said["ms"] > 0
    webhook = product.webhooks[0]
    expected = hmac.new(b"test-app-secret", webhook.raw, hashlib.sha256).hexdigest()
    assert webhook.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert webhook.headers["Content-Type"] == "application/json"
    assert rb"Ol\u00e1 \ud83d\ude00" in webhook.raw
    body = json.loads(webhook.raw)
    assert body["object"] == "whatsapp_business_account"
    assert len(body["entry"]) == 1
    assert body["entry"][0]["id"] != ACCOUNT
    assert body["entry"][0]["changes"][0]["field"] == "messages"
    value = webhook.value
    assert value["messaging_product"] == "whatsapp"
    assert value["metadata"] == {"phone_number_id": ACCOUNT, "display_phone_number": "+55 11 4002-8922"}
    contact = value["contacts"][0]
    assert (contact["wa_id"], contact["profile"]) == (ANA, {"name": "Ana"})
    message = value["messages"][0]
    assert message["from"] == ANA
    assert message["from_user_id"] == contact["user_id"]
    assert message["from_user_id"].startswith("BR.")
    assert message["id"] == said["id"]
    assert message["id"].startswith("wamid.")
    assert isinstance(message["timestamp"], str)
    assert 1_000_000_000 < int(message["timestamp"]) < 10_000_000_000
    assert (message["type"], message["text"]) == ("text", {"body": "Olá 😀"})


KINDS = [
    ({"button": {"id": "b", "title": "Sim"}}, "interactive",
     {"interactive": {"type": "button_reply", "button_reply": {"id": "b", "title": "Sim"}}}),
    ({"list": {"id": "r", "title": "Pizza", "description": "Grande"}}, "interactive",
     {"interactive": {"type": "list_reply",
                      "list_reply": {"id": "r", "title": "Pizza", "description": "Grande"}}}),
    ({"reaction": {"message_id": "wamid.x", "emoji": "👍"}}, "reaction",
     {"reaction": {"message_id": "wamid.x", "emoji": "👍"}}),
    ({"reaction": {"message_id": "wamid.x", "emoji": ""}}, "reaction",
     {"reaction": {"message_id": "wamid.x", "emoji": ""}}),
    ({"text": "sim", "reply_to": "wamid.y"}, "text",
     {"context": {"from": "551140028922", "id": "wamid.y"}, "text": {"body": "sim"}}),
    ({"unsupported": "poll"}, "unsupported", {"unsupported": {"type": "poll"}}),
    ({"raw": {"type": "hologram", "hologram": {"depth": 3}}}, "hologram", {"hologram": {"depth": 3}}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "kind", "expected"), KINDS)
async def test_every_kind_has_its_shape(emulator: Any, product: Any, what: Any, kind: str, expected: Any) -> None:
    said = await emulator.say(**what)

    message = product.values("messages")[0]
    assert (message["type"], message["id"], message["from"]) == (kind, said["id"], ANA)
    assert {key: message[key] for key in expected} == expected


async def test_an_image_has_a_media_id_and_a_hash(emulator: Any, product: Any) -> None:
    await emulator.say(image={"caption": "olha"})

    image = product.values("messages")[0]["image"]
    assert image["id"].isdigit()
    assert (image["mime_type"], image["caption"]) == ("image/png", "olha")
    assert image["sha256"]


async def test_a_tapped_button_refers_to_the_message_that_offered_it(emulator: Any, product: Any) -> None:
    await emulator.say(text="oi")
    buttons = [{"type": "reply", "reply": {"id": "yes", "title": "Sim"}}]
    _, answer = await emulator.send(
        type="interactive",
        interactive={"type": "button", "body": {"text": "Certo?"}, "action": {"buttons": buttons}},
    )

    await emulator.say(button={"id": "yes", "title": "Sim"})

    assert product.values("messages")[-1]["context"]["id"] == answer["messages"][0]["id"]


async def test_a_customer_who_hides_the_phone_is_known_by_the_user_id_only(emulator: Any, product: Any) -> None:
    customer = {
        "phone": "447700900123",
        "name": "Cid",
        "user_id": "GB.123",
        "username": "cid",
        "hide_phone": True,
    }
    await emulator.control("POST", "customers", customer)

    await emulator.say("447700900123", text="hi")

    value = product.webhooks[0].value
    assert value["contacts"] == [{"profile": {"name": "Cid", "username": "cid"}, "user_id": "GB.123"}]
    assert "from" not in value["messages"][0]
    assert value["messages"][0]["from_user_id"] == "GB.123"


async def test_a_batch_is_one_body_with_all_messages(emulator: Any, product: Any) -> None:
    messages = [
        {"customer": ANA, "text": "um"},
        {"customer": BEN, "text": "two"},
        {"customer": ANA, "text": "três"},
    ]

    answer = await emulator.control("POST", "batch", {"account": ACCOUNT, "messages": messages})

    assert answer["status"] == 200
    assert len(product.webhooks) == 1
    value = product.webhooks[0].value
    assert [m["text"]["body"] for m in value["messages"]] == ["um", "two", "três"]
    assert [m["id"] for m in value["messages"]] == answer["ids"]
    assert sorted(c["wa_id"] for c in value["contacts"]) == sorted([ANA, BEN])


async def test_a_batch_with_one_fault_sends_and_shows_nothing(emulator: Any, product: Any) -> None:
    messages = [{"customer": ANA, "text": "um"}, {"customer": BEN}]

    answer = await emulator.control("POST", "batch", {"account": ACCOUNT, "messages": messages}, ok=False)

    assert "messages[1].text" in answer["error"]["message"]
    assert product.webhooks == []
    assert (await emulator.control("GET", f"chat?customer={ANA}"))["items"] == []


async def test_the_same_webhook_can_come_several_times_at_once(emulator: Any, product: Any) -> None:
    said = await emulator.say(text="oi", times=5)

    assert said["status"] == [200] * 5
    assert len({webhook.raw for webhook in product.webhooks}) == 1
    assert len(product.webhooks) == 5
    assert len((await emulator.control("GET", f"chat?customer={ANA}"))["items"]) == 1


async def test_a_message_can_be_kept_back(emulator: Any, product: Any) -> None:
    said = await emulator.say(text="oi", deliver=False)

    assert product.webhooks == []
    posted = await emulator.control("POST", "webhook", {"account": ACCOUNT, "body": said["body"]})
    assert posted["status"] == 200
    assert product.values("messages")[0]["id"] == said["id"]


async def test_not_200_is_repeated_until_it_is_taken(emulator: Any, product: Any) -> None:
    product.answers = [500, 503]

    said = await emulator.say(text="oi")
    assert said["status"] == 500
    await product.until(lambda: len(product.webhooks) == 3)

    assert len({webhook.raw for webhook in product.webhooks}) == 1
    log = (await emulator.control("GET", "webhooks"))["items"]
    assert [(entry["attempt"], entry["status"]) for entry in log] == [(1, 500), (2, 503), (3, 200)]
    items = (await emulator.control("GET", f"chat?customer={ANA}"))["items"]
    assert items[0]["status"] == "delivered"


async def test_repeats_are_bounded(emulator: Any, product: Any) -> None:
    product.answers = [500] * 20

    await emulator.say(text="oi")
    await emulator.until_health(retrying=0)

    assert len(product.webhooks) == 4


async def test_repeats_become_rarer_up_to_a_longest_wait(emulator: Any, product: Any) -> None:
    product.answers = [500] * 6
    await emulator.control("PUT", "settings", {"retry_times": 6, "retry_first_ms": 40, "retry_longest_ms": 60})

    await emulator.say(text="oi")
    await product.until(lambda: len(product.webhooks) == 7)
    await emulator.until_health(retrying=0)

    log = (await emulator.control("GET", "webhooks"))["items"]
    waits = [b["ended_ns"] - a["ended_ns"] for a, b in itertools.pairwise(log)]
    assert len(waits) == 6 and waits[0] >= 40e6 and all(wait >= 60e6 for wait in waits[1:])
    assert sum(waits) < (40 + 80 + 160 + 320 + 640 + 1280) * 1e6  # as long as it would be without


async def test_repeats_can_be_switched_off(emulator: Any, product: Any) -> None:
    product.answers = [500] * 20
    await emulator.control("PUT", "faults", {"retries": "off"})

    await emulator.say(text="oi")

    assert (await emulator.control("GET", "health"))["retrying"] == 0
    assert len(product.webhooks) == 1


async def test_when_nobody_listens_it_is_said_plainly(emulator: Any) -> None:
    await emulator.control("PUT", "settings", {"webhook_base": "http://127.0.0.1:9"})

    said = await emulator.say(text="oi")

    assert (said["status"], said["problem"]) == (0, "nothing listens there")


async def test_an_account_signs_with_its_own_secret(emulator: Any, product: Any) -> None:
    await emulator.control("POST", "accounts", {"id": "222", "name": "B", "app_secret": "another"})

    await emulator.control("POST", "say", {"account": "222", "customer": ANA, "text": "oi"})

    webhook = product.webhooks[0]
    assert webhook.headers["X-Hub-Signature-256"] == f"sha256={signature.sha256_of(webhook.raw, 'another')}"


@pytest.mark.parametrize(("secret", "signed"), [("wrong", True), (None, False)])
async def test_anything_can_be_posted_with_any_secret(emulator: Any, product: Any, secret: Any, signed: bool) -> None:
    body = {"account": ACCOUNT, "body": '{"odd":  "ç"}', "secret": secret}

    posted = await emulator.control("POST", "webhook", body)

    assert posted["status"] == 200
    webhook = product.webhooks[0]
    assert webhook.raw == '{"odd":  "ç"}'.encode()
    expected = f"sha256={signature.sha256_of(webhook.raw, 'wrong')}" if signed else None
    assert webhook.headers.get("X-Hub-Signature-256") == expected


async def test_a_value_is_put_into_the_envelope_of_the_account(emulator: Any, product: Any) -> None:
    await emulator.control("POST", "webhook", {"account": ACCOUNT, "value": {"errors": [{"code": 130429}]}})

    assert json.loads(product.webhooks[0].raw)["object"] == "whatsapp_business_account"
    assert product.webhooks[0].value == {"errors": [{"code": 130429}]}


@pytest.mark.parametrize(("more", "ok", "status"), [({}, True, 200), ({"token": "wrong"}, False, 403)])
async def test_the_handshake_can_be_triggered(emulator: Any, more: Any, ok: bool, status: int) -> None:
    answer = await emulator.control("POST", "handshake", {"account": ACCOUNT, **more})

    assert (answer["ok"], answer["status"]) == (ok, status)
