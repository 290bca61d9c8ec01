"""What a Page hears of its customers, of its messages, and of who else writes."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.emulator.pages import ANA, OUR_APP, PAGE, PAGE_INBOX, Account, postback, quick_replies, template, with_pages


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return with_pages(settings)


@pytest.fixture
def page(emulator: Any, product: Any) -> Account:
    return Account(emulator, product, PAGE)


async def test_a_message_is_from_a_person_known_to_this_page_only(page: Account, emulator: Any) -> None:
    answer = await page.say(text="Olá", timestamp=1_790_000_000)

    (entry,) = page.entries()
    (item,) = entry["messaging"]
    assert item == {
        "sender": {"id": page.ana},
        "recipient": {"id": PAGE},
        "timestamp": 1_790_000_000_000,
        "message": {"mid": answer["id"], "text": "Olá"},
    }
    assert page.ana != ANA
    assert len(page.ana) == 16
    assert page.product.webhooks[0].headers["X-Hub-Signature-256"].startswith("sha256=")


@pytest.mark.parametrize(
    ("what", "key", "told"),
    [
        ({"postback": {"id": "/menu", "title": "Menu"}}, "postback", {"title": "Menu", "payload": "/menu"}),
        ({"reaction": {"message_id": "m_1", "emoji": "❤️"}}, "reaction", {"action": "react", "reaction": "love"}),
        ({"reaction": {"message_id": "m_1"}}, "reaction", {"mid": "m_1", "action": "unreact"}),
        ({"edit": {"message_id": "m_1", "text": "tchau"}}, "message_edit", {"mid": "m_1", "text": "tchau"}),
        ({"referral": {"ref": "qr"}}, "referral", {"ref": "qr"}),
        ({"optin": {"ref": "cart"}}, "optin", {"ref": "cart"}),
        ({"linking": {"status": "linked"}}, "account_linking", {"status": "linked"}),
        ({"raw": {"message": {"mid": "m_9", "commands": []}}}, "message", {"mid": "m_9", "commands": []}),
        ({"sticker": {}}, "message", {}),
        ({"text": "sim", "reply_to": "m_1"}, "message", {"reply_to": {"mid": "m_1"}}),
        (
            {"quick_reply": {"id": "/yes", "title": "Sim"}},
            "message",
            {"quick_reply": {"payload": "/yes"}, "text": "Sim"},
        ),
    ],
)
async def test_each_thing_a_customer_does_has_its_shape(page: Account, what: Any, key: str, told: Any) -> None:
    await page.say(**what)
    (item,) = page.told(key)
    assert told.items() <= item[key].items()


async def test_files_come_as_attachments_with_their_addresses(page: Account) -> None:
    await page.say(attachment={"type": "audio", "url": "https://example.com/a.mp4"})
    await page.say(
        attachment={
            "text": "veja",
            "attachments": [
                {"type": "image", "url": "https://example.com/b"},
                {"type": "fallback", "payload": None, "title": "x"},
            ],
        }
    )

    one, two = page.told("message")
    assert one["message"]["attachments"] == [{"type": "audio", "payload": {"url": "https://example.com/a.mp4"}}]
    assert (two["message"]["text"], [a["type"] for a in two["message"]["attachments"]]) == (
        "veja",
        ["image", "fallback"],
    )


async def test_what_is_pressed_is_a_quick_reply_or_a_postback_as_it_was_offered(page: Account) -> None:
    await page.say(text="oi")
    await page.sent({"text": "Qual?", "quick_replies": quick_replies(1)})
    await page.say(button={"id": "/0", "title": "n0"})
    await page.sent(template("button", text="Certo?", buttons=[postback()]))
    await page.say(button={"id": "/yes", "title": "Sim"})

    assert [
        item["message"]["quick_reply"]["payload"] for item in page.told("message") if "quick_reply" in item["message"]
    ] == ["/0"]
    assert [item["postback"]["payload"] for item in page.told("postback")] == ["/yes"]


async def test_a_comment_comes_as_a_change_and_a_batch_may_hold_both(page: Account) -> None:
    said = [{"customer": ANA, "text": "oi"}, {"customer": ANA, "comment": {"text": "preço?"}}]
    answer = await page.emulator.control("POST", "batch", {"account": PAGE, "messages": said})

    (entry,) = page.entries()
    assert [item["message"]["text"] for item in entry["messaging"]] == ["oi"]
    assert [(c["field"], c["value"]["message"]) for c in entry["changes"]] == [("feed", "preço?")]
    assert answer["ids"][1] == entry["changes"][0]["value"]["comment_id"]


async def test_a_message_sent_is_delivered_with_its_id_and_read_up_to_a_moment(page: Account) -> None:
    await page.say(text="oi")
    mids = [await page.sent({"text": text}) for text in ("um", "dois")]
    await page.product.until(lambda: len(page.told("delivery")) == 2)
    assert sorted(mid for item in page.told("delivery") for mid in item["delivery"]["mids"]) == sorted(mids)
    assert page.told("read") == []

    await page.control("read")

    await page.product.until(lambda: page.told("read"))
    (seen,) = page.told("read")  # one tells of both
    assert seen["sender"] == {"id": page.ana}
    assert seen["read"]["watermark"] >= max(item["delivery"]["watermark"] for item in page.told("delivery"))


@pytest.mark.parametrize(("how", "copies"), [("doubled", 2), ("none", 0)])
async def test_reports_go_wrong_as_asked(page: Account, how: str, copies: int) -> None:
    await page.say(text="oi")
    await page.emulator.control("PUT", "faults", {"statuses": how})
    await page.sent({"text": "um"})
    await page.product.until(page.echoes)
    await page.emulator.until_health(statuses_pending=0)
    assert len(page.told("delivery")) == copies


async def test_our_own_message_is_echoed_with_our_app_and_our_metadata(page: Account) -> None:
    await page.say(text="oi")
    mid = await page.sent({"text": "Olá", "metadata": "17"})

    await page.product.until(page.echoes)
    (echo,) = page.echoes()
    assert (echo["sender"], echo["recipient"]) == ({"id": PAGE}, {"id": page.ana})
    assert echo["message"] == {"mid": mid, "text": "Olá", "metadata": "17", "is_echo": True, "app_id": int(OUR_APP)}


async def test_an_echo_may_come_before_the_sends_own_answer(page: Account) -> None:
    await page.say(text="oi")
    await page.emulator.control("PUT", "faults", {"echo_first": True})

    mid = await page.sent({"text": "Olá"})

    assert [echo["message"]["mid"] for echo in page.echoes()] == [mid]


async def test_an_echo_follows_a_send_whose_answer_was_lost(page: Account) -> None:
    await page.say(text="oi")
    await page.emulator.control("PUT", "faults", {"drop_rate": 1.0})
    with pytest.raises(aiohttp.ClientError):
        await page.send({"text": "Olá", "metadata": "17"})
    await page.product.until(page.echoes)
    assert page.echoes()[0]["message"]["metadata"] == "17"


async def test_echoes_can_be_turned_off(page: Account) -> None:
    await page.emulator.control("PUT", "settings", {"echoes": "off"})
    await page.say(text="oi")
    await page.sent({"text": "Olá"})
    await page.product.until(lambda: page.told("delivery"))
    await page.emulator.until_health(echoes_pending=0)
    assert page.echoes() == []


@pytest.mark.parametrize(("given", "told"), [({}, PAGE_INBOX), ({"app_id": ""}, None), ({"app_id": "99"}, 99)])
async def test_who_else_answers_is_an_echo_of_the_inbox_or_another_app(page: Account, given: Any, told: Any) -> None:
    await page.control("phone", text="Sou a Lu", **given)
    (echo,) = page.echoes()
    assert (echo["message"]["text"], echo["message"].get("app_id")) == ("Sou a Lu", told)


async def test_in_standby_a_postback_has_no_payload_and_the_others_echo(page: Account) -> None:
    await page.control("standby", postback={"id": "/menu", "title": "Menu"})
    await page.control("standby", by="app", text="Do outro aplicativo")

    assert page.told("message") == page.told("postback") == []
    (pressed,) = page.told("postback", "standby")
    assert "payload" not in pressed["postback"]
    (echo,) = page.told("message", "standby")
    assert (echo["message"]["is_echo"], echo["sender"]) == (True, {"id": PAGE})


async def test_a_customer_of_one_network_cannot_do_what_is_of_another(page: Account) -> None:
    elsewhere: list[dict[str, Any]] = [
        {"list": {"id": "1", "title": "x"}},
        {"unsend": {"message_id": "m_1"}},
        {"story_reply": {"text": "x"}},
    ]
    for what in elsewhere:
        answer = await page.control("say", ok=False, **what)
        assert "is not done on this network" in answer["error"]["message"]


async def test_what_was_edited_looks_so_and_is_counted(page: Account) -> None:
    said = (await page.say(text="oi"))["id"]
    for text in ("olá", "olá!"):
        await page.say(edit={"message_id": said, "text": text})
    items = (await page.emulator.control("GET", f"chat?customer={ANA}"))["items"]
    assert next(item["text"] for item in items if item["id"] == said) == "olá!"
    assert [item["message_edit"]["num_edit"] for item in page.told("message_edit")] == [1, 2]
