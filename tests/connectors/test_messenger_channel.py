"""Messenger's way out: to whom, in which manner, and what of ours goes with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.graph_errors import Fault, rule_for
from connectors.messenger_channel import MessengerChannel
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from conversation.message import Author
from runtime.channel import Outgoing

PSID = Address(kind=AddressKind.PSID, value="6100000000000001")
USER_REF = Address(kind=AddressKind.USER_REF, value="ref-1")
HELLO = {"message": {"text": "Oi"}}
TAGGED = {**HELLO, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
UTILITY: dict[str, Any] = {
    "message": {"template": {"name": "order_ready", "language": {"code": "pt_BR"}}},
    "messaging_type": "UTILITY",
}


@pytest.fixture
async def channel(graph: Any) -> AsyncIterator[MessengerChannel]:
    client = GraphClient(total_timeout_s=2)
    graph.answers(body={"recipient_id": PSID.value, "message_id": "m_given"})
    yield MessengerChannel(client, lambda account: graph.url)
    await client.close()


def outgoing(body: dict[str, Any] = HELLO, **given: Any) -> Outgoing:
    facts = {"account": "7001", "token": "T", "addresses": [PSID], "opaque": "9", "check": lambda: None, **given}
    return Outgoing(body=body, **facts)


async def test_a_message_goes_to_the_contact_and_carries_our_mark(channel: MessengerChannel, graph: Any) -> None:
    assert await channel.send(outgoing()) == "m_given"
    (request,) = graph.received
    assert request.path == "/v24.0/7001/messages" and request.headers["Authorization"] == "Bearer T"
    assert request.body == {
        "recipient": {"id": PSID.value}, "messaging_type": "RESPONSE", "message": {"text": "Oi", "metadata": "9"},
    }  # fmt: skip
    assert HELLO == {"message": {"text": "Oi"}}, "the body that may be sent again is as it was"


async def test_it_goes_through_another_node_where_there_is_one(channel: MessengerChannel, graph: Any) -> None:
    await channel.send(outgoing(node="8001"))
    assert graph.received[0].path == "/v24.0/8001/messages"


@pytest.mark.parametrize(
    ("addresses", "recipient"),
    [([USER_REF], {"user_ref": "ref-1"}), ([USER_REF, PSID], {"id": PSID.value})],
    ids=["known by a plugin only", "both"],
)
async def test_who_is_known_by_a_plugin_only_is_written_to_by_that(
    channel: MessengerChannel, graph: Any, addresses: list[Address], recipient: dict[str, str]
) -> None:
    await channel.send(outgoing(addresses=addresses))
    assert graph.received[0].body["recipient"] == recipient


async def test_neither_the_recipient_nor_the_mark_is_the_bodys_to_say(channel: MessengerChannel, graph: Any) -> None:
    body = {"recipient": {"id": "1"}, "messaging_type": "UPDATE", "message": {"text": "Oi", "metadata": "x"}}
    await channel.send(outgoing(body))
    assert graph.received[0].body == {
        "recipient": {"id": PSID.value}, "messaging_type": "RESPONSE", "message": {"text": "Oi", "metadata": "9"},
    }  # fmt: skip


async def test_what_the_house_says_by_itself_is_an_update(channel: MessengerChannel, graph: Any) -> None:
    await channel.send(outgoing(author=Author.SYSTEM))
    assert graph.received[0].body["messaging_type"] == "UPDATE"


async def test_a_person_is_shown_by_their_name(channel: MessengerChannel, graph: Any) -> None:
    await channel.send(outgoing(author=Author.OPERATOR, persona="555"))
    assert graph.received[0].body["persona_id"] == "555"


class TestOutsideTheWindow:
    async def test_a_person_writes_under_the_tag_for_people(self, channel: MessengerChannel, graph: Any) -> None:
        await channel.send(outgoing(author=Author.OPERATOR, window_open=False, human_agent=True))
        body = graph.received[0].body
        assert (body["messaging_type"], body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")

    async def test_within_it_there_is_no_tag(self, channel: MessengerChannel, graph: Any) -> None:
        await channel.send(outgoing(TAGGED, author=Author.OPERATOR, human_agent=True))
        assert graph.received[0].body["messaging_type"] == "RESPONSE" and "tag" not in graph.received[0].body

    @pytest.mark.parametrize(
        ("author", "human_agent"),
        [(Author.BOT, True), (Author.SYSTEM, True), (Author.OPERATOR, False)],
        ids=["the assistant", "the house", "a person where Meta has not granted it"],
    )
    async def test_nobody_else_writes_and_meta_is_not_asked(
        self, channel: MessengerChannel, graph: Any, author: Author, human_agent: bool
    ) -> None:
        with pytest.raises(SendError) as caught:
            await channel.send(outgoing(author=author, window_open=False, human_agent=human_agent))
        error = caught.value
        assert error.error_code == 10 and rule_for(error.error_code, error.subcode).fault is Fault.WINDOW
        assert not (error.retryable or error.unknown or error.account_fault)
        assert graph.received == [] and "(10/2018278)" in str(error)

    @pytest.mark.parametrize("author", [Author.BOT, Author.OPERATOR])
    async def test_an_approved_utility_message_passes(
        self, channel: MessengerChannel, graph: Any, author: Author
    ) -> None:
        await channel.send(outgoing(UTILITY, author=author, window_open=False))
        body = graph.received[0].body
        assert body["messaging_type"] == "UTILITY" and "tag" not in body
        assert body["message"] == {**UTILITY["message"], "metadata": "9"}

    async def test_a_private_reply_has_its_own_time_and_stays_as_it_is(
        self, channel: MessengerChannel, graph: Any
    ) -> None:
        await channel.send(outgoing({"recipient": {"comment_id": "c1"}, **HELLO}, window_open=False))
        body = graph.received[0].body
        assert body == {
            "recipient": {"comment_id": "c1"}, "messaging_type": "RESPONSE",
            "message": {"text": "Oi", "metadata": "9"},
        }  # fmt: skip


@pytest.mark.parametrize("window_open", [True, False])
@pytest.mark.parametrize("author", [Author.BOT, Author.SYSTEM])
async def test_the_tag_for_people_is_refused_to_all_who_are_none(
    channel: MessengerChannel, graph: Any, author: Author, window_open: bool
) -> None:
    with pytest.raises(SendError) as caught:
        await channel.send(outgoing(TAGGED, author=author, window_open=window_open, human_agent=True))
    assert not (caught.value.retryable or caught.value.unknown or caught.value.account_fault)
    assert graph.received == []


@pytest.mark.parametrize(
    ("typing", "actions"), [(True, ["mark_seen", "typing_on"]), (False, ["mark_seen"])], ids=["typing", "seen"]
)
async def test_each_sign_is_alone_in_its_request_and_no_message(
    channel: MessengerChannel, graph: Any, typing: bool, actions: list[str]
) -> None:
    graph.answers(body={"recipient_id": PSID.value})
    for body in channel.signals("m_1", typing=typing, author=Author.BOT):
        assert await channel.send(outgoing(body)) is None
    expected = [{"recipient": {"id": PSID.value}, "sender_action": action} for action in actions]
    assert [request.body for request in graph.received] == expected
