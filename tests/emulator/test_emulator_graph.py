"""Graph API as the product sees it: what is accepted, what is refused and how, which statuses follow."""

from __future__ import annotations

from typing import Any

import pytest

ACCOUNT, ANA, BEN = "100000000000001", "5511988887777", "14155550123"


def button(n: int, **changes: Any) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": f"id {n}", "title": f"title {n}", **changes}}


def buttons(*items: Any, text: str = "?") -> dict[str, Any]:
    interactive = {"type": "button", "body": {"text": text}, "action": {"buttons": list(items)}}
    return {"type": "interactive", "interactive": interactive}


def rows(*sections: Any, **action: Any) -> dict[str, Any]:
    interactive = {
        "type": "list",
        "body": {"text": "?"},
        "action": {"button": "Ver", "sections": list(sections), **action},
    }
    return {"type": "interactive", "interactive": interactive}


def row(n: int, **changes: Any) -> dict[str, Any]:
    return {"id": f"id {n}", "title": f"title {n}", **changes}


@pytest.fixture
async def open_window(emulator: Any, product: Any) -> None:
    await emulator.say(text="oi")
    product.webhooks.clear()


ACCEPTED = [
    {"type": "text", "text": {"body": "x" * 4096}},
    {"text": {"body": "type may be left out"}},
    buttons(*[button(n) for n in range(3)], text="x" * 1024),
    buttons(button(1, title="t" * 20, id="i" * 256)),
    rows({"rows": [row(n) for n in range(10)]}),
    rows({"title": "a", "rows": [row(1, description="d" * 72)]}, {"title": "b", "rows": [row(2)]}),
    {"type": "image", "image": {"link": "https://example.com/a.jpg", "caption": "c" * 1024}},
    {"type": "document", "document": {"id": "123", "filename": "a.pdf"}},
    {"type": "location", "location": {"latitude": 1, "longitude": 2}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "Bia"}}]},
]


@pytest.mark.parametrize("body", ACCEPTED)
@pytest.mark.usefixtures("open_window")
async def test_what_meta_accepts_is_accepted_and_shown(emulator: Any, body: Any) -> None:
    status, answer = await emulator.send(**body)

    assert status == 200, answer
    assert answer["messaging_product"] == "whatsapp"
    assert answer["contacts"] == [{"input": f"+{ANA}", "wa_id": ANA}]
    assert answer["messages"][0]["id"].startswith("wamid.")
    items = (await emulator.control("GET", f"chat?customer={ANA}"))["items"]
    assert items[-1]["id"] == answer["messages"][0]["id"]


REFUSED = [
    (100, {"type": "text", "text": {"body": "x" * 4097}}),
    (131008, {"type": "text", "text": {}}),
    (131008, {"type": "text"}),
    (131051, {"type": "telepathy", "telepathy": {}}),
    (131009, {"type": "text", "text": "just text"}),
    (131009, {"to": "Ana", "type": "text", "text": {"body": "oi"}}),
    (100, {"to": None, "type": "text", "text": {"body": "oi"}}),
    (131021, {"to": "+551140028922", "type": "text", "text": {"body": "oi"}}),
    (100, {"messaging_product": "messenger", "type": "text", "text": {"body": "oi"}}),
    (131009, buttons(*[button(n) for n in range(4)])),
    (131009, buttons()),
    (131009, buttons(button(1, title="t" * 21))),
    (131009, buttons(button(1, id="i" * 257))),
    (131009, buttons(button(1), button(2, id="id 1"))),
    (131009, buttons(button(1), button(2, title="title 1"))),
    (131008, buttons(button(1, title=""))),
    (131009, buttons(button(1), text="x" * 1025)),
    (131008, {"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"}}}),
    (131009, {"type": "interactive", "interactive": {"type": "magic", "body": {"text": "?"}}}),
    (
        131009,
        rows(
            {"title": "a", "rows": [row(n) for n in range(6)]},
            {"title": "b", "rows": [row(n) for n in range(6, 11)]},
        ),
    ),
    (131009, rows({"rows": [row(1), row(1)]})),
    (131009, rows({"rows": [row(1, title="t" * 25)]})),
    (131009, rows({"rows": [row(1, description="d" * 73)]})),
    (131009, rows({"rows": [row(1, id="i" * 201)]})),
    (131009, rows({"title": "s" * 25, "rows": [row(1)]})),
    (131008, rows({"rows": [row(1)]}, {"rows": [row(2)]})),
    (131009, rows({"rows": [row(1)]}, button="b" * 21)),
    (131009, {"type": "reaction", "reaction": {"message_id": "wamid.never", "emoji": "👍"}}),
    (131008, {"type": "image", "image": {"caption": "no source"}}),
    (131009, {"type": "text", "text": {"body": "oi"}, "recipient_type": "group"}),
    (131026, {"to": None, "recipient": "BR.999", "type": "text", "text": {"body": "oi"}}),
]


