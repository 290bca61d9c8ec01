"""Every channel: verify refuses, parse keeps all, send maps each error. A new one joins by a line."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.graph import GraphClient
from connectors.graph_errors import ERRORS
from connectors.instagram import Instagram
from connectors.instagram_channel import InstagramChannel
from connectors.messenger import Messenger
from connectors.messenger_channel import MessengerChannel
from connectors.signature import sign
from connectors.webhook import WebhookConnector
from connectors.whatsapp import WhatsApp
from connectors.whatsapp_channel import WhatsAppChannel
from conversation.arrivals import AccountTrouble, Arrival, Inbound, SeenUpTo, ThreadControl, Unfamiliar
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from conversation.message import Author
from runtime.channel import Channel, Outgoing, Utterance


@dataclass(frozen=True, kw_only=True)
class Contract:
    name: str
    connector: Callable[..., WebhookConnector]
    channel: Callable[[GraphClient, Callable[[str], str]], Channel]
    account: str  # whose number, Page or Instagram account our own payloads are of
    address: Address
    accepted: Mapping[str, Any]  # Graph API's answer to a message taken


CONTRACTS = [
    Contract(
        name="whatsapp",
        connector=WhatsApp,
        channel=WhatsAppChannel,
        account="700000000000001",
        address=Address(kind=AddressKind.PHONE, value="5511988880001"),
        accepted={"messages": [{"id": "given.by.graph"}]},
    ),
    Contract(
        name="messenger",
        connector=Messenger,
        channel=MessengerChannel,
        account="710000000000001",
        address=Address(kind=AddressKind.PSID, value="6100000000000001"),
        accepted={"recipient_id": "6100000000000001", "message_id": "given.by.graph"},
    ),
    Contract(
        name="instagram",
        connector=Instagram,
        channel=InstagramChannel,
        account="17841700000000001",
        address=Address(kind=AddressKind.IGSID, value="6200000000000001"),
        accepted={"recipient_id": "6200000000000001", "message_id": "given.by.graph"},
    ),
]


def payload_files(channel: str) -> list[Path]:
    """Ours, and those in the folder that BATON_PAYLOADS names."""
    folders = [
        Path(__file__).parent / "payloads",
        *map(Path, filter(None, [os.environ.get("BATON_PAYLOADS")])),
    ]
    return [file for folder in folders for file in sorted((folder / channel).glob("*.json"))]


BODIES = [
    pytest.param(contract, file, id=f"{file.parent.parent.name}-{contract.name}-{file.stem}")
    for contract in CONTRACTS
    for file in payload_files(contract.name)
]
each_channel = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


# Verify refuses.


@each_channel
async def test_a_body_is_taken_only_with_its_own_accounts_signature(contract, serve, entrance) -> None:  # type: ignore[no-untyped-def]
    raw = payload_files(contract.name)[0].read_bytes()
    entrance.known = {**entrance.known, contract.account: ("own-secret",)}
    url = await serve(contract.connector(), entrance)
    for header, status in [
        (None, 403),
        ("sha256=" + "0" * 64, 403),
        (sign(raw + b" ", "own-secret"), 403),
        (sign(raw, "secret-a"), 403 if contract.account in str(json.loads(raw)) else 200),
        (sign(raw, "own-secret"), 200),
    ]:
        assert await post(f"{url}/webhook", raw, header) == status, header


async def post(url: str, raw: bytes, header: str | None) -> int:
    headers = {"X-Hub-Signature-256": header} if header else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=raw, headers=headers) as answer:
        return answer.status


# Parse keeps all.


@pytest.mark.parametrize(("contract", "file"), BODIES)
def test_every_id_of_a_body_is_in_an_arrival(contract: Contract, file: Path) -> None:
    body = json.loads(file.read_text())
    arrivals = contract.connector().parse(body)
    assert arrivals, "something was said"
    kept = json.dumps([asdict(arrival) for arrival in arrivals], default=str, ensure_ascii=False)
    missing = {found for found in ids_in(body) if found not in kept}
    assert not missing


def ids_in(value: Any) -> Iterator[str]:
    """The ids of messages, posts and reactions: what stands at `id`, `mid` and the like below the entries.

    An edit or a revocation has one too, on WhatsApp, but is of the message that it names.
    """
    if isinstance(value, dict):
        has_own = ("timestamp" in value or "type" in value) and value.get("type") not in ("edit", "revoke")
        for key, item in value.items():
            if key in ("mid", "message_id", "comment_id", "original_message_id") or (key == "id" and has_own):
                yield str(item)
            yield from ids_in(item)
    if isinstance(value, list):
        for item in value:
            yield from ids_in(item)


@pytest.mark.parametrize(("contract", "file"), BODIES)
def test_a_body_of_an_account_that_is_not_ours_is_kept_for_no_conversation(contract: Contract, file: Path) -> None:
    connector = contract.connector()
    body = json.loads(file.read_text())
    arrivals = connector.parse(body, known=set())
    accounts = connector.accounts_in(body)
    assert arrivals and all(isinstance(arrival, Unfamiliar) for arrival in arrivals)
    assert {arrival.account for arrival in arrivals if arrival.kind == "unknown_account"} == accounts  # type: ignore[union-attr]


@pytest.mark.parametrize(("contract", "file"), BODIES)
def test_the_same_body_twice_is_known_again(contract: Contract, file: Path) -> None:
    body = json.loads(file.read_text())
    keys = [[key_of(arrival) for arrival in contract.connector().parse(body)] for _ in range(2)]
    assert keys[0] == keys[1] and all(keys[0])


def key_of(arrival: Arrival) -> str | None:
    if isinstance(arrival, SeenUpTo):
        return f"{arrival.status} {arrival.until} {arrival.provider_ids}"
    return arrival.key if isinstance(arrival, (Unfamiliar, ThreadControl, AccountTrouble)) else arrival.provider_id


class StillClock:
    """One moment for all bodies of a test."""

    def now(self) -> datetime:
        return datetime(2026, 11, 1, tzinfo=timezone.utc)


@each_channel
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_however_events_are_spread_over_entries_and_bodies_they_are_the_same(
    contract: Contract, data: st.DataObject
) -> None:
    connector = contract.connector(StillClock())
    events = [event for file in payload_files(contract.name) for event in events_of(json.loads(file.read_text()))]
    some = data.draw(st.lists(st.sampled_from(events), min_size=1, max_size=8))
    alone = [arrival for event in some for arrival in connector.parse(body_of(event))]

    spread = []
    for body in data.draw(regrouped(data.draw(st.permutations(some + some[:2])))):
        spread += connector.parse(body)

    assert {repr(arrival) for arrival in spread} == {repr(arrival) for arrival in alone}
    assert {key_of(arrival) for arrival in alone if isinstance(arrival, Inbound)} == {
        arrival.provider_id for arrival in spread if isinstance(arrival, Inbound)
    }


Entry = tuple[str, dict[str, Any]]  # the body's object, and one entry of it


def body_of(*events: Entry) -> dict[str, Any]:
    return {"object": events[0][0], "entry": [entry for _, entry in events]}


def events_of(body: dict[str, Any]) -> Iterator[Entry]:
    """Its smallest parts, each an entry by itself."""
    for entry in body["entry"]:
        about = {key: entry[key] for key in ("id", "time") if key in entry}
        for name in ("messaging", "standby", "changes"):
            for item in entry.get(name, []):
                yield from ((body["object"], {**about, name: [part]}) for part in parts_of(item))


def parts_of(item: Any) -> Iterator[Any]:
    """A change of WhatsApp's may tell of many messages of one number; each can come by itself."""
    value = item.get("value", {}) if isinstance(item, dict) else {}
    lists = [key for key in ("messages", "statuses", "message_echoes") if isinstance(value.get(key), list)]
    if len(lists) == 1 and value.keys() <= {"messaging_product", "metadata", "contacts", lists[0]}:
        yield from ({**item, "value": {**value, lists[0]: [part]}} for part in value[lists[0]])
    else:
        yield item


