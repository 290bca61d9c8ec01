"""The phone page with three networks: one customer, three phones, each as its network is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests import browser
from tests.emulator.pages import ANA, INSTAGRAM, PAGE, Account, postback, quick_replies, template, with_pages

pytestmark = pytest.mark.browser


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return with_pages(settings)


@pytest.fixture
async def page(emulator: Any) -> AsyncIterator[Any]:
    """The page as a Brazilian browser opens it; no error may show up in its console."""
    said: list[str] = []
    async with browser.opened_beside() as chromium:
        page = browser.watched(await (await chromium.new_context(locale="pt-BR")).new_page(), said, expected=())
        page.set_default_timeout(5000)
        await page.goto(emulator.base)
        yield page
    assert said == []


@pytest.fixture
def messenger(emulator: Any, product: Any) -> Account:
    return Account(emulator, product, PAGE)


@pytest.fixture
def instagram(emulator: Any, product: Any) -> Account:
    return Account(emulator, product, INSTAGRAM)


def phone(page: Any, network: str, what: str = "") -> Any:
    return page.locator(f'[data-phone="{ANA}"][data-network="{network}"] {what}')


async def write(page: Any, network: str, text: str) -> None:
    await phone(page, network, "[data-role=input]").fill(text)
    await phone(page, network, "[data-role=input]").press("Enter")
    await phone(page, network, "[data-by=customer]:is([data-status=delivered],[data-status=read])").last.wait_for()


async def test_each_network_has_its_own_phone_its_own_chat_and_its_own_desk(
    page: Any, messenger: Account, product: Any
) -> None:
    product.conversations = [{"id": "c1", "state": "bot", "owner": None}]
    for network in ("whatsapp", "messenger", "instagram"):
        await write(page, network, f"oi, {network}")
    await messenger.sent({"text": "Olá pelo Messenger"})
    await phone(page, "messenger", "[data-by=business]").wait_for()
    assert [await phone(page, n, "[data-message]").count() for n in ("whatsapp", "messenger", "instagram")] == [1, 2, 1]
    heard = [item["message"] for item in messenger.told("message")]
    assert [message["text"] for message in heard if "is_echo" not in message] == ["oi, messenger"]

    await phone(page, "messenger", "[data-role=owner][data-state=bot]").wait_for()
    await phone(page, "messenger", "[data-role=take]").click()
    await phone(page, "messenger", "[data-role=owner][data-state=human]").wait_for()
    asked = [path for _, path, _, _ in product.api]
    assert f"/api/v1/conversations?account={PAGE}&address={messenger.ana}" in asked

    await phone(page, "messenger", "[data-role=phone-input]").fill("Sou a Lu")
    await phone(page, "messenger", "[data-role=phone-send]").click()
    bubble = phone(page, "messenger", "[data-by=business][data-elsewhere=phone]")
    await bubble.wait_for()
    assert "na caixa de entrada" in await bubble.inner_text()
    assert messenger.echoes()[-1]["message"]["text"] == "Sou a Lu"

    await page.set_viewport_size({"width": 360, "height": 740})  # the phones are scrolled, not the page
    await phone(page, "instagram", "[data-role=input]").scroll_into_view_if_needed()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_quick_replies_go_and_a_templates_buttons_stay(page: Any, messenger: Account) -> None:
    await write(page, "messenger", "oi")
    await messenger.sent({"text": "Qual?", "quick_replies": quick_replies(2)})
    await phone(page, "messenger", "[data-role=choice][data-id='/1']").click()
    await messenger.product.until(lambda: any("quick_reply" in item["message"] for item in messenger.told("message")))
    await phone(page, "messenger", "[data-role=choice]").first.wait_for(state="detached")

    elements = [{"title": "Margherita", "buttons": [postback("Quero", "/m")]}] * 2
    await messenger.sent(template("generic", elements=elements))
    for n in (1, 2):
        await phone(page, "messenger", "[data-role=card] [data-role=choice]").first.click()
        await messenger.product.until(lambda n=n: len(messenger.told("postback")) == n)
    assert messenger.told("postback")[0]["postback"]["payload"] == "/m"
    assert await phone(page, "messenger", "[data-role=card]").count() == 2


async def test_instagram_shows_typing_what_was_seen_and_what_was_taken_back(page: Any, instagram: Account) -> None:
    await write(page, "instagram", "oi")
    mid = await instagram.sent({"text": "Olá"})
    await instagram.product.until(lambda: instagram.told("read"))
    assert instagram.told("read")[-1]["read"] == {"mid": mid}

    to = {"recipient": {"id": instagram.ana}}
    await instagram.ask({**to, "sender_action": "typing_on"})
    await phone(page, "instagram", "[data-role=typing]").wait_for()
    await instagram.ask({**to, "sender_action": "typing_off"})
    await phone(page, "instagram", "[data-role=typing]").wait_for(state="detached")
    await instagram.ask({**to, "sender_action": "mark_seen"})
    await phone(page, "instagram", "[data-by=customer][data-status=read]").wait_for()
    assert await phone(page, "instagram", "[data-by=customer] [data-role=ticks]").inner_text() == "Visto"

    await phone(page, "instagram", "[data-role=unsend]").click()
    await phone(page, "instagram", "[data-message] .gone").wait_for()
    assert instagram.told("message")[-1]["message"]["is_deleted"] is True
    assert await phone(page, "instagram", "[data-message]").count() == 2