@pytest.mark.parametrize(("code", "body"), REFUSED)
@pytest.mark.usefixtures("open_window")
async def test_what_meta_refuses_is_refused_with_its_code(emulator: Any, product: Any, code: int, body: Any) -> None:
    status, answer = await emulator.send(**body)

    assert (status, answer["error"]["code"]) == (400, code), answer
    error = answer["error"]
    assert error["type"] == "OAuthException"
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert error["error_data"]["details"]
    assert error["message"].startswith(f"(#{code})")
    assert error["fbtrace_id"]
    assert product.values("statuses") == []
    assert len((await emulator.control("GET", f"chat?customer={ANA}"))["items"]) == 1


async def test_a_missing_token_is_error_190(emulator: Any) -> None:
    status, answer = await emulator.graph({}, token="")

    assert (status, answer["error"]["code"]) == (401, 190)


async def test_an_account_registered_with_a_token_takes_no_other(emulator: Any) -> None:
    await emulator.control("POST", "accounts", {"id": "222", "name": "B", "token": "right"})

    refused, answer = await emulator.graph({}, path="/222/messages", token="wrong")
    accepted, _ = await emulator.graph({}, path="/222/messages", token="right")

    assert (refused, answer["error"]["code"], accepted) == (401, 190, 400)
    assert "right" not in str(await emulator.control("GET", "accounts"))


async def test_an_unknown_number_is_error_100_subcode_33(emulator: Any) -> None:
    status, answer = await emulator.graph({"messaging_product": "whatsapp"}, path="/v24.0/999/messages")

    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (400, 100, 33)


