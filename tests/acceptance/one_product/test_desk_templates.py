"""The desk page writes first: a template is found, filled in, seen, sent once; who wants none; two that become one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import browser
from tests.acceptance import desk
from tests.acceptance.desk import DeskPage
from tests.acceptance.product import Product, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(shared: Product) -> Iterator[DeskPage]:
    """The owner's phone; no error may show up in its console."""
    wrong: list[str] = []
    with browser.opened() as chromium:
        yield DeskPage(desk.window(chromium, wrong), shared).sign_in(shared.token)
    assert wrong == []


def open_id(page: DeskPage) -> str:
    return urlsplit(str(page.page.evaluate("location.href"))).fragment


def fill_in(page: DeskPage, **fields: str) -> None:
    """The template of the emulator's that has two fields, found by its words, by keyboard alone."""
    page.page.locator('[data-role="template"]').first.wait_for()
    page.page.locator('[data-role="template-search"]').fill("ESTA pronto")
    page.page.keyboard.press("Enter")
    for name, value in fields.items():
        page.page.locator(f'[data-field="body.{name[1:]}"]').fill(value)


def test_a_conversation_is_begun_from_the_desk_and_goes_on_when_two_are_one(
    shared: Product, page: DeskPage, customer: str, another: str
) -> None:
    # a number that has never written, beside somebody known for longer: nothing leaves before it is whole
    shared.ask_and_hear(another, "oi, tudo bem?")
    known = shared.conversation(another)
    page.page.locator("#new-conversation").click()
    page.page.locator('[data-role="begin-number"]').fill(f"+{customer}")
    fill_in(page, _1="Bia")
    page.confirm_is_refused("Preencha: Texto, {{2}}")
    page.page.locator('[data-field="body.2"]').fill("<b>1042</b>")
    page.says('[data-role="template-preview"]', "Olá, Bia! Seu pedido <b>1042</b> está pronto.")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= desk.PHONE_WIDTH

    # its answer gets lost, and it is sent again: the customer has it once
    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.page.route("**/api/v1/conversations", lose, times=1)
    page.confirm_is_refused("não sai duas vezes")
    page.confirm()
    page.page.wait_for_function("() => location.hash.length > 1")
    begun = open_id(page)
    page.shows(begun).owner_is("human")
    words = "Olá, Bia! Seu pedido <b>1042</b> está pronto."
    page.line(words)
    until(lambda: shared.answers(customer), "the template on the phone")
    assert [said for said in shared.answers(customer) if words in said] == shared.answers(customer)[:1]
    assert len(shared.answers(customer)) == 1

    # until they write nothing but a template can be sent, and that is in sight
    page.says("#rule", "ainda não escreveu (131047)")
    assert page.box.is_disabled()
    page.page.locator("#template.strong").click()
    fill_in(page, _1="Bia", _2="7")
    page.confirm()
    page.line("Seu pedido 7 está pronto.")

    # who asks for no more is marked with what said so; an operator takes it back when they say so
    shared.say(customer, "PARAR")
    page.says('#standing [data-role="opted-out"]', "Não quer mensagens")
    page.page.locator("#details").click()
    page.says('[data-role="opted"]', "O cliente escreveu que não quer receber")
    page.page.locator('[data-role="opt"]').click()
    page.confirm()
    page.page.locator('[data-role="opted-out"]').wait_for(state="detached")
    contact = shared.rest("GET", f"/conversations/{begun}")[1]["contact"]
    assert contact["opted_out_at"] is None
    page.page.locator("#context-back").click()

    # it turns out to be somebody known: the page is with them at once, and what was typed is there
    page.box.fill("quase pronto")
    status, _ = shared.rest("POST", f"/contacts/{known['contact']['id']}/merge", {"with": contact["id"]})
    assert status == 200
    page.says('[data-role="log"]', "Duas conversas do mesmo cliente viraram esta")
    assert shared.conversation(customer)["id"] == known["id"] != begun
    assert (page.box.input_value(), open_id(page)) == ("quase pronto", known["id"])
    page.box.press("Enter")
    page.sent()
    page.line("quase pronto")


def test_a_place_has_a_link_and_a_message_that_was_read_with_another_says_so(
    shared: Product, page: DeskPage, customer: str
) -> None:
    shared.ask_and_hear(customer, "oi, tudo bem?")
    shared.say(customer, location={"latitude": -23.55, "longitude": -46.63, "name": "<i>Sé</i>"})
    conversation = str(shared.conversation(customer)["id"])

    def together(route: Any) -> None:
        answer = route.fetch()
        found = answer.json()
        found["items"][-1]["answered_with"] = found["items"][0]["id"]
        route.fulfill(response=answer, json=found)

    page.page.route("**/messages?*", together)
    line = page.go(conversation).line("<i>Sé</i>")

    link = line.locator('[data-role="map"]')
    assert str(link.get_attribute("href")).startswith("https://www.openstreetmap.org/?mlat=-23.55&mlon=-46.63")
    assert "noreferrer" in str(link.get_attribute("rel"))
    assert "junto com a anterior" in page.line("<i>Sé</i>").locator('[data-role="together"]').inner_text()