@st.composite
def regrouped(draw: st.DrawFn, events: list[Entry]) -> list[dict[str, Any]]:
    """The events in new bodies, and those of one account and time in one entry, or in several."""
    bodies: list[list[Entry]] = []
    for object_, entry in events:
        if not bodies or draw(st.booleans()):
            bodies.append([])
        last = bodies[-1][-1][1] if bodies[-1] else None
        same = last is not None and all(last.get(key) == entry.get(key) for key in ("id", "time"))
        if last is not None and same and draw(st.booleans()):
            for name in entry.keys() - {"id", "time"}:
                last[name] = [*last.get(name, []), *entry[name]]
        else:
            bodies[-1].append((object_, dict(entry)))
    return [body_of(*body) for body in bodies]


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}),
    st.just([None, 1, "x", {}]), st.just({"id": {"id": 1}, "type": ["text"]}),
    st.sampled_from(["text", "@x", "-1"]),
)  # fmt: skip


@each_channel
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_no_body_however_damaged_makes_it_fail(contract: Contract, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(payload_files(contract.name)))
    body = damaged(json.loads(file.read_text()), data)
    connector = contract.connector()
    assert isinstance(connector.accounts_in(body), set)
    arrivals = connector.parse(body)
    assert all(isinstance(arrival, Unfamiliar) or key_of(arrival) for arrival in arrivals)
    json.dumps([asdict(arrival) for arrival in arrivals], default=str)


