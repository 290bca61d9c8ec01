"""A channel against the emulator's own checks, without a server: what it posts is decided on at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connectors.graph import GraphClient
from connectors.graph_errors import refusal
from conversation.arrivals import Arrival, Inbound
from emulator import networks, people
from emulator.channel import Channel as Network
from emulator.channel import Desk, Done, Said
from emulator.chats import Chats, Item
from emulator.graph_errors import GraphError
from emulator.people import People
from runtime.channel import Channel
from tests.connectors.contract import CONTRACTS, Contract, StillClock
from tests.house import NUMBER

T = TypeVar("T")
PHONE = "5511988887777"
#: The channels that the emulator speaks.
EMULATED = [contract for contract in CONTRACTS if contract.name in networks.networks()]


class DecidingGraph(GraphClient):
    """Posts to the emulator's rules instead of a server."""

    def __init__(self, decide: Callable[[list[str], Any], Done]) -> None:
        super().__init__()
        self._decide = decide
        self.posted: list[Any] = []

    async def post(
        self, path: str, body: Mapping[str, Any], *, base_url: str, token: str | None, check: Callable[[], None]
    ) -> dict[str, Any]:
        check()
        self.posted.append(body)
        try:
            return self._decide(path.split("/")[1:], dict(body)).answer
        except GraphError as error:
            refused = refusal(error.body(None)["error"], error.http_status)
            assert refused is not None
            refused.said = str(error)
            raise refused from None


@dataclass
class Emulated:
    """One account of the emulator's and one customer, and our channel."""

    contract: Contract
    sent: list[Item] = field(default_factory=list)  # what our channel wrote and the emulator took

    def __post_init__(self) -> None:
        self.network: Network = networks.networks()[self.contract.name]
        raw = {"channel": self.contract.name, "id": NUMBER, "name": "Cantina"}
        self.account = people.account_from(raw, [self.contract.name])
        register = People()
        register.add_account(self.account)
        self.customer = register.customer(PHONE)
        self.desk = Desk(people=register, chats=Chats(lambda item: None), enforce_window=True)
        self.desk.chats.customer_wrote(self.account.id, PHONE)
        self.graph = DecidingGraph(self._decide)
        self.channel: Channel = self.contract.way_out(self.graph).channel
        self.parse = self.contract.connector(StillClock()).parse
        (hello,) = self.writes("text", text="Oi")
        assert isinstance(hello, Inbound)
        self.addresses = hello.addresses

    def _decide(self, path: list[str], body: Any) -> Done:
        done = self.network.act(self.desk, self.account, path, body)
        if done.sent is not None:
            self.desk.chats.add(done.sent)
            self.sent.append(done.sent)
        return done

    def send(self, body: Mapping[str, Any], **given: Any) -> str | None:
        made = {"account": self.account.id, "addresses": self.addresses, **given}
        return at_once(self.channel.send(self.contract.outgoing(body, **made)))

    def writes(self, kind: str, **what: Any) -> list[Arrival]:
        """Something the customer does, as our channel reads the emulator's webhook of it."""
        said = Said(id=self.network.new_id(), at_s=1_790_000_000, kind=kind, **what)
        message = self.network.message(self.account, self.customer, said)
        value = self.network.messages_value(self.account, [(self.customer, message)])
        return self.parse(self.network.webhook(self.account, value))

    def reports(self, item: Item, status: str) -> list[Arrival]:
        value = self.network.status_value(self.account, self.customer, item, status)
        return [] if value is None else self.parse(self.network.webhook(self.account, value))


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What waits for nobody needs no loop."""
    with contextlib.closing(work):
        try:
            work.send(None)
        except StopIteration as done:
            value: T = done.value
            return value
    raise asyncio.InvalidStateError("It waits for something.")
