"""The desk page as an operator uses it, by what it shows and by nothing else."""

from __future__ import annotations

import re
from typing import Any

from tests import browser
from tests.acceptance.product import Product

PHONE_WIDTH, DESK_WIDTH = 360, 1280
#: The browser is far from the shop: what it shows as time is the shop's.
FAR_AWAY = "Asia/Tokyo"


class DeskPage:
    """One operator's window."""

    def __init__(self, page: Any, product: Product) -> None:
        self.page, self.product = page, product

    def sign_in(self, token: str) -> DeskPage:
        self.page.goto(self.product.url + "/desk")
        self.page.locator("#other-way").click()
        self.page.locator("#token").fill(token)
        self.page.locator("#sign-in-button").click()
        self.page.locator("#desk").wait_for()
        return self

    def go(self, conversation: str) -> DeskPage:
        """By the link that an alert carries."""
        self.page.goto(f"{self.product.url}/desk#{conversation}")
        return self.shows(conversation)

    def shows(self, conversation: str) -> DeskPage:
        self.page.wait_for_function("id => location.hash === '#' + id", arg=conversation)
        self.page.locator("#composer").wait_for()
        return self

    def tab(self, name: str) -> DeskPage:
        self.page.locator(f'#tabs [data-tab="{name}"]').click()
        return self

    def row(self, conversation: str) -> Any:
        return self.page.locator(f'[data-role="row"][data-conversation="{conversation}"]')

    def order_of(self, *conversations: str) -> list[str]:
        """These, as they stand in the list; others in it are somebody else's."""
        rows = self.page.locator('[data-role="row"]')
        ids = [rows.nth(index).get_attribute("data-conversation") for index in range(rows.count())]
        return [each for each in ids if each in conversations]

    def command(self, name: str) -> Any:
        """A button beside the name, or under "More", which is opened then."""
        found = self.page.locator(f'[data-role="command-{name}"]')
        found.wait_for(state="attached")
        if not found.is_visible():
            self.page.locator("#rest summary").click()
        return found

    def owner_is(self, state: str) -> Any:
        owner = self.page.locator(f'[data-role="owner"][data-state="{state}"]')
        owner.wait_for()
        return owner

    def in_flight(self) -> Any:
        line = self.page.locator('[data-role="in-flight"]')
        line.wait_for()
        return line

    def line(self, text: str) -> Any:
        """The line of the transcript with this text."""
        found = self.page.locator('[data-role="line"]', has_text=text).last
        found.wait_for()
        return found

    @property
    def box(self) -> Any:
        return self.page.locator("#box")

    def write(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def sent(self) -> None:
        """The box is empty, so what was in it has arrived."""
        self.page.wait_for_function("() => document.getElementById('box').value === ''")

    def confirm(self) -> None:
        self.page.locator('[data-role="dialog-yes"]').click()
        self.page.locator("dialog").wait_for(state="detached")

    def confirm_is_refused(self, why: str) -> None:
        self.page.locator('[data-role="dialog-yes"]').click()
        self.says('[data-role="dialog-problem"]', why)

    def says(self, selector: str, text: str | re.Pattern[str]) -> Any:
        found = self.page.locator(selector, has_text=text).first
        found.wait_for()
        return found


def window(chromium: Any, wrong: list[str], *, width: int = PHONE_WIDTH, locale: str = "pt-BR") -> Any:
    """A browser of its own, as another person has it: nothing kept is shared."""
    context = chromium.new_context(
        locale=locale, viewport={"width": width, "height": 740}, timezone_id=FAR_AWAY, reduced_motion="reduce"
    )
    return browser.watched(context.new_page(), wrong)
