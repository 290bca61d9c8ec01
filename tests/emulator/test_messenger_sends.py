"""What Messenger takes from a business, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.pages import (
    ANA,
    PAGE,
    SINCE_2026,
    Account,
    code_of,
    file,
    postback,
    quick_replies,
    template,
    with_pages,
)

REACTING = {"sender_action": "react", "payload": {"message_id": "m_x", "reaction": "love"}}


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return with_pages(settings)


@pytest.fixture
async def page(emulator: Any, product: Any) -> Account:
    """Ana has just written to the Page."""
    page = Account(emulator, product, PAGE)
    await page.say(text="oi")
    return page


async def test_a_text_is_answered_with_its_id_and_journaled(page: Account, emulator: Any) -> None:
    status, answer = await page.send({"text": "Olá", "metadata": "17"})

    assert (status, answer["recipient_id"]) == (200, page.ana)
    (entry,) = (await emulator.requests("kind=text"))["items"]
    kept = ("account", "to", "customer", "text", "opaque", "id", "status")
    assert [entry[key] for key in kept] == [PAGE, page.ana, ANA, "Olá", "17", answer["message_id"], 200]


@pytest.mark.parametrize(
    "message",
    [
        {"text": "x" * 2000},
        {"text": "x", "quick_replies": quick_replies(13, title="x" * 20, payload="p" * 1000)},
        {"text": "x", "quick_replies": [{"content_type": "user_phone_number"}]},
        file("file"),
        template("button", text="x" * 640, buttons=[postback("x" * 20, "p" * 1000)] * 3),
        template("generic", elements=[{"title": "x" * 80, "subtitle": "y" * 80, "buttons": [postback()]}] * 10),
        template("media", elements=[{"media_type": "image", "url": "https://www.facebook.com/photo/1"}]),
        template("receipt", recipient_name="Ana", elements=[{"title": "Pizza"}] * 100),
    ],
)
async def test_what_is_just_within_the_limits_is_taken(page: Account, message: Any) -> None:
    await page.sent(message)


@pytest.mark.parametrize(
    "message",
    [
        {"text": "x" * 2001},
        {"text": ""},
        {},
        {"text": "x", **file()},
        {"text": "x", "is_echo": True},
        {"text": "x", "quick_replies": quick_replies(14)},
        {"text": "x", "quick_replies": quick_replies(1, title="x" * 21)},
        {"text": "x", "quick_replies": quick_replies(1, payload="p" * 1001)},
        {"text": "x", "quick_replies": quick_replies(1, content_type="location")},
        file("image", url="https://example.com/a", attachment_id="1"),
        file("image", attachment_id="404"),
        file("image", url="ftp://example.com/a"),
        file("image", media="1"),
        file("like_heart"),
        {"attachments": [file()["attachment"]]},
        template("button", text="x" * 641, buttons=[postback()]),
        template("button", text="x", buttons=[postback()] * 4),
        template("button", text="x", buttons=[]),
        template("button", text="x", buttons=[postback("x" * 21)]),
        template("button", text="x", buttons=[postback(payload="p" * 1001)]),
        template("button", text="x", buttons=[{"type": "web_url", "title": "x"}]),
        template("generic", elements=[{"title": "x"}] * 11),
        template("generic", elements=[{"title": "x" * 81}]),
        template("generic", elements=[{"title": "x", "subtitle": "y" * 81}]),
        template("generic", elements=[{"title": "x", "buttons": [postback()] * 4}]),
        template("media", elements=[{"media_type": "image", "url": "https://www.facebook.com/1"}] * 2),
        template("receipt", recipient_name="Ana", elements=[{"title": "x"}] * 101),
        template("list"),
    ],
)
async def test_what_is_beyond_the_limits_is_error_100(page: Account, message: Any) -> None:
    assert await page.refused(message) == (100, None)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"messaging_type": None}, (100, None)),
        ({"messaging_type": "ANSWER"}, (100, None)),
        ({"messaging_type": "MESSAGE_TAG"}, (100, None)),
        ({"messaging_type": "UTILITY"}, (100, None)),
        ({"messaging_type": "RESPONSE", "tag": "HUMAN_AGENT"}, (100, None)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, (100, None)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "CONFIRMED_EVENT_UPDATE"}, (100, None)),
        ({"messaging_type": "MESSAGE_TAG", "tag": "POST_PURCHASE_UPDATE"}, (100, None)),
        ({"persona_id": "404"}, (100, None)),
        ({"notification_type": "LOUD"}, (100, None)),
        ({"thread_control": {"control_type": "steal", "app_id": 1}}, (100, None)),
        ({"recipient": {"id": "1000000000000000"}}, (100, 2018001)),
        ({"recipient": {"id": "1", "user_ref": "1"}}, (100, None)),
        ({"recipient": {"user_ref": "nobody's"}}, (100, 2018001)),
        ({"recipient": {}}, (100, None)),
        ({"to": "x"}, (100, None)),
        ({"sender_action": "typing_on"}, (100, None)),
    ],
)
async def test_the_request_around_a_message_is_checked(page: Account, more: Any, code: Any) -> None:
    assert await page.refused({"text": "x"}, **more) == code


@pytest.mark.parametrize(("hours", "plain", "human"), [(23.9, 200, 200), (24.1, 403, 200), (7 * 24 + 0.1, 403, 403)])
async def test_after_a_day_only_a_person_may_write_and_after_a_week_nobody(
    page: Account, hours: float, plain: int, human: int
) -> None:
    await page.control("window", hours_ago=hours)
    tag = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}

    answers = [await page.send({"text": "x"}), await page.send({"text": "x"}, **tag)]

    assert [status for status, _ in answers] == [plain, human]
    assert all(code_of(answer) == (10, 2018278) for status, answer in answers if status != 200)


async def test_an_approved_utility_message_goes_out_after_the_window_too(page: Account) -> None:
    await page.control("window", hours_ago=100)
    message = {"template": {"name": "your_order", "language": {"code": "pt_BR"}}}
    await page.sent(message, messaging_type="UTILITY")


async def test_signals_are_alone_in_their_request(page: Account, emulator: Any) -> None:
    to = {"recipient": {"id": page.ana}}
    for action in ("mark_seen", "typing_on", "typing_off"):
        assert await page.ask({**to, "sender_action": action}) == (200, {"recipient_id": page.ana})
    for wrong in ({"sender_action": "wave"}, {"sender_action": "typing_on", **SINCE_2026}, REACTING):
        status, answer = await page.ask({**to, **wrong})
        assert (status, answer["error"]["code"]) == (400, 100)

    entries = (await emulator.requests(""))["items"]
    assert [(e["kind"], e["status"]) for e in entries[:3]] == [("read", 200), ("typing", 200), ("typing", 200)]
    assert all(entry["to"] == page.ana for entry in entries)
    (own,) = [i for i in (await emulator.control("GET", f"chat?customer={ANA}"))["items"] if i["by"] == "customer"]
    assert own["status"] == "read"


async def test_the_business_reacts_and_takes_it_back(page: Account, emulator: Any) -> None:
    said = (await page.say(text="obrigada"))["id"]
    to = {"recipient": {"id": page.ana}}

    async def reactions() -> Any:
        items = (await emulator.control("GET", f"chat?customer={ANA}"))["items"]
        return next(item["reactions"] for item in items if item["id"] == said)

    await page.ask({**to, "sender_action": "react", "payload": {"message_id": said, "reaction": "love"}})
    assert await reactions() == {"business": "❤️"}
    await page.ask({**to, "sender_action": "unreact", "payload": {"message_id": said}})
    assert await reactions() == {}


async def test_a_reusable_file_is_sent_again_by_its_id_and_by_this_page_only(page: Account, emulator: Any) -> None:
    status, answer = await page.send(file("image", url="https://example.com/a.png", is_reusable=True))
    again = file("image", attachment_id=answer["attachment_id"])

    assert status == 200
    await page.sent(again)
    other = Account(emulator, page.product, "200000000000002")
    await emulator.control("POST", "accounts", {"channel": "messenger", "id": other.id})
    await other.say(text="oi")
    status, answer = await other.ask({"recipient": {"id": other.ana}, **SINCE_2026, "message": again})
    assert code_of(answer) == (100, None)


async def test_a_comment_is_answered_privately_once_and_within_a_week(page: Account, emulator: Any) -> None:
    new = (await page.say("14155550123", comment={"text": "quanto custa?"}))["id"]
    old = (await page.say("14155550124", comment={"text": "e este?"}, timestamp=1_600_000_000))["id"]

    async def reply(comment: str) -> Any:
        status, answer = await page.ask(
            {"recipient": {"comment_id": comment}, **SINCE_2026, "message": {"text": "R$ 42"}}
        )
        return answer["recipient_id"] if status == 200 else code_of(answer)

    who = (await emulator.control("GET", f"customers?all=1&account={PAGE}"))["items"]
    assert await reply(new) in [customer["address"] for customer in who if customer["phone"] == "14155550123"]
    assert [await reply(new), await reply(old), await reply("404")] == [(100, None), (10, 2018278), (100, None)]


async def test_a_plugins_reference_is_a_recipient_once_it_was_told(page: Account) -> None:
    await page.say(optin={"ref": "checkout", "user_ref": "cart-17"})
    await page.sent({"text": "x"}, recipient={"user_ref": "cart-17"})


async def test_an_injected_error_has_its_subcode_and_other_paths_only_when_named(page: Account, emulator: Any) -> None:
    await emulator.control("PUT", "faults", {"error": {"code": 190, "subcode": 463}})
    assert await page.refused({"text": "x"}) == (190, 463)
    assert (await emulator.ask("GET", f"{PAGE}/thread_owner?recipient={page.ana}"))[0] == 200

    await emulator.control("PUT", "faults", {"error": {"code": 2, "kinds": ["thread"]}})
    await page.sent({"text": "x"})
    assert (await emulator.ask("GET", f"{PAGE}/thread_owner?recipient={page.ana}"))[0] == 503


async def test_a_persona_speaks_for_its_own_page_only(page: Account, emulator: Any) -> None:
    ours, theirs = await persona(emulator, PAGE), "200000000000002"
    await emulator.control("POST", "accounts", {"channel": "messenger", "id": theirs})
    await page.sent({"text": "Lu aqui"}, persona_id=ours)
    assert await page.refused({"text": "x"}, persona_id=await persona(emulator, theirs)) == (100, None)

    (shown,) = [i for i in (await emulator.control("GET", f"chat?customer={ANA}"))["items"] if i["by"] == "business"]
    assert shown["view"]["persona"] == "Lu"


async def persona(emulator: Any, page: str) -> str:
    body = {"name": "Lu", "profile_picture_url": "https://example.com/lu.png"}
    status, answer = await emulator.ask("POST", f"{page}/personas", json=body)
    assert status == 200, answer
    return str(answer["id"])
