"""What a row is about, made when it is first named, and for this row alone: an account, a talk, a request, an agent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.dashboards.page import Answer, Page
from bench.harness import customers
from bench.harness.customers import Customer
from bench.harness.entry import CannotMeasure
from bench.harness.product import Product
from bench.harness.state import _FIRST_ID

#: Words that must stand in no answer: tokens and keys that accounts and agents were given.
SECRET = "bench-secret-word"
PASSWORD = "a long enough pass phrase"
_NAME = re.compile(r"\{(\w+)\}")
_WAIT_S, _LOOK_S = 20.0, 0.03


@dataclass(kw_only=True)
class Scene:
    """What all rows have: the running product, a page signed in as an admin, and one account of each channel."""

    product: Product
    page: Page
    #: By channel: our id of the account, and the channel's.
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    _phones: Any = field(default_factory=lambda: itertools.count(5511970000001))
    _more: Any = field(default_factory=lambda: itertools.count(500))

    async def begin(self) -> None:
        listed = await self.own("GET", "accounts")
        for each in listed["items"]:
            self.accounts[each["channel"]] = (each["id"], each["provider_id"])

    def phone(self) -> str:
        return str(next(self._phones))

    def provider_id(self, channel: str) -> str:
        return str(_FIRST_ID[channel] + next(self._more))

    def number(self) -> int:
        return int(next(self._more))

    async def own(self, method: str, path: str, body: Any = None, params: Any = None) -> Any:
        """By our own API, which the dashboard's is a translation of."""
        answered = await self.product.operators.ask(method, path, body, params)
        if answered.status >= 300:
            raise CannotMeasure(f"{method} {path} was answered {answered.status}: {answered.body}")
        return answered.body


