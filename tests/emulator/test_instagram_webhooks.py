"""What an Instagram account hears: its own kinds, reads by message, and echoes that name no app."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.pages import ANA, INSTAGRAM, Account, with_pages


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return with_pages(settings)


@pytest.fixture
def account(emulator: Any, product: Any) -> Account:
    return Account(emulator, product, INSTAGRAM)


@pytest.mark.parametrize(
    ("what", "key", "told"),
    [
        ({"story_reply": {"text": "lindo!", "id": "s1"}}, "text", "lindo!"),
        ({"unsend": {"message_id": "x"}}, "is_deleted", True),
        ({"quick_reply": {"id": "/yes"}}, "quick_reply", {"payload": "/yes"}),
        ({"unsupported": "gif"}, "is_unsupported", True),
    ],
)
async def test_each_thing_a_customer_does_has_its_shape(account: Account, what: Any, key: str, told: Any) -> None:
    await account.say(**what)
    (item,) = account.told("message")
    assert item["message"][key] == told
    assert (item["sender"], item["recipient"]) == ({"id": account.ana}, {"id": INSTAGRAM})


async def test_a_story_is_answered_or_mentions_with_an_address(account: Account) -> None:
    await account.say(story_reply={"text": "lindo!", "id": "s1", "url": "https://example.com/s1"})
    await account.say(story_mention={"url": "https://example.com/s2"})

    replied, mentioned = account.told("message")
    assert replied["message"]["reply_to"] == {"story": {"id": "s1", "url": "https://example.com/s1"}}
    assert mentioned["message"]["attachments"] == [
        {"type": "story_mention", "payload": {"url": "https://example.com/s2"}}
    ]


async def test_what_is_taken_back_is_gone_from_the_phone(account: Account) -> None:
    said = (await account.say(text="oops"))["id"]
    await account.say(unsend={"message_id": said})

    items = (await account.emulator.control("GET", f"chat?customer={ANA}"))["items"]
    assert next((i["text"], i["view"]) for i in items if i["id"] == said) == ("", {"unsent": True})
    assert account.told("message")[-1]["message"] == {"mid": said, "is_deleted": True}


@pytest.mark.parametrize(("live", "field"), [(False, "comments"), (True, "live_comments")])
async def test_a_comment_is_a_change_with_its_writer_and_its_post(account: Account, live: bool, field: str) -> None:
    answer = await account.say(comment={"text": "preço?", "media": {"id": "m1"}, "live": live})

    (change,) = account.entries()[0]["changes"]
    assert (change["field"], change["value"]["id"], change["value"]["media"]) == (field, answer["id"], {"id": "m1"})
    assert change["value"]["from"]["id"] == account.ana
    assert "live" not in change["value"]


async def test_only_reads_are_reported_and_by_the_message(account: Account) -> None:
    await account.say(text="oi")
    mids = [await account.sent({"text": text}) for text in ("um", "dois")]
    await account.product.until(lambda: len(account.echoes()) == 2)
    await account.emulator.until_health(statuses_pending=0)
    await account.control("read")
    await account.product.until(lambda: account.told("read"))

    assert [item["read"] for item in account.told("read")] == [{"mid": mids[1]}]
    assert account.told("delivery") == []


async def test_no_echo_says_whose_it_is(account: Account) -> None:
    await account.say(text="oi")
    own = await account.sent({"text": "da loja"})
    await account.product.until(account.echoes)
    persons = (await account.control("phone", text="Sou a Lu"))["id"]

    assert [echo["message"]["mid"] for echo in account.echoes()] == [own, persons]
    assert all({"app_id", "metadata"}.isdisjoint(echo["message"]) for echo in account.echoes())


async def test_files_are_echoed_with_their_addresses(account: Account) -> None:
    await account.say(text="oi")
    files = [{"type": "image", "payload": {"url": f"https://example.com/{n}.png"}} for n in range(2)]
    await account.sent({"attachments": files})
    await account.product.until(account.echoes)
    assert account.echoes()[0]["message"]["attachments"] == files


async def test_hearts_are_love_and_the_rest_is_other(account: Account) -> None:
    for emoji in ("❤️", "😂"):
        await account.say(reaction={"message_id": "x", "emoji": emoji})
    assert [item["reaction"]["reaction"] for item in account.told("reaction")] == ["love", "other"]


async def test_a_picture_nobody_gave_is_served_here_and_on_the_phone(account: Account) -> None:
    await account.say(image={"caption": "olha"})

    (item,) = account.told("message")
    url = item["message"]["attachments"][0]["payload"]["url"]
    async with account.emulator.http.get(url) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
    (shown,) = (await account.emulator.control("GET", f"chat?customer={ANA}"))["items"]
    assert (item["message"]["text"], shown["view"]) == ("olha", {"attachments": [{"type": "image", "url": url}]})
