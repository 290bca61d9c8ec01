"""The fetcher on real sockets: what it fetches, and each way of leading it elsewhere.

`127.0.0.1` stands for the internet here where a test says so; every other address is what it is.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors import fetching
from connectors.addresses import is_public
from runtime.media_files import MediaFolder
from tests.connectors.conftest import bound_socket
from tests.connectors.file_server import HOST, LIMIT, FakeResolver, Fetching, Server, served
from tests.connectors.tls import self_signed
from tests.files import PNG
from tests.house import eventually


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For the names and addresses used here, signed by itself."""
    return self_signed(tmp_path_factory.mktemp("tls"), HOST, "other.example", "localhost")


@pytest.fixture
async def server(certificate: Path) -> AsyncIterator[Server]:
    listening = bound_socket()
    server = Server(port=listening.getsockname()[1])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    runner = await served(server, listening, tls)
    yield server
    await runner.cleanup()


@pytest.fixture
def fetch(certificate: Path, tmp_path: Path) -> Fetching:
    return Fetching(certificate, MediaFolder(tmp_path / "media", max_mb=1))


@pytest.fixture
def real(fetch: Fetching) -> Fetching:
    """The guard as it is: nothing of this machine may be connected to."""
    fetch.may_connect = is_public
    return fetch


async def test_it_fetches_what_is_there_without_anything_of_ours(server: Server, fetch: Fetching) -> None:
    server.gives(PNG)
    assert await fetch(server.url()) == PNG
    (request,) = server.received
    assert "Authorization" not in request.headers and "Cookie" not in request.headers
    assert request.headers["Accept-Encoding"] == "identity"


# Where it may be led


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "100::1", "3fff::1", "not-an-address", ""),
    ],
)
def test_such_an_address_is_not_the_internets(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "157.240.22.35", "2a03:2880:f12f:83:face:b00c:0:25de", "2606:4700::1"])
def test_such_an_address_is_the_internets(address: str) -> None:
    assert is_public(address)


async def test_a_name_that_means_this_machine_is_not_connected_to(server: Server, real: Fetching) -> None:
    server.gives(PNG)
    refused = await real.refused(server.url())
    assert "network of ours" in str(refused) and not refused.retryable
    assert server.received == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_an_address_in_the_url_itself_is_not_connected_to(server: Server, real: Fetching, host: str) -> None:
    server.gives(PNG)
    real.resolver = FakeResolver(names={"localhost": "127.0.0.1"})
    assert "network of ours" in str(await real.refused(server.url(host=host)))
    assert server.received == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "017700000001"])
async def test_no_odd_way_of_writing_an_address_helps(server: Server, real: Fetching, host: str) -> None:
    server.gives(PNG)
    real.resolver = FakeResolver(["127.0.0.1"])
    await real.refused(server.url(host=host))
    assert server.received == []


async def test_a_name_is_asked_once_and_what_it_answered_is_connected_to(server: Server, fetch: Fetching) -> None:
    """DNS that names a public address first, and one of ours when asked again."""
    server.gives(PNG, "/there")
    fetch.resolver = FakeResolver(["127.0.0.1"], ["127.0.0.9"])
    assert await fetch(server.url("/there")) == PNG
    assert fetch.resolver.asked == 1


async def test_each_answer_of_dns_is_looked_at(server: Server, fetch: Fetching) -> None:
    server.redirects("/there")
    server.gives(PNG, "/there")
    fetch.resolver = FakeResolver(["127.0.0.1"], ["127.0.0.9"])
    assert "network of ours" in str(await fetch.refused(server.url()))
    assert fetch.resolver.asked == 2 and len(server.received) == 1


async def test_of_several_addresses_only_a_public_one_is_connected_to(server: Server, fetch: Fetching) -> None:
    server.gives(PNG)
    fetch.resolver = FakeResolver(["169.254.169.254", "10.0.0.1", "::1", "127.0.0.1"])
    assert await fetch(server.url()) == PNG


