"""What a channel can do beside being written to: with the emulator, and with a server that talks rubbish."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import AsyncIterator, Coroutine, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from connectors.graph import GraphClient
from conversation.account import Account, AccountId
from conversation.account import Channel as ChannelName
from conversation.agent import AgentId
from conversation.arrivals import Attachment, Echo, Inbound
from conversation.contact import Address
from conversation.errors import SendError
from emulator import server
from emulator.people import scoped_id
from emulator.settings import start_from
from runtime.abilities import PastConversation, Reach, StoredFile
from runtime.channel import WayOut
from tests.connectors.contract import Contract, each_channel, of
from tests.connectors.emulated import EMULATED, PHONE

OURS = "200000000000777"
PICTURE = "https://example.org/ana.png"
_NUMBERS = itertools.count()


def reach_of(contract: Contract, base_url: str) -> Reach:
    """An account of its own each time: some questions are paced by account."""
    account = Account(
        id=AccountId(f"acc_{next(_NUMBERS)}"), channel=ChannelName(contract.name), provider_id=OURS, name="Cantina",
        agent_id=AgentId("agt_1"),
    )  # fmt: skip
    return Reach(account=account, node=OURS, base_url=base_url, token="EAAtoken")


@pytest.fixture
async def client() -> AsyncIterator[GraphClient]:
    client = GraphClient(connect_timeout_s=5, total_timeout_s=5)
    yield client
    await client.close()


@pytest.fixture
async def emulator(contract: Contract) -> AsyncIterator[str]:
    account = {"id": OURS, "channel": contract.name, "name": "Cantina"}
    settings = {"accounts": [account], "webhook_base": "http://127.0.0.1:9", "conversation_calls_per_s": 0}
    async with server.running(start_from(settings), 0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def way(contract: Contract, client: GraphClient) -> WayOut:
    return contract.way_out(client)


@pytest.fixture
def file(tmp_path: Path) -> StoredFile:
    path = tmp_path / "stored"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return StoredFile(path=path, kind="image", type="image/png", name="bolo.png")


def customer(contract: Contract) -> Address:
    return dataclasses.replace(contract.addresses[0], value=scoped_id(OURS, PHONE))


@of([contract for contract in EMULATED if contract.way_out(GraphClient()).past is not None])
async def test_the_past_and_who_people_are(contract: Contract, way: WayOut, emulator: str) -> None:
    talk = [{"customer": PHONE, "text": "Tem bolo?"}, {"customer": PHONE, "text": "Tem sim.", "by": "shop"}]
    await control(emulator, "outage", hours=24, account=OURS, messages=talk)
    reach = reach_of(contract, emulator)
    assert way.past is not None and way.profiles is not None
    (found,) = (await way.past.conversations(reach)).conversations
    assert found.addresses == (customer(contract),)
    said = await way.past.messages(reach_of(contract, emulator), found)
    assert [(type(each), each.text) for each in said if isinstance(each, (Inbound, Echo))] == [
        (Inbound, "Tem bolo?"),
        (Echo, "Tem sim."),
    ]
    assert all(each.recovered for each in said if isinstance(each, (Inbound, Echo)))
    profile = await way.profiles.profile(reach, customer(contract))
    assert profile is not None and profile.name and profile.picture_url
    with pytest.raises(SendError) as nobody:
        await way.profiles.profile(reach, dataclasses.replace(customer(contract), value="1"))
    assert not nobody.value.retryable


@of([contract for contract in EMULATED if contract.way_out(GraphClient()).subscription is not None])
async def test_being_told_again_after_an_outage(contract: Contract, way: WayOut, emulator: str) -> None:
    reach = reach_of(contract, emulator)
    assert way.subscription is not None and await way.subscription.is_on(reach)
    await control(emulator, "outage", hours=24, account=OURS, customers=1, each=1)
    assert not await way.subscription.is_on(reach)
    await way.subscription.turn_on(reach)
    assert await way.subscription.is_on(reach)


@of([contract for contract in EMULATED if contract.way_out(GraphClient()).threads is not None])
async def test_threads_are_taken_and_handed_on(contract: Contract, way: WayOut, emulator: str) -> None:
    await control(emulator, "outage", hours=1, account=OURS, messages=[{"customer": PHONE, "text": "Oi"}])
    reach, people = reach_of(contract, emulator), [customer(contract)]
    assert way.threads is not None
    await way.threads.take(reach, people, metadata="volto já")
    await way.threads.pass_on(reach, people, app="inbox", metadata="com a Ana")
    with pytest.raises(SendError):
        await way.threads.pass_on(reach, [], app="inbox")


@of([contract for contract in EMULATED if contract.way_out(GraphClient()).files is not None])
async def test_a_file_of_ours_has_an_id_there(contract: Contract, way: WayOut, emulator: str, file: StoredFile) -> None:
    assert way.files is not None
    assert await way.files.upload(reach_of(contract, emulator), file)


@of([contract for contract in EMULATED if contract.way_out(GraphClient()).personas is not None])
async def test_a_person_has_an_id_there(contract: Contract, way: WayOut, emulator: str) -> None:
    assert way.personas is not None
    assert await way.personas.persona(reach_of(contract, emulator), name="Ana", picture_url=PICTURE)


async def control(base: str, path: str, **body: Any) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{base}/emulator/{path}", json=body) as answer:
        assert answer.status == 200, await answer.text()


RUBBISH: list[dict[str, Any]] = [
    {"status": 400, "body": {"error": {"code": 190}}},
    {"status": 400, "body": {"error": {"code": 100, "message": "subscribed_fields[999] must be one of {}"}}},
    {"status": 503, "body": "upstream"},
    {"status": 200, "body": []},
    {"status": 200, "body": {}},
    {
        "status": 200,
        "body": {"data": [1, None, {"id": {}}], "paging": "x", "messages": 3, "name": 4, "id": [], "url": 5},
    },
    {"cut": True},
]


@each_channel
@pytest.mark.parametrize("answer", RUBBISH, ids=map(str, range(len(RUBBISH))))
async def test_whatever_a_server_says_it_is_an_answer_or_a_send_error(
    contract: Contract, way: WayOut, graph: Any, file: StoredFile, answer: dict[str, Any]
) -> None:
    graph.answers(**answer)
    told = [await outcome(asked) for asked in questions(contract, way, graph.url, file)]
    assert all("EAAtoken" not in each for each in told)


async def outcome(asked: Coroutine[Any, Any, Any]) -> str:
    try:
        return str(await asked)
    except SendError as error:
        return str(error)


def questions(contract: Contract, way: WayOut, url: str, file: StoredFile) -> Iterator[Coroutine[Any, Any, Any]]:
    """All that can be asked of this channel."""
    address, people = contract.addresses[0], contract.addresses
    talk = PastConversation(id="t_1", updated_at=datetime.now(timezone.utc), addresses=people)
    if way.profiles is not None:
        yield way.profiles.profile(reach_of(contract, url), address)
    if way.past is not None:
        yield way.past.conversations(reach_of(contract, url))
        yield way.past.messages(reach_of(contract, url), talk)
    if way.threads is not None:
        yield way.threads.pass_on(reach_of(contract, url), people, app="1")
        yield way.threads.take(reach_of(contract, url), people)
        yield way.threads.release(reach_of(contract, url), people)
    if way.subscription is not None:
        yield way.subscription.is_on(reach_of(contract, url))
        yield way.subscription.turn_on(reach_of(contract, url))
    if way.files is not None:
        yield way.files.source(reach_of(contract, url), Attachment(kind="image", id="9", url="https://example.org/p"))
        yield way.files.upload(reach_of(contract, url), file)
    if way.personas is not None:
        yield way.personas.persona(reach_of(contract, url), name="Ana", picture_url=None)