def damaged(body: Any, data: st.DataObject) -> Any:
    """One to three places of a body replaced, removed or doubled."""
    body = copy.deepcopy(body)
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(places_in(body))
        if not places:
            return body
        holder, key = data.draw(st.sampled_from(places))
        what = data.draw(st.sampled_from(["replace", "remove", "double"]))
        if what == "remove":
            del holder[key]
        elif what == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(data.draw(JUNK))
    return body


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield value, key
        yield from places_in(item)


# Send maps each error.


@pytest.fixture
async def client() -> AsyncIterator[GraphClient]:
    client = GraphClient(connect_timeout_s=0.5, total_timeout_s=0.5)
    yield client
    await client.close()


class Deadline(Exception):
    """The claim's time is over."""


def outgoing(contract: Contract, body: Mapping[str, Any], check: Callable[[], None] = lambda: None) -> Outgoing:
    return Outgoing(
        account=contract.account, token="EAAtoken", addresses=[contract.address], body=dict(body),
        opaque="row-1", check=check,
    )  # fmt: skip


def said(channel: Channel) -> dict[str, Any]:
    (rendered,) = channel.render(Utterance(text="Olá!"), lambda: "token")
    return rendered.body


@each_channel
async def test_a_message_taken_has_the_id_the_channel_gave_it(contract, client, graph) -> None:  # type: ignore[no-untyped-def]
    channel = contract.channel(client, lambda account: graph.url)
    graph.answers(body=contract.accepted)
    assert await channel.send(outgoing(contract, said(channel))) == "given.by.graph"
    for seen in channel.signals("some.id", typing=True, author=Author.BOT):
        graph.answers(body={"success": True})
        assert await channel.send(outgoing(contract, seen)) is None


@each_channel
async def test_each_account_has_its_own_server(contract, client, graph, nobody_there) -> None:  # type: ignore[no-untyped-def]
    servers = {contract.account: graph.url, "another": nobody_there}
    graph.answers(body=contract.accepted)
    channel = contract.channel(client, lambda account: servers[account])
    await channel.send(outgoing(contract, said(channel)))
    assert len(graph.received) == 1


