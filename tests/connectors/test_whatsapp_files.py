"""WhatsApp's files: an address is asked for by the id, with the token for its server; an upload is a form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from connectors.graph import GraphClient
from connectors.whatsapp_files import WhatsAppFiles
from conversation.arrivals import Attachment
from conversation.errors import SendError
from runtime.abilities import Reach, StoredFile
from tests.connectors.conftest import listening_to
from tests.files import PNG


class FilesServer:
    """Answers as told; remembers questions and forms."""

    def __init__(self) -> None:
        self.answer: Any = {}
        self.status = 200
        self.asked: list[web.Request] = []
        self.forms: list[dict[str, Any]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if request.method == "POST":
            form = await request.post()
            self.forms.append(
                {
                    name: (value.filename, value.content_type, value.file.read())
                    if isinstance(value, web.FileField)
                    else value
                    for name, value in form.items()
                }
            )
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def meta() -> AsyncIterator[FilesServer]:
    server = FilesServer()
    async with listening_to(server.handle) as server.url:
        yield server


@pytest.fixture
async def files() -> AsyncIterator[WhatsAppFiles]:
    graph = GraphClient(version="v1")
    yield WhatsAppFiles(graph)
    await graph.close()


def reach(meta: FilesServer) -> Reach:
    account: Any = SimpleNamespace(provider_id="100000000000001")
    return Reach(account=account, node="100000000000001", base_url=meta.url, token="secret")


async def test_an_id_has_an_address_for_which_the_token_is_needed(meta: FilesServer, files: WhatsAppFiles) -> None:
    meta.answer = {"url": "https://files.example/1", "mime_type": "image/jpeg", "sha256": "ab", "id": "77"}
    source = await files.source(reach(meta), Attachment(kind="image", id="77", name="a.jpg"))
    assert (source.url, source.sha256, source.name) == ("https://files.example/1", "ab", "a.jpg")
    assert source.headers == {"Authorization": "Bearer secret"}
    (asked,) = meta.asked
    assert (asked.method, asked.path, dict(asked.query)) == ("GET", "/v1/77", {"phone_number_id": "100000000000001"})
    assert asked.headers["Authorization"] == "Bearer secret"


async def test_the_webhooks_hash_counts_for_more_than_the_servers(meta: FilesServer, files: WhatsAppFiles) -> None:
    meta.answer = {"url": "https://files.example/1", "sha256": "ab"}
    assert (await files.source(reach(meta), Attachment(kind="image", id="77", sha256="cd"))).sha256 == "cd"


@pytest.mark.parametrize("answer", [{}, {"url": 7}])
async def test_an_answer_without_an_address_is_asked_for_again(
    meta: FilesServer, files: WhatsAppFiles, answer: Any
) -> None:
    meta.answer = answer
    with pytest.raises(SendError) as refused:
        await files.source(reach(meta), Attachment(kind="image", id="77"))
    assert refused.value.retryable


async def test_an_id_leads_to_no_other_path(meta: FilesServer, files: WhatsAppFiles) -> None:
    meta.answer = {"url": "https://files.example/1"}
    await files.source(reach(meta), Attachment(kind="image", id="../me/messages?x=1"))
    assert meta.asked[0].raw_path.startswith("/v1/..%2Fme%2Fmessages%3Fx=1?")


async def test_what_has_no_id_was_never_there(meta: FilesServer, files: WhatsAppFiles) -> None:
    with pytest.raises(SendError) as refused:
        await files.source(reach(meta), Attachment(kind="image"))
    assert not refused.value.retryable and meta.asked == []


@pytest.mark.parametrize(
    ("kind", "type", "said"),
    [
        ("image", "image/png", "image/png"),
        ("audio", "audio/ogg; codecs=opus", "audio/ogg; codecs=opus"),
        ("document", "application/pdf", "application/pdf"),
        ("document", "image/webp", "application/octet-stream"),
    ],
)
async def test_an_upload_is_a_form_and_its_answer_an_id(
    meta: FilesServer, files: WhatsAppFiles, tmp_path: Path, kind: str, type: str, said: str
) -> None:
    path = tmp_path / "abcdef"
    path.write_bytes(PNG)
    meta.answer = {"id": 4711}
    file = StoredFile(path=path, kind=kind, type=type, name="cardápio.png")
    assert await files.upload(reach(meta), file) == "4711"
    assert meta.asked[0].path == "/v1/100000000000001/media"
    (form,) = meta.forms
    assert (form["messaging_product"], form["type"]) == ("whatsapp", said)
    assert form["file"][0].startswith("file.") and form["file"][2] == PNG
    assert form["file"][1] == said


async def test_an_upload_without_an_id_is_made_again(meta: FilesServer, files: WhatsAppFiles, tmp_path: Path) -> None:
    path = tmp_path / "abcdef"
    path.write_bytes(PNG)
    with pytest.raises(SendError) as refused:
        await files.upload(reach(meta), StoredFile(path=path, kind="image", type="image/png"))
    assert refused.value.retryable
