"""Files over the API: served as attachments that cannot run, to whom they are for; uploaded, and sent in a reply."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from conversation.arrivals import Attachment
from store import media, operators, people, tables
from store.operators import Role
from tests import services
from tests.files import PAGE, PNG, upload
from tests.handover.conftest import Api
from tests.house import OTHER_NUMBER, START, Stage, add_account

pytestmark = services.sqlite_only


async def served(api: Api, file_id: int, *, by: str = "ana") -> aiohttp.ClientResponse:
    headers = {"Authorization": f"Bearer {api.tokens[by]}"}
    response = await api.session.get(f"{api.address}/api/v1/media/{file_id}", headers=headers)
    await response.read()
    return response


async def put(
    api: Api, content: bytes | Any, conversation: str | None, *, by: str = "ana", **headers: str
) -> tuple[int, Any]:
    query = {"conversation": conversation} if conversation else {}
    sent = {"Authorization": f"Bearer {api.tokens[by]}", **{k.replace("_", "-"): v for k, v in headers.items()}}
    async with api.session.post(f"{api.address}/api/v1/media", params=query, headers=sent, data=content) as response:
        return response.status, await response.json(content_type=None)


async def kept(stage: Stage, api: Api, content: bytes, *, name: str | None = None) -> int:
    folder = api.house.media_folder
    return (await stage.db.write(upload, folder, stage.account.id, content, name=name)).id


async def test_a_picture_is_served_to_be_kept_and_never_run(stage: Stage, api: Api) -> None:
    file_id = await kept(stage, api, PNG, name='ca"rdápio\r\n.png')
    response = await served(api, file_id)
    assert (response.status, await response.read()) == (200, PNG)
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Length"] == str(len(PNG))
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''ca%22rd%C3%A1pio%0D%0A.png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize("content", [PAGE, b"<svg onload='alert(1)'/>", b"\x7fELF", b"PK\x05\x06"])
async def test_what_could_run_is_only_bytes(stage: Stage, api: Api, content: bytes) -> None:
    response = await served(api, await kept(stage, api, content, name="a.html"))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert await response.read() == content


async def test_a_large_file_comes_whole(stage: Stage, api: Api) -> None:
    content = bytes(range(256)) * 4_000
    assert await (await served(api, await kept(stage, api, content))).read() == content


async def test_who_may_not_see_the_account_finds_no_file(stage: Stage, api: Api) -> None:
    def add(tx: Any) -> str:
        other = add_account(tx, stage.vault, stage.agent, OTHER_NUMBER)
        token = operators.add(tx, "fora", Role.ADMIN, START)
        people.set_accounts(tx, "fora", [other.id])
        return token

    api.tokens["fora"] = await stage.db.write(add)
    file_id = await kept(stage, api, PNG)
    assert [(await served(api, file_id, by=name)).status for name in ("fora", "ana")] == [404, 200]
    assert (await served(api, 12345)).status == 404


async def test_a_file_that_is_not_here_is_not_found(stage: Stage, api: Api) -> None:
    # given one that is still to be fetched, one that was taken back, one that a restore did not bring
    await stage.hears()
    message_id = (await stage.rows(tables.messages))[0].id
    wanted = [Attachment(kind="image", url="https://cdn.example/1")]
    await stage.db.write(media.want, stage.vault, stage.account.id, wanted, message_id=message_id, now=START)
    (waiting,) = await stage.db.read(media.due, START, limit=9)
    removed, lost = await kept(stage, api, PNG), await kept(stage, api, PAGE)
    await stage.db.write(media.goes_with, removed, message_id)
    await stage.db.write(media.remove_of_message, message_id, START)
    api.house.media_folder.forget((await stage.db.read(media.get, lost)).sha256)
    # then
    assert [(await served(api, each)).status for each in (waiting, removed, lost)] == [404, 404, 404]


async def test_messages_tell_of_their_files(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    message_id = (await stage.messages(conversation_id))[0].id
    file_id = await kept(stage, api, PNG, name="gato.png")
    await stage.db.write(media.goes_with, file_id, message_id)
    shown = {
        "id": file_id,
        "kind": "image",
        "type": "image/png",
        "name": "gato.png",
        "size": len(PNG),
        "state": "stored",
        "error": None,
    }
    for path, items in (("messages", "items"), ("context", "last_messages")):
        _, found = await api.get(f"/conversations/{conversation_id}/{path}")
        assert [each["files"] for each in found[items]] == [[shown]]


async def test_an_uploaded_file_is_sent_with_a_reply(stage: Stage, api: Api) -> None:
    # given
    conversation_id = await stage.hears()
    status, file = await put(
        api, PNG, conversation_id, Content_Type="text/html", Content_Disposition='attachment; filename="../x/cat"'
    )
    assert status == 200
    assert (file["kind"], file["type"], file["name"], file["size"]) == ("image", "image/png", "cat.png", len(PNG))
    # when
    status, _ = await api.post(f"/conversations/{conversation_id}/reply", body={"media": [file["id"]]})
    # then
    assert status == 200
    assert (await served(api, file["id"])).status == 200


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=UTF-8''card%C3%A1pio.png", "cardápio.png"),
        ('attachment; filename="a\\\\b\\\\..\\\\c.png"', "c.png"),
        ("attachment; filename=plain.png", "plain.png"),
        ('attachment; filename="..."', None),
        ("attachment", None),
    ],
)
async def test_a_name_is_its_last_part(stage: Stage, api: Api, header: str, name: str | None) -> None:
    _, file = await put(api, PNG, await stage.hears(), Content_Disposition=header)
    assert file["name"] == name


async def test_what_is_too_large_is_not_taken(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    assert (await put(api, b"x" * 1_000_000, conversation_id))[0] == 200
    assert (await put(api, b"x" * 1_000_001, conversation_id))[0] == 413

    async def in_pieces() -> Any:
        for _ in range(11):
            yield b"x" * 100_000

    assert (await put(api, in_pieces(), conversation_id))[0] == 413
    assert (await put(api, b"", conversation_id))[0] == 400
    assert (await put(api, PNG, None))[0] == 400
    assert (await put(api, PNG, "con_unknown"))[0] == 404
    assert len(await stage.rows(tables.media)) == 1