async def test_a_body_that_is_not_json_is_error_100(emulator: Any) -> None:
    url, headers = f"{emulator.base}/v24.0/{ACCOUNT}/messages", {"Authorization": "Bearer x"}
    async with emulator.http.post(url, data=b"{", headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == 100
    assert (await emulator.requests())["items"][0]["kind"] == "malformed"


@pytest.mark.parametrize("prefix", ["", "/v21.0", "/v26.0"])
async def test_a_number_tells_its_name_with_any_version(emulator: Any, prefix: str) -> None:
    async with emulator.http.get(f"{emulator.base}{prefix}/{ACCOUNT}?fields=id,verified_name,secret") as response:
        assert await response.json() == {"id": ACCOUNT, "verified_name": "Cantina"}
    async with emulator.http.get(f"{emulator.base}{prefix}/{ACCOUNT}") as response:
        assert (await response.json())["display_phone_number"] == "+55 11 4002-8922"


async def test_the_window_opens_with_the_customers_message(emulator: Any) -> None:
    status, answer = await emulator.send(type="text", text={"body": "oi"})
    assert (status, answer["error"]["code"]) == (400, 131047)

    await emulator.say(text="oi")
    await emulator.send_text()

    await emulator.control("POST", "window", {"account": ACCOUNT, "customer": ANA, "open": False})
    status, answer = await emulator.send(type="text", text={"body": "oi"})
    assert (status, answer["error"]["code"]) == (400, 131047)
    template = {"name": "hello", "language": {"code": "pt_BR"}}
    assert (await emulator.send(type="template", template=template))[0] == 200


async def test_the_window_can_be_left_open_for_all(emulator: Any, settings: Any) -> None:
    await emulator.control("PUT", "settings", {"enforce_window": False})

    await emulator.send_text()


@pytest.mark.usefixtures("open_window")
async def test_a_message_can_go_to_a_user_id(emulator: Any, product: Any) -> None:
    people = (await emulator.control("GET", "customers"))["items"]
    user_id = next(person["user_id"] for person in people if person["phone"] == ANA)

    status, answer = await emulator.send(to=None, recipient=user_id, type="text", text={"body": "oi"})

    assert (status, answer["contacts"]) == (200, [{"input": user_id, "wa_id": ANA, "user_id": user_id}])


@pytest.mark.usefixtures("open_window")
async def test_statuses_come_back_in_order_with_our_own_data(emulator: Any, product: Any) -> None:
    message_id = await emulator.send_text(biz_opaque_callback_data="row 7")
    await product.until(lambda: len(product.values("statuses")) == 2)
    await emulator.control("POST", "read", {"account": ACCOUNT, "customer": ANA})
    await product.until(lambda: len(product.values("statuses")) == 3)

    statuses = product.values("statuses")
    assert [s["status"] for s in statuses] == ["sent", "delivered", "read"]
    assert {s["id"] for s in statuses} == {message_id}
    assert {s["biz_opaque_callback_data"] for s in statuses} == {"row 7"}
    assert {s["recipient_id"] for s in statuses} == {ANA}
    assert all(isinstance(s["timestamp"], str) for s in statuses)
    assert product.webhooks[0].value["metadata"]["phone_number_id"] == ACCOUNT
    assert "pricing" in statuses[0]
    assert "pricing" not in statuses[2]


@pytest.mark.usefixtures("open_window")
async def test_a_reaction_only_gets_sent(emulator: Any, product: Any) -> None:
    said = await emulator.say(text="gostei")
    status, _ = await emulator.send(type="reaction", reaction={"message_id": said["id"], "emoji": "👍"})
    await emulator.send_text()
    await product.until(lambda: len(product.values("statuses")) == 3)

    assert status == 200
    assert sorted(s["status"] for s in product.values("statuses")) == ["delivered", "sent", "sent"]
    items = (await emulator.control("GET", f"chat?customer={ANA}"))["items"]
    assert next(i for i in items if i["id"] == said["id"])["reactions"] == {"business": "👍"}


async def test_reading_marks_all_messages_before_it(emulator: Any) -> None:
    first, second, third = [(await emulator.say(text=text))["id"] for text in "abc"]

    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": second,
        "typing_indicator": {"type": "text"},
    }
    status, answer = await emulator.graph(body)

    assert (status, answer) == (200, {"success": True})
    items = (await emulator.control("GET", f"chat?customer={ANA}"))["items"]
    assert [(i["id"], i["status"]) for i in items] == [
        (first, "read"),
        (second, "read"),
        (third, "delivered"),
    ]
    assert (await emulator.requests())["items"][0]["kind"] == "typing"


@pytest.mark.parametrize(
    "change", [{"message_id": "wamid.never"}, {"typing_indicator": {"type": "dance"}}, {"status": "eaten"}]
)
async def test_reading_something_else_is_refused(emulator: Any, change: Any) -> None:
    said = await emulator.say(text="oi")

    body = {"messaging_product": "whatsapp", "status": "read", "message_id": said["id"], **change}
    status, answer = await emulator.graph(body)

    assert (status, answer["error"]["code"]) == (400, 131009)
