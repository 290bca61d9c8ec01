"""What Instagram takes from a business: mostly as Messenger, with limits of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.pages import (
    INSTAGRAM,
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


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return with_pages(settings)


@pytest.fixture
async def account(emulator: Any, product: Any) -> Account:
    account = Account(emulator, product, INSTAGRAM)
    await account.say(text="oi")
    return account


@pytest.mark.parametrize(
    "message",
    [
        {"text": "é" * 500},
        {"text": "x", "quick_replies": quick_replies(13)},
        {"attachments": [file()["attachment"]] * 10},
        {"attachment": {"type": "like_heart"}},
        file("MEDIA_SHARE", id="1"),
        template("generic", elements=[{"title": "x", "buttons": [postback()] * 3}] * 10),
        template("button", text="x" * 640, buttons=[postback()]),
    ],
)
async def test_what_is_just_within_the_limits_is_taken(account: Account, message: Any) -> None:
    await account.sent(message)


@pytest.mark.parametrize(
    "message",
    [
        {"text": "é" * 501},
        {"text": "👍" * 251},
        {"text": "x", "metadata": "17"},
        {"text": "x", "quick_replies": quick_replies(14)},
        {"attachments": [file()["attachment"]] * 11},
        {"attachments": [file("video")["attachment"]] * 2},
        template("media", elements=[{"media_type": "image", "url": "https://www.facebook.com/1"}]),
        template("receipt", recipient_name="Ana"),
        template("button", text="x", buttons=[{"type": "phone_number", "title": "x", "payload": "+55"}]),
    ],
)
async def test_what_is_beyond_the_limits_is_error_100(account: Account, message: Any) -> None:
    assert await account.refused(message) == (100, None)


@pytest.mark.parametrize("more", [{"persona_id": "1"}, {"notification_type": "REGULAR"}, {"messaging_type": "UTILITY"}])
async def test_what_only_messenger_has_is_refused(account: Account, more: Any) -> None:
    assert await account.refused({"text": "x"}, **more) == (100, None)


async def test_the_window_has_another_subcode_and_a_person_a_week(account: Account) -> None:
    await account.control("window", hours_ago=30)
    assert await account.refused({"text": "x"}) == (10, 2534022)
    assert await account.refused({"text": "x"}, messaging_type="MESSAGE_TAG", tag="ACCOUNT_UPDATE") == (100, None)
    await account.sent({"text": "x"}, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")


async def test_the_linked_page_stands_for_the_account_and_the_recipient_tells_which(
    account: Account, emulator: Any
) -> None:
    page = Account(emulator, account.product, PAGE)
    await page.say(text="oi")
    by_page = Account(emulator, account.product, INSTAGRAM, node=PAGE)

    await by_page.sent({"text": "no Instagram"})
    await page.sent({"text": "no Messenger"})

    entries = (await emulator.requests("kind=text"))["items"]
    assert [(e["account"], e["to"], e["opaque"]) for e in entries] == [
        (INSTAGRAM, account.ana, None),
        (PAGE, page.ana, None),
    ]
    status, answer = await emulator.graph(
        {"recipient": {"id": page.ana}, **SINCE_2026, "message": {"text": "x"}}, path=f"/v24.0/{INSTAGRAM}/messages"
    )
    assert (status, code_of(answer)) == (400, (100, 2018001))


@pytest.mark.parametrize(
    ("login", "reaction", "status"), [("facebook", "love", 200), ("facebook", "🎉", 400), ("instagram", "🎉", 200)]
)
async def test_by_a_pages_login_a_business_reacts_with_a_heart_only(
    account: Account, emulator: Any, login: str, reaction: str, status: int
) -> None:
    again = {"channel": "instagram", "id": INSTAGRAM, "name": "cantina.sp", "login": login}
    await emulator.control("POST", "accounts", again)
    said = (await account.say(text="oi"))["id"]
    payload = {"message_id": said, "reaction": reaction}
    body = {"recipient": {"id": account.ana}, "sender_action": "react", "payload": payload}
    assert (await account.ask(body))[0] == status


async def test_a_comment_is_answered_privately_once(account: Account) -> None:
    comment = (await account.say("14155550123", comment={"text": "preço?"}))["id"]
    answers = [await account.send({"text": "R$ 42"}, recipient={"comment_id": comment}) for _ in range(2)]
    assert [status for status, _ in answers] == [200, 400]