class Given:
    """`on`: the channel of what is made."""

    def __init__(self, scene: Scene, on: str) -> None:
        self.scene, self.on = scene, on
        self.made: dict[str, Any] = {}

    @property
    def page(self) -> Page:
        return self.scene.page

    async def filled(self, template: Any) -> Any:
        """With all it names put in. What is nothing but a name becomes what is named, be it a text or not."""
        if isinstance(template, dict):
            return {name: await self.filled(value) for name, value in template.items()}
        if isinstance(template, list):
            return [await self.filled(each) for each in template]
        if not isinstance(template, str):
            return template
        alone = _NAME.fullmatch(template)
        if alone is not None:
            return await self.get(alone[1])
        for name in _NAME.findall(template):
            template = template.replace(f"{{{name}}}", str(await self.get(name)))
        return template

    async def get(self, name: str) -> Any:
        if name not in self.made:
            maker: Callable[[], Any] = getattr(self, f"_{name}")
            self.made[name] = await maker()
        return self.made[name]

    # accounts

    async def _account(self) -> str:
        return self.scene.accounts[self.on][0]

    async def _provider(self) -> str:
        """What the channel calls the account that `talk` is on."""
        return self.scene.accounts[self.on][1] if "spare" not in self.made else self.made["spare_provider"]

    async def _spare(self) -> str:
        """An account of this row's own, with a token and an agent of its own."""
        provider = self.made["spare_provider"] = await self._unknown()
        agent = await self._own_agent()
        body: dict[str, Any] = {
            "channel": self.on,
            "provider_id": provider,
            "name": f"Spare {provider[-4:]}",
            "token": f"{SECRET}-{provider}",
            "agent": agent,
        }
        if self.on == "instagram":
            body["channel_settings"] = {"login": "facebook", "page_id": self.made["page_id"]}
        if self.on == "whatsapp":
            body["channel_settings"] = {"waba_id": "300000000000001"}
        made = await self.scene.own("POST", "accounts", body)
        return str(made["id"])

    async def _unknown(self) -> str:
        """A number, Page or account that there is, and that is nobody's here."""
        provider = self.scene.provider_id(self.on)
        body = {"channel": self.on, "id": provider, "name": f"Spare {provider[-4:]}"}
        if self.on == "instagram":
            body["page_id"] = self.made["page_id"] = self.scene.provider_id("messenger")
        await self.scene.product.emulator.ask("POST", "accounts", body)
        return provider

    async def _own_agent(self) -> str:
        name = f"agent {self.scene.number()}"
        made = await self.scene.own("POST", "agents", {"name": name, "status": "active"})
        self.made["own_agent"] = str(made["id"])
        return str(made["id"])

    # who talks

    async def _customer(self) -> Customer:
        phone = self.scene.phone()
        return Customer(phone=phone, number=await self.get("provider"), channel=self.on)

    async def _peer(self) -> str:
        customer: Customer = await self.get("customer")
        return customer.address

    async def _reached(self) -> str:
        """Whoever is talked with: they have written."""
        await self.get("talk")
        return str(await self.get("peer"))

    async def _held(self) -> str:
        """Whoever talks with the person that asks."""
        await self.get("unanswered")
        return str(await self.get("peer"))

    async def _talk(self) -> str:
        """A conversation: the customer has written, and was answered."""
        customer: Customer = await self.get("customer")
        began_ns = time.monotonic_ns()
        await customer.say(self.scene.product, "hello")
        if not await customer.is_answered(self.scene.product, began_ns, _WAIT_S):
            raise CannotMeasure("A customer who said hello was not answered.")
        return await self._conversation_of(customer)

    async def _unanswered(self) -> str:
        """A conversation that a person has, with something in it that nobody has read."""
        talk = str(await self.get("talk"))
        await self.scene.own("POST", f"conversations/{talk}/take", {})
        await self.says("are you there?")
        await self.until(lambda: self._unread(talk), "something is unread")
        return talk

    async def _asked(self) -> str:
        """The id of a request for a person that waits."""
        talk = await self.get("talk")
        await self.scene.own("POST", f"conversations/{talk}/request", {"reason": "complaint"})
        listed = await self.scene.own("GET", "requests", params={"limit": "200"})
        return str(next(each["id"] for each in listed["items"] if each["conversation_id"] == talk))

    async def _message(self) -> str:
        """The last message of the talk."""
        talk = await self.get("talk")
        listed = await self.scene.product.operators.messages(talk)
        return str(listed[-1]["id"])

    async def _conversation_of(self, customer: Customer) -> str:
        """The product is asked for it by the address; where a number may be written in two ways, it knows both."""
        account = self.made.get("spare") or self.scene.accounts[self.on][0]
        query = {"account": str(account), "address": customer.address}
        found: list[Any] = []

        async def looked() -> bool:
            found[:] = (await self.scene.own("GET", "conversations", params=query))["items"]
            return bool(found)

        await self.until(looked, "the conversation is there")
        customer.conversation_id = str(found[0]["id"])
        return customer.conversation_id

    async def _unread(self, talk: str) -> bool:
        return bool((await self.scene.own("GET", f"conversations/{talk}"))["unread"])

    # agents and people

    async def _agent(self) -> str:
        """An agent with a talk on an account of its own."""
        await self.get("spare")
        await self.get("talk")
        return str(self.made["own_agent"])

    async def _idle_agent(self) -> str:
        made = await self.scene.own("POST", "agents", {"name": f"agent {self.scene.number()}", "status": "active"})
        return str(made["id"])

    async def _session(self) -> str:
        """Of the agent, with the talk."""
        agent = await self.get("agent")
        found: list[Any] = []

        async def looked() -> bool:
            found[:] = (await self.page.ask("GET", f"/agents/{agent}/conversations/")).results
            return bool(found)

        await self.until(looked, "the agent has a session")
        return str(found[0]["session_id"])

    async def _new_name(self) -> str:
        return f"new {self.scene.number()}"

    async def _once(self) -> str:
        """A mark of a request that is sent once only, however often it is asked."""
        return f"{self.scene.number():08d}-0000-4000-8000-000000000000"

    async def _person(self) -> str:
        name = f"person {self.scene.number()}"
        await self.scene.own("POST", "operators", {"name": name, "role": "admin", "password": PASSWORD})
        return name

    async def _signed_in(self) -> Page:
        """A page of somebody of this row's own."""
        asked = {"email": await self.get("person"), "password": PASSWORD}
        answer = await self.page.signed_out().ask("POST", "/auth/login/", asked)
        if answer.status != 200:
            raise CannotMeasure(f"Nobody can sign in: {answer}")
        return Page(http=self.page.http, address=self.page.address, token=answer.body["token"])

    # what happens meanwhile

    async def says(self, text: str) -> None:
        """The customer of the talk writes."""
        customer: Customer = await self.get("customer")
        await customer.say(self.scene.product, text)

    async def is_answered_to(self, text: str) -> bool:
        """The customer writes; whether the assistant answers, once nothing more is to come."""
        customer: Customer = await self.get("customer")
        began_ns = time.monotonic_ns()
        await customer.say(self.scene.product, text)
        if not customer.conversation_id:
            await self._conversation_of(customer)
        if not await customer.settle(self.scene.product, _WAIT_S):
            raise CannotMeasure("A message had no verdict in time.")
        found = self.scene.product.journal
        return any(
            request.to == customer.address and request.received_ns > began_ns and customers.is_scripted(request)
            for request in await found.whole()
        )

    async def heard(self, text: str) -> int:
        """How often the customer got this text, once they did."""
        customer: Customer = await self.get("customer")
        product = self.scene.product
        await product.journal.arrived(customer.number, lambda r: text in (r.text or ""), _WAIT_S)
        await customer.settle(product, _WAIT_S)
        return sum(text in (request.text or "") for request in await product.journal.whole() if request.accepted)

    async def until(self, fact: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + _WAIT_S
        while not await fact():
            if time.monotonic() > deadline:
                raise CannotMeasure(f"It did not come to this: {what}.")
            await asyncio.sleep(_LOOK_S)

    async def leave(self) -> None:
        """Nothing of it is in another row's way."""
        if "spare" in self.made:
            with contextlib.suppress(CannotMeasure):
                await self.scene.own("PATCH", f"accounts/{self.made['spare']}", {"active": False})


def id_of(answer: Answer) -> str:
    return str(answer.body["id"])
