"""Where Instagram's way out differs from Messenger's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.graph_errors import Fault, rule_for
from connectors.instagram_channel import InstagramChannel
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from conversation.message import Author
from runtime.channel import Outgoing

IGSID = Address(kind=AddressKind.IGSID, value="6200000000000001")
HELLO = {"message": {"text": "Oi"}}


@pytest.fixture
async def channel(graph: Any) -> AsyncIterator[InstagramChannel]:
    client = GraphClient(total_timeout_s=2)
    graph.answers(body={"recipient_id": IGSID.value, "message_id": "given"})
    yield InstagramChannel(client, lambda account: graph.url)
    await client.close()


def outgoing(body: dict[str, Any] = HELLO, **given: Any) -> Outgoing:
    facts = {"account": "17841", "token": "T", "addresses": [IGSID], "opaque": "9", "check": lambda: None, **given}
    return Outgoing(body=body, **facts)


async def test_a_message_carries_no_mark_and_nobodys_name(channel: InstagramChannel, graph: Any) -> None:
    assert await channel.send(outgoing(author=Author.OPERATOR, persona="555")) == "given"
    (request,) = graph.received
    assert request.path == "/v24.0/17841/messages"
    assert request.body == {"recipient": {"id": IGSID.value}, "messaging_type": "RESPONSE", **HELLO}


async def test_through_facebook_it_goes_by_the_page(channel: InstagramChannel, graph: Any) -> None:
    await channel.send(outgoing(node="8001"))
    assert graph.received[0].path == "/v24.0/8001/messages"


async def test_an_id_of_messengers_is_no_address_here(channel: InstagramChannel, graph: Any) -> None:
    with pytest.raises(SendError, match="Instagram"):
        await channel.send(outgoing(addresses=[Address(kind=AddressKind.PSID, value="1")]))
    assert graph.received == []


async def test_a_person_writes_for_longer_under_the_tag(channel: InstagramChannel, graph: Any) -> None:
    await channel.send(outgoing(author=Author.OPERATOR, window_open=False, human_agent=True))
    assert graph.received[0].body["tag"] == "HUMAN_AGENT"


async def test_there_are_no_utility_messages(channel: InstagramChannel, graph: Any) -> None:
    body = {"message": {"template": {"name": "order_ready"}}, "messaging_type": "UTILITY"}
    with pytest.raises(SendError) as caught:
        await channel.send(outgoing(body, window_open=False))
    error = caught.value
    assert rule_for(error.error_code or 0, error.subcode).fault is Fault.WINDOW
    assert "(10/2534022)" in str(error) and graph.received == []
