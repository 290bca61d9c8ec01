"""What the contract suite knows of each channel. It finds them by the enum; most is read off a channel's own payloads.

`payloads/<channel>/` holds bodies by kind, and in `answers/sent.json` what the channel says to a message it takes. What
can't be seen there is in `contracts/<channel>.py`, for those that need it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase

from connectors.graph import GraphClient
from connectors.ways_out import ways_out
from connectors.webhook import WebhookConnector
from conversation.account import Channel as ChannelName
from conversation.arrivals import (
    AccountNews,
    AccountTrouble,
    Arrival,
    Inbound,
    Known,
    MarketingWish,
    SeenUpTo,
    ThreadControl,
    Unfamiliar,
)
from conversation.contact import Address
from conversation.message import Author
from runtime.channel import Outgoing, Utterance, WayOut
from runtime.clock import Clock

Body = dict[str, Any]
NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
#: The id in every `answers/sent.json`.
GIVEN_ID = "given.by.the.channel"
#: To explain a failure takes Hypothesis minutes, and says little.
WITHOUT_EXPLAINING = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
_OURS = Path(__file__).parent / "payloads"


class StillClock:
    """One moment for all bodies of a test."""

    def now(self) -> datetime:
        return NOW


def split_lists(body: Body) -> Iterator[Body]:
    """Its smallest parts, each a body by itself: of every list, one item."""
    lists = {key: value for key, value in body.items() if isinstance(value, list)}
    about = {key: value for key, value in body.items() if key not in lists}
    for key, items in lists.items():
        yield from ({**about, key: [item]} for item in items)


def join_lists(one: Body, other: Body) -> Body | None:
    """Both in one body; None where they can't be: they differ in more than their lists."""
    keys = [key for key in {**one, **other} if not isinstance(one.get(key, other.get(key)), list)]
    if any(one.get(key) != other.get(key) for key in keys):
        return None
    return {key: value if key in keys else [*value, *other.get(key, [])] for key, value in {**other, **one}.items()}


@dataclass(frozen=True, kw_only=True)
class Contract:
    """`cases`: which payload shows what, where its name does not say so.

    `kept_only`: what the emulator's people do that is no conversation's. `split` and `join`: how a body bundles events.
    """

    name: str
    cases: Mapping[str, str] = field(default_factory=dict)
    kept_only: frozenset[str] = frozenset()
    split: Callable[[Body], Iterator[Body]] = split_lists
    join: Callable[[Body, Body], Body | None] = join_lists

    def connector(self, clock: Clock | None = None) -> WebhookConnector:
        """The class of `connectors/<name>.py` that says it is this channel's."""
        for found in vars(importlib.import_module(f"connectors.{self.name}")).values():
            if isinstance(found, type) and issubclass(found, WebhookConnector) and vars(found).get("channel"):
                return found(clock)  # type: ignore[call-arg]
        raise LookupError(f"connectors/{self.name}.py has no way in.")

    def way_out(self, graph: GraphClient, base_url_of: Callable[[str], str] = lambda account: "") -> WayOut:
        return ways_out(graph, lambda channel, account: base_url_of(account))[self.name]

    def body(self, kind: str) -> Body:
        return json.loads((_OURS / self.name / f"{kind}.json").read_text())  # type: ignore[no-any-return]

    def case(self, case: str) -> list[Arrival]:
        return self.connector(StillClock()).parse(self.body(self.cases.get(case, case)))

    def has(self, case: str) -> bool:
        return (_OURS / self.name / f"{self.cases.get(case, case)}.json").exists()

    @property
    def text(self) -> Inbound:
        """What somebody wrote, in `text.json`: whose account our payloads are of, and who writes to it."""
        (found,) = self.case("text")
        assert isinstance(found, Inbound)
        return found

    @property
    def account(self) -> str:
        return self.text.account

    @property
    def addresses(self) -> tuple[Address, ...]:
        return self.text.addresses

    @property
    def accepted(self) -> Any:
        return self.body("answers/sent")

    def outgoing(self, body: Mapping[str, Any], **given: Any) -> Outgoing:
        facts = {"token": "EAAtoken", "opaque": "1", "check": lambda: None, **given}
        return Outgoing(**{"account": self.account, "addresses": self.addresses, "body": dict(body), **facts})

    def said(self) -> Outgoing:
        (rendered,) = self.way_out(GraphClient()).channel.render(Utterance(text="Olá!"), lambda: "token")
        return self.outgoing(rendered.body, author=Author.BOT)


def _contract(name: str) -> Contract:
    own = f"tests.connectors.contracts.{name}"
    if importlib.util.find_spec(own) is None:
        return Contract(name=name)
    found: Contract = importlib.import_module(own).CONTRACT
    return found


CONTRACTS = [_contract(channel.value) for channel in ChannelName]


def of(contracts: list[Contract]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("contract", contracts, ids=lambda contract: contract.name)


each_channel = of(CONTRACTS)


def each_with(case: str) -> pytest.MarkDecorator:
    """The channels on which there is such a thing."""
    return of([contract for contract in CONTRACTS if contract.has(case)])


def payload_files(channel: str) -> list[Path]:
    """Ours, and those in the folder that BATON_PAYLOADS names."""
    folders = [_OURS, *map(Path, filter(None, [os.environ.get("BATON_PAYLOADS")]))]
    return [file for folder in folders for file in sorted((folder / channel).glob("*.json"))]


each_body = pytest.mark.parametrize(
    ("contract", "file"),
    [
        pytest.param(contract, file, id=f"{file.parent.parent.name}-{contract.name}-{file.stem}")
        for contract in CONTRACTS
        for file in payload_files(contract.name)
    ],
)


def key_of(arrival: Arrival) -> str | None:
    """What an arrival is known by, should it come again."""
    if isinstance(arrival, SeenUpTo):
        return f"{arrival.status} {arrival.until} {arrival.provider_ids}"
    by_key = (Unfamiliar, ThreadControl, AccountTrouble, AccountNews, MarketingWish, Known)
    return arrival.key if isinstance(arrival, by_key) else arrival.provider_id