@pytest.mark.parametrize(
    "host", ["127.0.0.2", "[::1]", "[::ffff:a9fe:a9fe]", "169.254.169.254", "metadata.google.internal", "10.0.0.8"]
)
async def test_a_redirect_leads_nowhere_else(server: Server, fetch: Fetching, host: str) -> None:
    server.redirects(server.url("/inside", host=host))
    server.gives(b"secret", "/inside")
    fetch.resolver = FakeResolver(["127.0.0.1"], names={"metadata.google.internal": "169.254.169.254"})
    assert "network of ours" in str(await fetch.refused(server.url()))
    assert [request.path for request in server.received] == ["/file"]


@pytest.mark.parametrize("scheme", ["http", "file", "ftp", "gopher"])
async def test_nothing_but_a_secure_connection_is_used(server: Server, fetch: Fetching, scheme: str) -> None:
    server.redirects(f"{scheme}://{HOST}:{server.port}/inside")
    await fetch.refused(server.url())
    await fetch.refused(f"{scheme}://{HOST}:{server.port}/inside")
    assert len(server.received) == 1


async def test_a_certificate_of_somebody_else_is_not_taken(server: Server, fetch: Fetching) -> None:
    server.gives(PNG)
    assert (await fetch.refused(server.url(host="evil.example"))).retryable
    assert server.received == []


async def test_a_redirect_is_followed_three_times(server: Server, fetch: Fetching) -> None:
    for number in range(3):
        server.redirects(f"/{number + 1}", f"/{number}", status=(301, 303, 307)[number])
    server.gives(PNG, "/3")
    assert await fetch(server.url("/0")) == PNG
    server.redirects("/loop", "/loop")
    assert "without an end" in str(await fetch.refused(server.url("/loop")))
    assert len([request for request in server.received if request.path == "/loop"]) == 4


async def test_a_token_goes_to_its_own_server_alone(server: Server, fetch: Fetching) -> None:
    token = {"Authorization": "Bearer secret"}
    server.redirects("/same", "/file")
    server.redirects(server.url("/there", host="other.example"), "/same")
    server.gives(PNG, "/there")
    assert await fetch(server.url(), headers=token) == PNG
    assert ["Authorization" in request.headers for request in server.received] == [True, True, False]


async def test_no_proxy_of_the_environment_is_asked(
    server: Server, fetch: Fetching, monkeypatch: pytest.MonkeyPatch, nobody_there: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody_there)
    server.gives(PNG)
    assert await fetch(server.url()) == PNG


# The emulator's


@pytest.fixture
async def emulator() -> AsyncIterator[Server]:
    """Plain HTTP on this machine."""
    listening = bound_socket()
    server = Server(port=listening.getsockname()[1])
    runner = await served(server, listening, None)
    yield server
    await runner.cleanup()


async def test_the_emulator_is_asked_for_its_own_accounts_alone(emulator: Server, real: Fetching) -> None:
    emulator.gives(PNG)
    local = f"http://127.0.0.1:{emulator.port}"
    assert await real(f"{local}/file", local=local) == PNG
    await real.refused(f"{local}/file")
    await real.refused(f"{local}/file", local="http://127.0.0.1:1")
    assert len(emulator.received) == 1


async def test_plain_http_is_nobody_elses(emulator: Server, fetch: Fetching) -> None:
    """Where 127.0.0.1 is the internet."""
    emulator.gives(PNG)
    assert "secure" in str(await fetch.refused(f"http://{HOST}:{emulator.port}/file"))
    assert emulator.received == []


async def test_the_emulator_can_lead_nowhere_on_this_machine(emulator: Server, server: Server, real: Fetching) -> None:
    server.gives(b"secret")
    local = f"http://127.0.0.1:{emulator.port}"
    emulator.redirects(server.url(host="127.0.0.1"))
    await real.refused(f"{local}/file", local=local)
    assert server.received == []


async def test_a_name_of_the_emulators_that_means_another_machine_is_not_asked(real: Fetching) -> None:
    real.resolver = FakeResolver(["192.0.2.7"])
    local = "http://localhost:1"
    assert "network of ours" in str(await real.refused(f"{local}/file", local=local))


# How much, and what


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 65_536)
            await asyncio.sleep(0)  # a socket that takes everything would let nobody else of this loop read
    except ConnectionError:
        return response


