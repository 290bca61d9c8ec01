"""What no page sends, but anybody may: it is refused in words, and never fails here."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.files import PNG
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.handover.dashboard.test_sockets import following
from tests.house import ANA, Stage


async def status_of(api: Api, method: str, path: str, *headers: bytes, body: bytes = b"") -> int:
    """Of a request whose headers hold what no client would send."""
    parts = urlsplit(api.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    host = [] if any(each.lower().startswith(b"host:") for each in headers) else [f"Host: {parts.netloc}".encode()]
    head = [f"{method} /api/v1{path} HTTP/1.1".encode(), *host, *headers]
    head += [b"Connection: close", f"Content-Length: {len(body)}".encode()]
    writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


def token_of(api: Api, who: str) -> bytes:
    return f"Authorization: Token {api.tokens[who]}".encode()


async def test_a_header_with_what_is_no_text_is_none(stage: Stage, api: Api) -> None:
    await stage.hears()
    for path, scheme in (("/auth/me/", b"Token"), ("/me", b"Bearer")):
        assert await status_of(api, "GET", path, b"Authorization: " + scheme + b" \xff\xfe") == 401
    kind = b"Content-Type: multipart/form-data; boundary=\xff\xfe"
    body = b"--\xff\xfe\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc\r\n--\xff\xfe--\r\n"
    assert await status_of(api, "POST", "/whatsapp/messages/send_file/", token_of(api, "ana"), kind, body=body) == 400
    for odd in (b"Host: \xff\xfe", b"Accept-Language: \xff\xfe"):
        assert await status_of(api, "GET", "/conversations/", token_of(api, "ana"), odd) == 200


@pytest.mark.parametrize("field", ["account_id", "to", "caption", "reply_to"])
async def test_a_form_with_the_sign_nul_is_refused_as_any_body_is(ana: Dashboard, stage: Stage, field: str) -> None:
    await stage.hears()
    fields = {"account_id": stage.account.id, "to": ANA, "caption": "oi", field: "a\x00b"}
    made = aiohttp.FormData(fields, quote_fields=False)
    made.add_field("file", PNG, filename="foto.png")
    status, refused = await ana.post("/whatsapp/messages/send_file/", raw=made)
    assert status == 400, refused


async def test_a_socket_outlives_what_no_database_keeps(stage: Stage, api: Api) -> None:
    async with following(api) as page:
        for kind in ("subscribe_conversation", "mark_read", "typing"):
            await page.say(type=kind, conversation_id="a\x00b")
        assert set(await page.quiet()) <= {"error"}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/whatsapp/accounts/", {"phone_number_id": "9", "access_token": "emulator"}),
        ("/instagram/accounts/", {"instagram_account_id": "9"}),
        ("/messaging/messenger/accounts/", {"page_id": "9"}),
    ],
)
async def test_an_account_has_no_longer_names_and_no_shorter_secrets_than_our_own_api_gives_one(
    dash: Dashboard, path: str, form: dict[str, str]
) -> None:
    token = "page_access_token" if "page_id" in form else "access_token"
    status, made = await dash.post(path, {**form, "name": "n" * 120})
    assert status == 201, made
    for wrong in (
        *({"name": "n" * 121}, {"username": "n" * 121, "page_name": "n" * 121}),
        *({token: "a"}, {token: "EAAB\nanary"}, {token: "EAAB-canary-token", "app_secret": "short"}),
        *({"instagram_user_id": "9" * 65},),
    ):
        if path.startswith("/whatsapp") and not {"name", token} & set(wrong):
            continue  # its form has no such field
        if "messenger" in path and "instagram_user_id" in wrong:
            continue
        other = {name: "8" if value == "9" else value for name, value in form.items()}
        status, refused = await dash.post(path, {**other, **wrong})
        assert status == 400, (wrong, refused)
    status, refused = await dash.patch(f"{path}{made['id']}/", {token: "a"})
    assert status == 400, refused
    assert "a" not in dash.api.house.hidden
