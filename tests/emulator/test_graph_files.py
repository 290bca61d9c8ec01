"""Files: WhatsApp's media, the attachments of the other two, how they are served, and odd ones."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from typing import Any

import aiohttp
import pytest

from emulator import multipart
from emulator.graph_errors import GraphError

NUMBER, PAGE, GRAM = "100000000000001", "200000000000001", "17840000000000001"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + b"\r\n--not the end"
OPUS = b"OggS" + b"\0" * 40
BEARER = {"Authorization": "Bearer any"}


def big(megabytes: int) -> bytes:
    return PNG + b"x" * megabytes * 1024 * 1024


def sticker(more: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + more + b"\0" * 101 * 1024


@pytest.fixture
def settings(settings: Any) -> Any:
    accounts = [{"id": NUMBER}, {"channel": "messenger", "id": PAGE}, {"channel": "instagram", "id": GRAM}]
    return {**settings, "accounts": accounts}


def by_size(value: object) -> str | None:
    """Megabytes have no place in a test's name."""
    return f"{len(value)} bytes" if isinstance(value, bytes) else None


async def given(emulator: Any, **what: Any) -> Any:
    return await emulator.control("POST", "media", what)


def form_of(content: bytes, kind: str, field: str = "file", **fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for key, value in fields.items():
        form.add_field(key, value)
    form.add_field(field, io.BytesIO(content), filename="lu.png", content_type=kind)
    return form


async def upload(emulator: Any, content: bytes, kind: str) -> tuple[int, Any]:
    form = form_of(content, kind, messaging_product="whatsapp")
    answer: tuple[int, Any] = await emulator.ask("POST", f"{NUMBER}/media", data=form)
    return answer


async def attach(emulator: Any, account: str, content: bytes, kind: str, file_kind: str = "image") -> tuple[int, Any]:
    message = f'{{"attachment": {{"type": "{file_kind}", "payload": {{"is_reusable": true}}}}}}'
    form = form_of(content, kind, field="filedata", message=message)
    answer: tuple[int, Any] = await emulator.ask("POST", f"{account}/message_attachments", data=form)
    return answer


async def test_a_file_of_whatsapp_is_had_by_its_id_and_with_the_token_only(emulator: Any) -> None:
    file = await given(emulator, name="foto.png", base64=base64.b64encode(PNG).decode())

    status, told = await emulator.ask("GET", file["id"])
    async with emulator.http.get(told["url"]) as without, emulator.http.get(told["url"], headers=BEARER) as response:
        content = await response.read()
        statuses = (status, without.status, response.status)

    assert (statuses, content, response.content_type) == ((200, 401, 200), PNG, "image/png")
    assert told["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert (told["file_size"], told["mime_type"], told["id"]) == (len(PNG), "image/png", file["id"])
    assert base64.b64decode(file["sha256_base64"]).hex() == told["sha256"]


async def test_whatsapps_address_lives_for_a_while_and_a_new_one_can_be_had(emulator: Any) -> None:
    file = await given(emulator)
    await emulator.control("PUT", "settings", {"media_url_ms": 0})
    _, old = await emulator.ask("GET", file["id"])
    await emulator.control("PUT", "settings", {"media_url_ms": 300_000})
    _, new = await emulator.ask("GET", file["id"])

    async with (
        emulator.http.get(old["url"], headers=BEARER) as late,
        emulator.http.get(new["url"], headers=BEARER) as response,
    ):
        assert (late.status, response.status) == (404, 200)


async def test_an_image_that_a_customer_sends_without_a_file_has_one_that_fits_its_hash(
    emulator: Any, product: Any
) -> None:
    await emulator.say(image={"caption": "olha"})
    image = product.values("messages")[0]["image"]

    _, told = await emulator.ask("GET", image["id"])
    async with emulator.http.get(told["url"], headers=BEARER) as response:
        content = await response.read()

    assert base64.b64decode(image["sha256"]) == hashlib.sha256(content).digest()
    assert told["mime_type"] == image["mime_type"] == "image/png"


async def test_a_content_network_gives_to_everybody_and_must_never_get_a_token(emulator: Any) -> None:
    file = await given(emulator, name="a.png")

    async with emulator.http.get(file["url"]) as response, emulator.http.get(file["url"], headers=BEARER) as leaked:
        assert (response.status, leaked.status) == (200, 400)
    entries = (await emulator.requests("kind=file"))["items"]
    assert [(entry["status"], entry["token_ok"]) for entry in entries] == [(200, True), (400, False)]
    assert "any" not in str([entry["path"] for entry in entries])


async def test_an_uploaded_file_comes_back_as_it_was(emulator: Any) -> None:
    status, answer = await upload(emulator, PNG, "image/png")

    _, told = await emulator.ask("GET", answer["id"])
    async with emulator.http.get(told["url"], headers=BEARER) as response:
        assert (status, await response.read()) == (200, PNG)
    (kept,) = (await emulator.control("GET", "media"))["items"]
    assert (kept["id"], kept["account"], kept["name"]) == (answer["id"], NUMBER, "lu.png")


async def test_a_deleted_file_is_gone_and_another_number_may_not_ask(emulator: Any) -> None:
    _, answer = await upload(emulator, PNG, "image/png")

    other, _ = await emulator.ask("GET", f"{answer['id']}?phone_number_id=999")
    await emulator.ask("DELETE", answer["id"])
    gone, _ = await emulator.ask("GET", answer["id"])

    assert (other, gone) == (400, 400)


@pytest.mark.parametrize(
    ("content", "kind", "taken"),
    [
        (PNG, "image/png", True),
        (OPUS, "audio/ogg; codecs=opus", True),
        (OPUS, "audio/ogg", False),
        (OPUS, "audio/opus", False),
        (PNG, "image/jpeg", False),
        (PNG, "image/gif", False),
        (PNG, "application/pdf", False),
        (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", True),
        (b"any text", "text/plain", True),
        (big(5), "image/png", False),
        (sticker(b""), "image/webp", False),
        (sticker(b"ANMF"), "image/webp", True),
    ],
    ids=by_size,
)
async def test_whatsapp_takes_a_file_only_of_a_fitting_type_and_size(
    emulator: Any, content: bytes, kind: str, taken: bool
) -> None:
    status, answer = await upload(emulator, content, kind)

    assert (status == 200) is taken, answer
    if not taken:
        assert answer["error"]["code"] == 131053


@pytest.mark.parametrize(
    ("account", "content", "kind", "file_kind", "subcode"),
    [
        (PAGE, PNG, "image/png", "image", None),
        (PAGE, b"%PDF-1.7", "application/pdf", "file", None),
        (PAGE, big(9), "image/png", "image", None),
        (PAGE, big(25), "image/png", "image", 2018109),
        (PAGE, PNG, "image/png", "video", 2018047),
        (PAGE, b"no picture", "image/png", "image", 2018047),
        (GRAM, PNG, "image/png", "image", None),
        (GRAM, big(9), "image/png", "image", 2018109),
        (GRAM, b"any text", "text/plain", "file", 2018047),
    ],
    ids=by_size,
)
async def test_an_attachment_is_taken_only_of_a_fitting_type_and_size(
    emulator: Any, account: str, content: bytes, kind: str, file_kind: str, subcode: int | None
) -> None:
    status, answer = await attach(emulator, account, content, kind, file_kind)

    assert answer.get("error", {}).get("error_subcode") == subcode, answer
    assert (status, "attachment_id" in answer) == ((200, True) if subcode is None else (400, False))


async def test_a_pages_file_is_for_instagram_where_the_platform_says_so(emulator: Any) -> None:
    linked = {"channel": "instagram", "id": "17840000000000009", "page_id": PAGE}
    await emulator.control("POST", "accounts", linked)
    message = '{"attachment": {"type": "file", "payload": {}}}'

    async def gives(**fields: str) -> int:
        form = form_of(b"any text", "text/plain", field="filedata", message=message, **fields)
        return int((await emulator.ask("POST", f"{PAGE}/message_attachments", data=form))[0])

    assert (await gives(), await gives(platform="instagram")) == (200, 400)


async def test_an_attachment_is_taken_by_address_too(emulator: Any) -> None:
    big = await given(emulator, name="big.png", size=9 * 1024 * 1024)
    small = await given(emulator, name="small.png")

    async def by_address(url: str) -> Any:
        attachment = {"type": "image", "payload": {"url": url, "is_reusable": True}}
        return (
            await emulator.ask("POST", f"{PAGE}/message_attachments", json={"message": {"attachment": attachment}})
        )[1]

    assert (await by_address(small["url"]))["attachment_id"]
    assert (await by_address("https://example.com/a.png"))["attachment_id"]
    assert (await by_address(big["url"]))["error"]["error_subcode"] == 2018109
    assert (await by_address(f"{emulator.base}/emulator/media/404.png"))["error"]["error_subcode"] == 2018008
    assert (await by_address("ftp://example.com/a.png"))["error"]["code"] == 100


async def test_an_uploaded_attachment_can_be_sent_by_its_id(emulator: Any) -> None:
    said = {"account": PAGE, "customer": "5511988887777", "text": "oi"}
    await emulator.control("POST", "say", said)
    _, chats = await emulator.ask("GET", f"{PAGE}/conversations?fields=participants")
    _, stored = await attach(emulator, PAGE, PNG, "image/png")

    async def send(own_id: str) -> int:
        attachment = {"type": "image", "payload": {"attachment_id": own_id}}
        to = {"id": chats["data"][0]["participants"]["data"][0]["id"]}
        body = {"recipient": to, "messaging_type": "RESPONSE", "message": {"attachment": attachment}}
        return int((await emulator.graph(body, path=f"/v24.0/{PAGE}/messages"))[0])

    assert (await send(stored["attachment_id"]), await send("12345")) == (200, 400)


async def test_odd_files_are_served_as_asked(emulator: Any) -> None:
    lying = await given(emulator, name="a.png", declared_type="video/mp4")
    moved = await given(emulator, redirect_to="http://169.254.169.254/latest")
    slow = await given(emulator, name="a.txt", base64=base64.b64encode(b"abc").decode(), slow_ms=1)

    async with emulator.http.get(lying["url"]) as response:
        assert (response.content_type, (await response.read())[:4]) == ("video/mp4", b"\x89PNG")
    async with emulator.http.get(moved["url"], allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "http://169.254.169.254/latest")
    async with emulator.http.get(slow["url"]) as response:
        assert await response.read() == b"abc"


async def test_an_endless_file_has_no_length_and_goes_on(emulator: Any) -> None:
    endless = await given(emulator, endless=True)

    async with emulator.http.get(endless["url"]) as response:
        await asyncio.wait_for(response.content.readexactly(8 * 1024 * 1024), 5)
        assert response.content_length is None


async def test_a_reset_forgets_files(emulator: Any) -> None:
    file = await given(emulator)
    await emulator.control("POST", "reset")

    async with emulator.http.get(file["url"]) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n--x", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Type: text/plain\r\n\r\nno name\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
    ],
)
def test_a_broken_form_is_error_100(raw: bytes, kind: str) -> None:
    with pytest.raises(GraphError) as refused:
        multipart.read(raw, kind)
    assert refused.value.code == 100
