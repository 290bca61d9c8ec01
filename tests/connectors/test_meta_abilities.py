"""What Messenger and Instagram can do beside being written to: threads handed on, names shown, files uploaded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors import instagram_channel, messenger_channel
from connectors.graph import GraphClient
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.arrivals import Attachment
from conversation.channel_settings import ChannelSettings, Login
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from runtime.abilities import Files, Personas, Reach, StoredFile, Threads
from runtime.channel import WayOut

ADDRESSES = [Address(kind=AddressKind.PSID, value="61"), Address(kind=AddressKind.IGSID, value="62")]
CHANNELS = {Channel.MESSENGER: (messenger_channel, "61"), Channel.INSTAGRAM: (instagram_channel, "62")}
both = pytest.mark.parametrize("channel", CHANNELS)


@pytest.fixture
async def ways(graph: Any) -> AsyncIterator[dict[Channel, WayOut]]:
    client = GraphClient(total_timeout_s=2)
    yield {channel: module.way_out(client, lambda account: graph.url) for channel, (module, _) in CHANNELS.items()}
    await client.close()


def reach(graph: Any, channel: Channel, login: Login = Login.FACEBOOK) -> Reach:
    account = Account(
        id=AccountId("a"), channel=channel, provider_id="7001", name="Shop", agent_id=AgentId("g"),
        channel_settings=ChannelSettings(login=login),
    )  # fmt: skip
    return Reach(account=account, node="8001", base_url=graph.url, token="T")


def threads_of(way: WayOut) -> Threads:
    assert way.threads is not None
    return way.threads


def files_of(way: WayOut) -> Files:
    assert way.files is not None
    return way.files


def personas_of(way: WayOut) -> Personas:
    assert way.personas is not None
    return way.personas


class TestThreads:
    @both
    async def test_each_order_names_the_contact(
        self, ways: dict[Channel, WayOut], graph: Any, channel: Channel
    ) -> None:
        graph.answers(body={"success": True})
        threads, where = threads_of(ways[channel]), reach(graph, channel)
        await threads.pass_on(where, ADDRESSES, app="123", metadata="angry")
        await threads.take(where, ADDRESSES, metadata="back")
        await threads.release(where, ADDRESSES)
        to = {"recipient": {"id": CHANNELS[channel][1]}}
        assert [(request.path, request.body) for request in graph.received] == [
            ("/v24.0/8001/pass_thread_control", {**to, "target_app_id": "123", "metadata": "angry"}),
            ("/v24.0/8001/take_thread_control", {**to, "metadata": "back"}),
            ("/v24.0/8001/release_thread_control", to),
        ]
        assert {request.headers["Authorization"] for request in graph.received} == {"Bearer T"}

    @pytest.mark.parametrize(
        ("channel", "app"), [(Channel.MESSENGER, "263902037430900"), (Channel.INSTAGRAM, "1217981644879628")]
    )
    async def test_the_channels_own_inbox_has_an_id(
        self, ways: dict[Channel, WayOut], graph: Any, channel: Channel, app: str
    ) -> None:
        graph.answers(body={"success": True})
        await threads_of(ways[channel]).pass_on(reach(graph, channel), ADDRESSES, app="inbox", metadata="x" * 2000)
        assert graph.received[0].body["target_app_id"] == app
        assert len(graph.received[0].body["metadata"]) == 1000

    async def test_where_meta_does_not_let_us_it_is_told(self, ways: dict[Channel, WayOut], graph: Any) -> None:
        graph.answers(status=400, body={"error": {"code": 27}})
        with pytest.raises(SendError) as caught:
            await threads_of(ways[Channel.MESSENGER]).take(reach(graph, Channel.MESSENGER), ADDRESSES)
        assert caught.value.error_code == 27 and not caught.value.retryable


class TestPersonas:
    async def test_a_person_has_a_name_and_a_picture(self, ways: dict[Channel, WayOut], graph: Any) -> None:
        graph.answers(body={"id": 555})
        personas, where = personas_of(ways[Channel.MESSENGER]), reach(graph, Channel.MESSENGER)
        picture = "https://example.org/ana.jpg"
        assert await personas.persona(where, name="Ana " * 20, picture_url=picture) == "555"
        assert await personas.persona(where, name="Ana", picture_url=None) == "555"
        first, second = graph.received
        assert first.path == "/v24.0/8001/personas" and first.body["profile_picture_url"] == picture
        assert len(first.body["name"]) <= 50 and second.body == {"name": "Ana"}

    async def test_an_answer_without_an_id_is_no_persona(self, ways: dict[Channel, WayOut], graph: Any) -> None:
        graph.answers(body={})
        with pytest.raises(SendError):
            await personas_of(ways[Channel.MESSENGER]).persona(
                reach(graph, Channel.MESSENGER), name="Ana", picture_url=None
            )

    def test_instagram_has_none(self, ways: dict[Channel, WayOut]) -> None:
        assert ways[Channel.INSTAGRAM].personas is None


class TestFiles:
    @both
    async def test_one_is_had_from_its_address_and_the_token_is_not_shown_there(
        self, ways: dict[Channel, WayOut], graph: Any, channel: Channel
    ) -> None:
        given = Attachment(kind="image", url="https://cdn.example.org/p", declared_type="image/png", name="p.png")
        source = await files_of(ways[channel]).source(reach(graph, channel), given)
        assert (source.url, source.headers, source.declared_type, source.name) == (
            "https://cdn.example.org/p", {}, "image/png", "p.png",
        )  # fmt: skip
        assert graph.received == []

    async def test_what_has_no_address_can_not_be_had(self, ways: dict[Channel, WayOut], graph: Any) -> None:
        with pytest.raises(SendError) as caught:
            await files_of(ways[Channel.MESSENGER]).source(
                reach(graph, Channel.MESSENGER), Attachment(kind="image", id="77")
            )
        assert not caught.value.retryable

    @pytest.mark.parametrize(
        ("channel", "login", "platform"),
        [
            (Channel.MESSENGER, Login.FACEBOOK, None),
            (Channel.INSTAGRAM, Login.FACEBOOK, "instagram"),
            (Channel.INSTAGRAM, Login.INSTAGRAM, None),
        ],
    )
    async def test_one_of_ours_is_uploaded_for_more_than_one_message(
        self, ways: dict[Channel, WayOut], graph: Any, tmp_path: Path,
        channel: Channel, login: Login, platform: str | None,
    ) -> None:  # fmt: skip
        graph.answers(body={"attachment_id": "77"})
        stored = tmp_path / "abcd"
        stored.write_bytes(b"%PDF-1.7")
        file = StoredFile(path=stored, kind="document", type="application/pdf", name="cardápio.pdf")
        assert await files_of(ways[channel]).upload(reach(graph, channel, login), file) == "77"
        (request,) = graph.received
        assert request.path == "/v24.0/8001/message_attachments"
        message = json.loads(request.body["message"])
        assert message == {"attachment": {"type": "file", "payload": {"is_reusable": True}}}
        sent = request.body["filedata"]
        assert (sent.content, sent.filename, sent.content_type) == (b"%PDF-1.7", "cardapio.pdf", "application/pdf")
        assert request.body.get("platform") == platform

    async def test_an_answer_without_an_id_is_no_upload(
        self, ways: dict[Channel, WayOut], graph: Any, tmp_path: Path
    ) -> None:
        graph.answers(body={})
        stored = tmp_path / "abcd"
        stored.write_bytes(b"x")
        with pytest.raises(SendError):
            await files_of(ways[Channel.MESSENGER]).upload(
                reach(graph, Channel.MESSENGER), StoredFile(path=stored, kind="image", type="image/png")
            )
