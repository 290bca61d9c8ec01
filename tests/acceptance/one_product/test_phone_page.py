"""The whole story in a browser: customers write on the phone page, a person takes over, replies, gives back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import browser
from tests.acceptance.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def page(shared: Product) -> Iterator[Any]:
    """The page as an English browser opens it; no error may show up in its console."""
    wrong: list[str] = []
    with browser.opened() as chromium:
        window = chromium.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
        page = browser.watched(window.new_page(), wrong, expected=())
        page.goto(shared.emulator_url + "/")
        yield page
    assert wrong == []


class Phone:
    """One customer's phone on the page, and the desk above it."""

    def __init__(self, page: Any, product: Product, number: str, name: str, language: str) -> None:
        product.emulator("POST", "customers", {"phone": number, "name": name, "language": language})
        self._root = page.locator(f'[data-phone="{number}"][data-network="whatsapp"]')
        self._root.wait_for()
        options = self._root.locator('select[data-role="account"]')
        if options.count():  # other tests may have added numbers
            options.select_option("100000000000001")

    def part(self, role: str) -> Any:
        return self._root.locator(f'[data-role="{role}"]')

    def write(self, text: str) -> None:
        self.part("input").fill(text)
        self.part("input").press("Enter")

    def hears(self, text: str) -> Any:
        bubble = self._root.locator('[data-by="business"]', has_text=text).last
        bubble.wait_for()
        return bubble

    def bubbles(self, by: str) -> int:
        return int(self._root.locator(f'[data-by="{by}"]').count())

    def owner_is(self, state: str) -> Any:
        owner = self._root.locator(f'[data-role="owner"][data-state="{state}"]')
        owner.wait_for()
        return owner

    def mine(self, text: str, status: str) -> Any:
        found = self._root.locator(f'[data-by="customer"][data-status="{status}"]', has_text=text)
        found.wait_for()
        return found


def test_a_takeover_on_the_phone_page(page: Any, shared: Product, customer: str) -> None:
    phone = Phone(page, shared, customer, "Ana", "pt-BR")

    # both languages, and a button
    phone.write("oi, tudo bem?")
    phone.hears("Olá!")
    assert phone.mine("oi, tudo bem?", "read").locator('[data-role="ticks"]').count() == 1
    phone.part("choice").filter(has_text="Cardápio").click()
    phone.hears("Nosso cardápio")
    phone.write("hello there")
    phone.hears("Hello!")
    phone.owner_is("bot")

    # a person takes it: silence
    phone.part("take").click()
    phone.owner_is("human")
    before = phone.bubbles("business")
    phone.write("where are you located?")
    phone.mine("where are you located?", "delivered")
    assert shared.decided(customer, shared.chat(customer)[-1]["id"])["reason"] == "human_owns"
    assert phone.bubbles("business") == before

    # the person answers
    phone.part("reply-input").fill("Marina here. One moment.")
    phone.part("reply").click()
    phone.hears("Marina here. One moment.")
    assert phone.bubbles("business") == before + 1

    # given back: the next message is answered, the one before is not
    phone.part("release").click()
    phone.owner_is("bot")
    phone.write("send me the menu please")
    phone.hears("Our menu, with prices")
    assert phone.bubbles("business") == before + 2


def test_two_phones_side_by_side(page: Any, shared: Product, customer: str, another: str) -> None:
    ana = Phone(page, shared, customer, "Ana", "pt-BR")
    ben = Phone(page, shared, another, "Ben", "en")
    ana.write("oi, tudo bem?")
    ben.write("hello there")
    ana.hears("Olá!")
    ben.hears("Hello!")

    ana.part("take").click()
    ana.owner_is("human")
    ben.owner_is("bot")
    ana.write("qual o endereço?")
    ben.write("where are you located?")

    ben.hears("We are at")
    assert (ana.bubbles("business"), ben.bubbles("business")) == (1, 2)
    assert shared.decided(customer, shared.chat(customer)[-1]["id"])["reason"] == "human_owns"


def test_the_page_says_that_it_is_a_stand_in(page: Any) -> None:
    assert "stand-in for Meta" in page.locator("#banner").inner_text()