@each_channel
async def test_every_code_of_metas_table_is_mapped(contract, client, graph) -> None:  # type: ignore[no-untyped-def]
    channel = contract.channel(client, lambda account: graph.url)
    for (code, subcode), rule in ERRORS.items():
        graph.answers(status=400, body={"error": {"code": code, "error_subcode": subcode}})
        with pytest.raises(SendError) as caught:
            await channel.send(outgoing(contract, said(channel)))
        error = caught.value
        assert (error.error_code, error.subcode, error.unknown) == (code, subcode, False)
        assert (error.retryable, error.account_fault) == (rule.retryable, rule.account_fault)


@each_channel
@pytest.mark.parametrize(
    ("answer", "unknown", "retryable"),
    [
        ({"status": 503, "body": {"error": {"code": 2}}}, False, True),
        ({"status": 503, "body": "upstream"}, True, False),
        ({"status": 200, "body": {}}, True, False),
        ({"cut": True}, True, False),
        ({"silent": True}, True, False),
    ],
    ids=["5xx of Graph API", "5xx of somebody else", "no id", "cut", "silence"],
)
async def test_what_is_certain_is_told_from_what_is_not(  # type: ignore[no-untyped-def]
    contract, client, graph, answer, unknown, retryable
) -> None:
    graph.answers(**answer)
    channel = contract.channel(client, lambda account: graph.url)
    with pytest.raises(SendError) as caught:
        await channel.send(outgoing(contract, said(channel)))
    assert (caught.value.unknown, caught.value.retryable) == (unknown, retryable)
    assert len(graph.received) == 1


@each_channel
async def test_a_server_that_is_not_there_got_nothing(contract, client, nobody_there) -> None:  # type: ignore[no-untyped-def]
    channel = contract.channel(client, lambda account: nobody_there)
    with pytest.raises(SendError) as caught:
        await channel.send(outgoing(contract, said(channel)))
    assert caught.value.retryable and not caught.value.unknown


@each_channel
async def test_after_the_deadline_nothing_is_sent(contract, client, graph) -> None:  # type: ignore[no-untyped-def]
    def too_late() -> None:
        raise Deadline

    channel = contract.channel(client, lambda account: graph.url)
    with pytest.raises(Deadline):
        await channel.send(outgoing(contract, said(channel), too_late))
    assert graph.received == []


@each_channel
async def test_a_contact_without_an_address_is_no_fault_of_the_account(contract, client, graph) -> None:  # type: ignore[no-untyped-def]
    channel = contract.channel(client, lambda account: graph.url)
    nowhere = outgoing(contract, said(channel))
    object.__setattr__(nowhere, "addresses", [])
    with pytest.raises(SendError) as caught:
        await channel.send(nowhere)
    assert not (caught.value.retryable or caught.value.unknown or caught.value.account_fault)
    assert graph.received == []


@each_channel
def test_nothing_said_is_nothing_sent(contract: Contract) -> None:
    channel = contract.channel(GraphClient(), lambda account: "")
    assert channel.render(Utterance(), lambda: "token") == []
    assert channel.render(Utterance(text="  \n "), lambda: "token") == []


@each_channel
@settings(deadline=None)
@given(
    text=st.one_of(st.none(), st.text(max_size=20), st.integers(0, 9000).map(lambda n: "Uma frase. " * (n // 11))),
    buttons=st.lists(
        st.dictionaries(st.sampled_from(["title", "payload", "description", "url"]), st.text(max_size=90)),
        max_size=12,
    ),
)
def test_no_utterance_makes_it_fail_and_every_button_has_its_own_id(contract, text, buttons) -> None:  # type: ignore[no-untyped-def]
    count = iter(range(1000))
    channel = contract.channel(GraphClient(), lambda account: "")
    rendered = channel.render(Utterance(text=text, buttons=buttons), lambda: f"token_{next(count)}")
    tokens = [button.token for request in rendered for button in request.buttons]
    assert len(set(tokens)) == len(tokens)
    for request in rendered:
        raw = json.dumps(request.body)
        assert all(button.token in raw and button.payload for button in request.buttons)
