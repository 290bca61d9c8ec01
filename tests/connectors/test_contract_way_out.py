"""Every channel's way out: an id for what was taken, a verdict for what was not, and nothing after the deadline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.graph_errors import ERRORS
from conversation import window
from conversation.account import Channel as ChannelName
from conversation.errors import SendError
from conversation.message import Author
from runtime.channel import Channel, Utterance
from tests.connectors.contract import GIVEN_ID, Contract, each_channel


@pytest.fixture
async def client() -> AsyncIterator[GraphClient]:
    client = GraphClient(connect_timeout_s=0.5, total_timeout_s=0.5)
    yield client
    await client.close()


@pytest.fixture
def channel(contract: Contract, client: GraphClient, graph: Any) -> Channel:
    graph.answers(body=contract.accepted)
    return contract.way_out(client, lambda account: graph.url).channel


class Deadline(Exception):
    """The claim's time is over."""


@each_channel
async def test_a_message_taken_has_the_id_the_channel_gave_it(contract: Contract, channel: Channel, graph: Any) -> None:
    assert await channel.send(contract.said()) == GIVEN_ID
    (request,) = graph.received
    assert request.headers["Authorization"] == "Bearer EAAtoken"


@each_channel
@pytest.mark.parametrize("typing", [True, False])
async def test_signals_make_no_message(contract: Contract, channel: Channel, graph: Any, typing: bool) -> None:
    signals = channel.signals("some.id", typing=typing, author=Author.BOT)
    for signal in signals:
        assert await channel.send(contract.outgoing(signal)) is None
    assert len(graph.received) == len(signals)


@each_channel
async def test_what_may_be_sent_again_stays_as_it_was(contract: Contract, channel: Channel, graph: Any) -> None:
    outgoing = contract.said()
    for _ in range(2):
        await channel.send(outgoing)
    assert outgoing.body == contract.said().body
    assert graph.received[0].body == graph.received[1].body


@each_channel
async def test_each_account_has_its_own_server(
    contract: Contract, client: GraphClient, graph: Any, nobody_there: str
) -> None:
    servers = {contract.account: graph.url, "another": nobody_there}
    graph.answers(body=contract.accepted)
    await contract.way_out(client, lambda account: servers[account]).channel.send(contract.said())
    assert len(graph.received) == 1


@each_channel
async def test_every_code_of_metas_table_is_mapped(contract: Contract, channel: Channel, graph: Any) -> None:
    for (code, subcode), rule in ERRORS.items():
        graph.answers(status=400, body={"error": {"code": code, "error_subcode": subcode}})
        with pytest.raises(SendError) as caught:
            await channel.send(contract.said())
        error = caught.value
        assert (error.error_code, error.subcode, error.unknown) == (code, subcode, False)
        assert (error.course, error.account_fault) == (rule.course, rule.account_fault)


@each_channel
@pytest.mark.parametrize(
    ("answer", "unknown", "retryable"),
    [
        ({"status": 503, "body": {"error": {"code": 2}}}, False, True),
        ({"status": 400, "body": {"error": {"code": 987654}}}, False, False),
        ({"status": 503, "body": "upstream"}, True, False),
        ({"status": 200, "body": {}}, True, False),
        ({"cut": True}, True, False),
        ({"silent": True}, True, False),
    ],
    ids=["5xx of the API", "unlisted", "5xx of somebody else", "no id", "cut", "silence"],
)
async def test_what_is_certain_is_told_from_what_is_not(
    contract: Contract, channel: Channel, graph: Any, answer: dict[str, Any], unknown: bool, retryable: bool
) -> None:
    graph.answers(**answer)
    with pytest.raises(SendError) as caught:
        await channel.send(contract.said())
    assert (caught.value.unknown, caught.value.retryable) == (unknown, retryable)
    assert len(graph.received) == 1


@each_channel
async def test_a_server_that_is_not_there_got_nothing(
    contract: Contract, client: GraphClient, nobody_there: str
) -> None:
    with pytest.raises(SendError) as caught:
        await contract.way_out(client, lambda account: nobody_there).channel.send(contract.said())
    assert caught.value.retryable and not caught.value.unknown


@each_channel
async def test_after_the_deadline_nothing_is_sent(contract: Contract, channel: Channel, graph: Any) -> None:
    def too_late() -> None:
        raise Deadline

    with pytest.raises(Deadline):
        await channel.send(contract.outgoing(contract.said().body, check=too_late))
    assert graph.received == []


@each_channel
async def test_a_contact_without_an_address_is_no_fault_of_the_account(
    contract: Contract, channel: Channel, graph: Any
) -> None:
    with pytest.raises(SendError) as caught:
        await channel.send(contract.outgoing(contract.said().body, addresses=[]))
    assert not (caught.value.retryable or caught.value.unknown or caught.value.account_fault)
    assert graph.received == []


@each_channel
def test_nothing_said_is_nothing_sent(contract: Contract) -> None:
    channel = contract.way_out(GraphClient()).channel
    assert channel.render(Utterance(), lambda: "token") == []
    assert channel.render(Utterance(text="  \n "), lambda: "token") == []


@each_channel
def test_what_holds_outside_the_window_is_said_in_each_language(contract: Contract) -> None:
    rule = window.rule(ChannelName(contract.name))
    assert rule.code == "window_closed" and rule.number
    assert all(len(rule.words[language]) > 20 for language in ("pt", "en"))
