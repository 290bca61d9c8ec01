"""The phone page in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests import browser

pytestmark = pytest.mark.browser

ACCOUNT, ANA, BEN = "100000000000001", "5511988887777", "14155550123"
SECTIONS = [{"rows": [{"id": "p1", "title": "Pizza", "description": "Grande"}, {"id": "p2", "title": "Lasanha"}]}]


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


def phone(page: Any, number: str, what: str = "") -> Any:
    return page.locator(f'[data-phone="{number}"] {what}')


async def write(page: Any, number: str, text: str) -> None:
    await phone(page, number, "[data-role=input]").fill(text)
    await phone(page, number, "[data-role=input]").press("Enter")
    await phone(page, number, "[data-by=customer][data-status=delivered]").last.wait_for()


async def send(emulator: Any, kind: str, **action: Any) -> None:
    interactive = {"type": kind, "body": {"text": "O que deseja?"}, "action": action}
    assert (await emulator.send(type="interactive", interactive=interactive))[0] == 200


async def test_what_is_written_goes_out_and_what_comes_back_is_read(page: Any, emulator: Any, product: Any) -> None:
    await write(page, ANA, "Olá <b>você</b>")
    await emulator.send_text("Veja *isto*: https://example.com/a?b=1.")

    bubble = phone(page, ANA, "[data-by=business]")
    await bubble.wait_for()
    await product.until(lambda: [s["status"] for s in product.values("statuses")][-1:] == ["read"])
    assert product.values("messages")[0]["text"]["body"] == "Olá <b>você</b>"
    assert await phone(page, ANA, "[data-by=customer] [data-role=text]").inner_text() == "Olá <b>você</b>"
    assert await bubble.locator("a").get_attribute("href") == "https://example.com/a?b=1"
    assert await bubble.locator("strong").inner_text() == "isto"
    assert await phone(page, BEN, "[data-message]").count() == 0


async def test_buttons_and_lists_answer_with_their_ids(page: Any, emulator: Any, product: Any) -> None:
    await write(page, ANA, "oi")
    await send(emulator, "button", buttons=[{"type": "reply", "reply": {"id": "yes", "title": "Sim"}}])
    await phone(page, ANA, "[data-role=choice][data-id=yes]").click()
    await product.until(lambda: len(product.values("messages")) == 2)
    await send(emulator, "list", button="Ver", sections=SECTIONS)
    await phone(page, ANA, "[data-role=open-list]").click()
    await page.keyboard.press("Escape")
    assert await phone(page, ANA, "[data-role=sheet]").count() == 0
    await phone(page, ANA, "[data-role=open-list]").click()
    await phone(page, ANA, "[data-role=row][data-id=p1]").click()
    await product.until(lambda: len(product.values("messages")) == 3)

    _, button, row = product.values("messages")
    assert button["interactive"]["button_reply"] == {"id": "yes", "title": "Sim"}
    assert row["interactive"]["list_reply"] == {"id": "p1", "title": "Pizza", "description": "Grande"}
    assert button["context"]["id"] != row["context"]["id"]


async def test_ticks_and_typing_follow_what_the_product_does(page: Any, emulator: Any, product: Any) -> None:
    await write(page, ANA, "oi")
    message = product.values("messages")[0]["id"]
    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message,
        "typing_indicator": {"type": "text"},
    }
    await emulator.graph(body)

    await phone(page, ANA, "[data-by=customer][data-status=read]").wait_for()
    await phone(page, ANA, "[data-role=typing]").wait_for()
    await emulator.send_text()
    await phone(page, ANA, "[data-role=typing]").wait_for(state="detached")


async def test_the_desk_shows_who_answers_and_takes(page: Any, product: Any) -> None:
    product.conversations = [{"id": "c1", "state": "bot", "owner": None}]
    await phone(page, ANA, "[data-role=owner][data-state=bot]").wait_for()

    await phone(page, ANA, "[data-role=take]").click()

    owner = phone(page, ANA, "[data-role=owner][data-state=human]")
    await owner.wait_for()
    assert await owner.inner_text() == "Marina"
    assert "2 resposta" in await phone(page, ANA, "[data-role=in-flight]").inner_text()


async def test_the_shop_can_answer_on_its_own_phone(page: Any, product: Any) -> None:
    await write(page, ANA, "oi")
    await phone(page, ANA, "[data-role=phone-input]").fill("Sou a Lu")
    await phone(page, ANA, "[data-role=phone-send]").click()

    bubble = phone(page, ANA, "[data-by=business][data-elsewhere=phone]")
    await bubble.wait_for()
    assert await bubble.locator("[data-role=text]").inner_text() == "Sou a Lu"
    assert "no celular da loja" in await bubble.inner_text()
    assert [echo["text"]["body"] for echo in product.values("message_echoes")] == ["Sou a Lu"]
    assert await phone(page, ANA, "[data-role=phone-input]").input_value() == ""


async def test_a_reload_shows_the_history_and_the_language_stays(page: Any, emulator: Any) -> None:
    await write(page, ANA, "oi")
    assert await page.locator("#banner").inner_text() == "Isto faz as vezes da Meta: nada sai desta máquina."
    await page.locator('[data-language="en"]').click()

    await page.reload()

    await phone(page, ANA, "[data-message]").wait_for()
    assert await page.locator("#banner").inner_text() == "This is a stand-in for Meta: nothing leaves this machine."
    await emulator.say(text="de um script")
    await phone(page, ANA, "[data-message]").nth(1).wait_for()


async def test_a_phone_can_be_added_and_a_narrow_screen_is_enough(page: Any) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.locator("#add-phone").click()
    await page.fill("#new-name", "Zoë")
    await page.fill("#new-number", "+49 170 1234567")
    await page.locator("#new-create").click()

    await phone(page, "491701234567", "[data-role=input]").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_the_page_moves_the_clock_makes_faults_and_shows_all_that_went(
    page: Any, emulator: Any, product: Any
) -> None:
    await page.locator("#traffic-toggle").click()
    await page.locator("#trials-toggle").click()
    await page.select_option("#faults-preset", "twice")
    await page.locator("#faults-apply").click()
    await page.locator("#faults-now", has_text="doubled_rate").wait_for()
    await phone(page, ANA, "[data-role=more]").click()
    await phone(page, ANA, "[data-role=kind]").select_option("sticker")
    await phone(page, ANA, "[data-role=send-kind]").click()
    await product.until(lambda: [m["type"] for m in product.values("messages")] == ["sticker", "sticker"])
    await page.locator("#faults-none").click()
    await page.locator("#clock-day").click()
    await page.locator("#clock-now", has_text="1 d 0 h").wait_for()
    assert (await emulator.send(type="text", text={"body": "Olá"}))[0] == 400

    refused = page.locator("#traffic-list li[data-kind=request]").first
    await refused.locator("summary").click()
    assert "(131047)" in await refused.locator("summary").inner_text()
    assert '"code": 131047' in await refused.locator("pre").last.inner_text()
    posted = page.locator("#traffic-list li[data-kind=webhook]").last
    await posted.locator("summary").click()
    assert "…" in await posted.locator("pre").first.inner_text()
    await posted.locator("[data-role=resend]").click()
    await product.until(lambda: len(product.values("messages")) == 3)
    await page.select_option("#traffic-kind", "failures")
    assert await page.locator("#traffic-list li").count() == 1
    assert await page.locator("[data-scenario]").count() == 8