async def test_a_body_without_an_end_is_left_at_the_limit(server: Server, fetch: Fetching) -> None:
    server.handlers["/file"] = endless
    refused = await fetch.refused(server.url())
    assert "larger than 0.1 MB" in str(refused) and not refused.retryable


async def test_who_neither_ends_nor_hangs_up_keeps_no_socket_of_ours(
    server: Server, fetch: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[socket.socket] = []
    open_one, over = fetching._Door.open, asyncio.Event()

    def opened(door: Any, where: Any) -> socket.socket:
        made.append(open_one(door, where))
        return made[-1]

    async def deaf(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * (LIMIT + 1))
        assert isinstance(request.transport, asyncio.Transport)
        request.transport.pause_reading()
        await over.wait()
        return response

    monkeypatch.setattr(fetching._Door, "open", opened)
    server.handlers["/file"] = deaf
    assert "larger" in str(await fetch.refused(server.url()))
    await eventually(lambda: [each.fileno() for each in made] == [-1], "the closing of our socket")
    over.set()


async def test_what_is_said_to_be_too_large_is_not_begun(server: Server, fetch: Fetching) -> None:
    server.gives(b"x" * (LIMIT + 1))
    assert "larger" in str(await fetch.refused(server.url()))
    server.gives(b"x" * LIMIT)
    assert len(await fetch(server.url())) == LIMIT


async def raw(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(answer)
    await writer.drain()
    writer.close()


async def test_a_length_that_lies_is_no_whole_file(fetch: Fetching) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 100
    server = await asyncio.start_server(lambda r, w: raw(r, w, answer), "127.0.0.1", 0)
    local = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        assert (await fetch.refused(f"{local}/", local=local)).retryable


async def test_a_length_that_is_too_large_is_believed(fetch: Fetching) -> None:
    """Nothing of the body is waited for."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
    server = await asyncio.start_server(lambda r, w: raw(r, w, answer), "127.0.0.1", 0)
    local = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        assert "larger" in str(await fetch.refused(f"{local}/", local=local))


async def test_what_comes_packed_is_not_unpacked(server: Server, fetch: Fetching) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < LIMIT
    server.gives(bomb, Content_Encoding="gzip")
    assert "packed" in str(await fetch.refused(server.url()))


async def test_a_server_that_never_comes_to_an_end_is_left_in_time(server: Server, fetch: Fetching) -> None:
    """It says a little now and then, so that it is never idle."""

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(60):
                await response.write(b"x")
                await asyncio.sleep(0.05)
        return response

    server.handlers["/file"] = slow
    fetch.timeout_s = 0.3
    refused = await fetch.refused(server.url())
    assert refused.retryable and "too long" in str(refused)


@pytest.mark.parametrize(
    "write", [hashlib.sha256(PNG).hexdigest(), base64.b64encode(hashlib.sha256(PNG).digest()).decode()]
)
async def test_the_hash_is_compared_however_it_is_written(server: Server, fetch: Fetching, write: str) -> None:
    server.gives(PNG)
    assert await fetch(server.url(), sha256=write) == PNG
    server.gives(PNG + b"!")
    assert "not what the channel said" in str(await fetch.refused(server.url(), sha256=write))


@pytest.mark.parametrize(
    ("status", "gone", "retryable"),
    [
        *((404, True, False), (410, True, False), (403, True, False)),
        *((500, False, True), (429, False, True), (400, False, False)),
    ],
)
async def test_an_error_says_what_it_means(
    server: Server, fetch: Fetching, status: int, gone: bool, retryable: bool
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status, body=b"no")

    server.handlers["/file"] = refuse
    refused = await fetch.refused(server.url())
    assert (refused.gone, refused.retryable) == (gone, retryable)


@pytest.mark.parametrize("url", ["", "https://", "https:///x", "https://a b/", "https://[::1", "https://x:99999/", "%"])
async def test_what_is_no_address_is_refused(fetch: Fetching, url: str) -> None:
    await fetch.refused(url)


async def test_an_error_names_no_address(real: Fetching) -> None:
    refused = await real.refused("https://cdn.example/?signature=secret")
    assert "secret" not in str(refused) and "cdn" not in str(refused)
