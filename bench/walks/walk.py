"""One walk over the pages: a browser's page that somebody is signed in on, customers who write meanwhile, and facts."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bench.dashboards.given import Given, Scene
from bench.harness import customers
from bench.harness.customers import Customer
from bench.harness.entry import CannotMeasure
from bench.walks.watch import Watch

#: A page polls some things every 30 or 60 s: what is to be seen live must be there long before.
WAIT_MS = 12_000
ANSWER_S = 20.0


class NotSo(Exception):
    """A fact that a person would miss on the page."""


@dataclass(kw_only=True)
class Walk:
    """`pages`: the address the build is served at. `page`: Playwright's."""

    scene: Scene
    page: Any
    pages: str
    watch: Watch
    operator: str
    password: str
    #: Where this build has its page of those who wait, and its pages of the earlier generation.
    queue_at: str
    earlier_at: str
    #: What earlier steps of the group left for later ones.
    left: dict[str, Any] = field(default_factory=dict)
    _given: dict[str, Given] = field(default_factory=dict)

    # where one is

    async def goes_to(self, path: str) -> None:
        await self.page.goto(f"{self.pages}{path}")
        await self.page.wait_for_load_state("domcontentloaded")

    async def sees(self, what: Any, how_often: int | None = None) -> Any:
        """`what`: a text, or a place on the page. How it is found is a person's way: it must be visible."""
        found = self.page.get_by_text(what) if isinstance(what, str) else what
        if how_often is not None:
            await self.until(lambda: _count_is(found, how_often), f"{what} is there {how_often} times")
            return found
        await found.first.wait_for(state="visible", timeout=WAIT_MS)
        return found.first

    async def sees_no_more(self, what: Any) -> None:
        found = self.page.get_by_text(what) if isinstance(what, str) else what
        await self.until(lambda: _count_is(found, 0), f"{what} is gone")

    async def presses(self, name: str, inside: Any = None) -> None:
        """A button, by what stands on it or what it is called."""
        await (inside or self.page).get_by_role("button", name=name).first.click(timeout=WAIT_MS)

    def titled(self, title: str, inside: Any = None) -> Any:
        return (inside or self.page).get_by_title(title, exact=True)

    async def path_is(self, pattern: str) -> None:
        await self.page.wait_for_url(re.compile(re.escape(self.pages) + pattern), timeout=WAIT_MS)

    # who writes

    def on(self, channel: str, mark: str = "") -> Given:
        """Whatever is made for this group on this channel; another mark is another customer."""
        return self._given.setdefault(f"{channel} {mark}", Given(self.scene, channel))

    async def somebody(self, channel: str, name: str, mark: str = "") -> Given:
        """A customer with this name, who has written and was answered."""
        given = self.on(channel, mark)
        if "talk" not in given.made:
            customer: Customer = await given.get("customer")
            await self.scene.product.emulator.ask("POST", "customers", {"phone": customer.phone, "name": name})
            talk = await given.get("talk")
            # Instagram and Messenger tell names only when they are asked.
            await self.until(lambda: self._is_called(talk, name), f"{name} is known by name")
        return given

    async def _is_called(self, talk: str, name: str) -> bool:
        shown = await self.scene.own("GET", f"conversations/{talk}")
        return bool(shown["contact"]["name"] == name)

    async def answer_to(self, given: Given, text: str) -> str | None:
        """The customer writes. What the assistant says to it, once nothing more is to come; None: it is silent."""
        customer: Customer = await given.get("customer")
        began_ns = time.monotonic_ns()
        await customer.say(self.scene.product, text)
        if not await customer.settle(self.scene.product, ANSWER_S):
            raise CannotMeasure("A message had no verdict in time.")
        for request in await self.scene.product.journal.whole():
            is_new = request.to == customer.address and request.received_ns > began_ns
            if is_new and request.text and customers.is_bots(request):
                return request.text
        return None

    async def got(self, given: Given, text: str) -> None:
        """The customer got it, once."""
        times = await given.heard(text)
        if times != 1:
            raise NotSo(f"the customer got {text!r} {times} times")

    async def state_of(self, given: Given) -> str:
        shown = await self.scene.own("GET", f"conversations/{await given.get('talk')}")
        return str(shown["state"])

    # facts

    async def until(self, fact: Callable[[], Awaitable[Any]], what: str) -> None:
        deadline = time.monotonic() + WAIT_MS / 1000
        while not await fact():
            if time.monotonic() > deadline:
                raise NotSo(f"it did not come to this: {what}")
            await self.page.wait_for_timeout(50)

    async def leave(self) -> None:
        for given in self._given.values():
            await given.leave()


def must(fact: Any, otherwise: str) -> None:
    if not fact:
        raise NotSo(otherwise)


async def _count_is(found: Any, count: int) -> bool:
    return int(await found.count()) == count


def signed_in(token: str, operator: str) -> str:
    """What the pages keep of a sign-in, as a script that a browser runs before each."""
    user = {"id": operator, "email": operator, "first_name": operator, "last_name": ""}
    kept = {"state": {"token": token, "user": user, "isAuthenticated": True}, "version": 0}
    name, words = json.dumps("auth-storage"), json.dumps(json.dumps(kept))
    return f"if (!localStorage.getItem({name})) localStorage.setItem({name}, {words});"
