"""WhatsApp's way out: to whom, with what, and the signs."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.whatsapp_channel import WhatsAppChannel
from conversation.contact import Address, AddressKind
from conversation.message import Author
from runtime.channel import Outgoing

PHONE = Address(kind=AddressKind.PHONE, value="5511988880001")
BSUID = Address(kind=AddressKind.BSUID, value="BR.1001")


@pytest.fixture
async def channel(graph: Any) -> AsyncIterator[WhatsAppChannel]:
    client = GraphClient(total_timeout_s=2)
    yield WhatsAppChannel(client, lambda account: graph.url)
    await client.close()


def outgoing(body: dict[str, Any], addresses: Sequence[Address] = (BSUID, PHONE), token: str | None = "T") -> Outgoing:
    return Outgoing(account="7001", token=token, addresses=addresses, body=body, opaque="row-9", check=lambda: None)


async def test_a_message_goes_to_the_phone_number_with_a_plus(channel: WhatsAppChannel, graph: Any) -> None:
    body = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "Oi"}}
    assert await channel.send(outgoing(body)) == "given.by.graph"
    (request,) = graph.received
    assert request.path == "/v24.0/7001/messages"
    assert request.body == {**body, "to": "+5511988880001", "biz_opaque_callback_data": "row-9"}


async def test_without_a_phone_number_it_goes_to_the_scoped_id(channel: WhatsAppChannel, graph: Any) -> None:
    await channel.send(outgoing({"type": "text"}, [BSUID]))
    assert graph.received[0].body["recipient"] == "BR.1001" and "to" not in graph.received[0].body


async def test_without_a_token_there_is_no_header(channel: WhatsAppChannel, graph: Any) -> None:
    await channel.send(outgoing({"type": "text"}, token=None))
    assert "Authorization" not in graph.received[0].headers


@pytest.mark.parametrize("typing", [True, False])
async def test_the_sign_that_a_message_was_seen_is_no_message(
    channel: WhatsAppChannel, graph: Any, typing: bool
) -> None:
    graph.answers(body={"success": True})
    (body,) = channel.signals("wamid.T1", typing=typing, author=Author.BOT)
    assert body is not None and await channel.send(outgoing(body)) is None
    expected: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.T1"}
    if typing:
        expected["typing_indicator"] = {"type": "text"}
    assert graph.received[0].body == expected


@pytest.mark.parametrize(
    ("named", "learned"),
    [
        (
            {"input": "+5511988880001", "wa_id": "551188880001", "user_id": "BR.1001"},
            [PHONE, Address(kind=AddressKind.PHONE, value="551188880001"), BSUID],
        ),
        ({"input": "BR.1001", "user_id": "BR.1001"}, [BSUID]),
        ({"input": "+5511988880001", "wa_id": None, "user_id": "@joana"}, [PHONE]),
    ],
)
async def test_the_answer_tells_what_they_are_known_by(
    channel: WhatsAppChannel, graph: Any, named: dict[str, Any], learned: list[Address]
) -> None:
    graph.answers(body={"contacts": [named], "messages": [{"id": "wamid.1"}]})
    told: list[Address] = []
    await channel.send(dataclasses.replace(outgoing({"type": "text"}), learn=told.extend))
    assert told == learned


async def test_an_answer_that_names_several_tells_nothing_of_anybody(channel: WhatsAppChannel, graph: Any) -> None:
    people = [{"input": "+5511988880001", "wa_id": "5511988880001"}, {"input": "BR.1001", "user_id": "BR.1001"}]
    graph.answers(body={"contacts": people, "messages": [{"id": "wamid.1"}]})
    told: list[Address] = []
    await channel.send(dataclasses.replace(outgoing({"type": "text"}), learn=told.extend))
    assert told == []
