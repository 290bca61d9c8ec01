"""Where a question to a language model may go, and what goes along: never a key to another's host, nothing of this
machine's environment, no private address."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from connectors.addresses import is_public
from connectors.llm import LlmClient
from connectors.llm_address import NotAllowed, address_of
from connectors.llm_transport import Barred, OneHost
from conversation.agent import Provider
from runtime.llm.provider import Ask, Line, LlmFailed, Outcome
from tests.connectors.conftest import bound_socket
from tests.connectors.tls import self_signed
from tests.house import eventually

HOST = "llm.example"
OPENAI, ANTHROPIC = Provider.OPENAI, Provider.ANTHROPIC
_CHUNK = '{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]}'
_DELTA = '{"index":0,"delta":{"content":%s},"finish_reason":%s}'


def chunk(text: str, reason: str = "null") -> bytes:
    return f"data: {_CHUNK % (_DELTA % (text, reason))}\n\n".encode()


ANSWER = chunk('"Hello."', '"stop"') + b"data: [DONE]\n\n"


@dataclass
class Provided:
    """A provider of ours: keeps what it was sent, and answers as told."""

    port: int = 0
    received: list[web.Request] = field(default_factory=list)
    body: bytes = ANSWER
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    stays_open: bool = False
    left: bool = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.received.append(request)
        await request.read()
        headers = {"Content-Type": "text/event-stream", **self.headers}
        response = web.StreamResponse(status=self.status, headers=headers)
        await response.prepare(request)
        await response.write(self.body)
        while self.stays_open and not self.left:
            await asyncio.sleep(0.01)
            self.left = request.transport is None or request.transport.is_closing()
        return response

    @property
    def local(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.local}/v1"


async def serving(provided: Provided, tls: ssl.SSLContext | None = None) -> web.AppRunner:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provided.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    listening = bound_socket()
    provided.port = listening.getsockname()[1]
    await web.SockSite(runner, listening, ssl_context=tls).start()
    return runner


@pytest.fixture
async def provided() -> AsyncIterator[Provided]:
    """Over plain HTTP."""
    one = Provided()
    runner = await serving(one)
    yield one
    await runner.cleanup()


@pytest.fixture
async def another() -> AsyncIterator[Provided]:
    one = Provided()
    runner = await serving(one)
    yield one
    await runner.cleanup()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"), HOST)


@pytest.fixture
async def secure(certificate: Path) -> AsyncIterator[Provided]:
    """Over TLS."""
    one = Provided()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    runner = await serving(one, tls)
    yield one
    await runner.cleanup()


@dataclass
class Names:
    """Resolves to what it was told, the next answer each time, the last one for good."""

    answers: list[list[str]]
    asked: int = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)


def asks(url: str, *, key: str | None = "sk-mine", provider: Provider = OPENAI, timeout_s: float = 20.0) -> Ask:
    return Ask(
        provider=provider,
        base_url=url,
        key=key,
        model_name="m",
        system="",
        lines=[Line("user", "Hi")],
        temperature=0.5,
        max_tokens=10,
        timeout_s=timeout_s,
    )


def trusting(certificate: Path, *answers: list[str], local: str = "", **door: Any) -> LlmClient:
    """A client that trusts our certificate, and for which names are what we say."""
    tls = ssl.create_default_context(cafile=str(certificate))
    allowed = frozenset(each for each in [local] if each)
    return LlmClient(tls=tls, local=allowed, resolve=Names(list(answers)), **door)


def this_machine(address: str) -> bool:
    """127.0.0.1 stands for the internet."""
    return address == "127.0.0.1"


async def refused(client: LlmClient, ask: Ask) -> LlmFailed:
    with pytest.raises(LlmFailed) as failed:
        await client.ask(ask)
    return failed.value


# Where it may be led


@pytest.mark.parametrize(
    "url",
    [
        *("http://llm.example/v1", "ftp://llm.example", "llm.example/v1", "https://", "https://llm.example:x/v1"),
        *("https://user:secret@llm.example/v1", "https://llm.example/v1?key=1", "https://llm.example/v1#a"),
        *("https://llm.example/\nv1", "https://lłm.example/v1", "http://127.0.0.1:11435/v1", "http://[::1]:11434/v1"),
    ],
)
def test_what_is_no_address_that_may_be_asked_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(NotAllowed):
        address_of(OPENAI, url, frozenset({"127.0.0.1:11434"}))


@pytest.mark.parametrize(
    ("provider", "given", "asked"),
    [
        (OPENAI, "", "https://api.openai.com/v1"),
        (Provider.KIMI, "", "https://api.moonshot.ai/v1"),
        (Provider.NVIDIA, "", "https://integrate.api.nvidia.com/v1"),
        (ANTHROPIC, "", "https://api.anthropic.com"),
        (ANTHROPIC, "https://llm.example/v1/", "https://llm.example"),
        (Provider.OLLAMA, "", "http://127.0.0.1:11434/v1"),
        (Provider.OLLAMA, "http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        (Provider.OLLAMA, "http://[::1]:11434/v1", "http://[::1]:11434/v1"),
        (OPENAI, "https://LLM.example/openai/v1", "https://LLM.example/openai/v1"),
    ],
)
def test_each_provider_has_an_address_of_its_own(provider: Provider, given: str, asked: str) -> None:
    assert address_of(provider, given, frozenset({"127.0.0.1:11434", "[::1]:11434"})).url == asked


async def test_over_tls_with_the_name_it_was_given(secure: Provided, certificate: Path) -> None:
    client = trusting(certificate, ["127.0.0.1"], may_connect=this_machine)
    assert (await client.ask(asks(f"https://{HOST}:{secure.port}/v1"))).text == "Hello."
    assert secure.received[0].headers["Host"] == f"{HOST}:{secure.port}"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("::1", "fd00::1", "fe80::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"),
    ],
)
async def test_a_name_of_a_private_address_is_not_connected_to(
    secure: Provided, certificate: Path, address: str
) -> None:
    client = trusting(certificate, [address])
    failed = await refused(client, asks(f"https://{HOST}:{secure.port}/v1"))
    assert failed.outcome is Outcome.UNREACHABLE
    assert "not on the internet" in str(failed)
    assert not is_public(address)
    assert not secure.received


async def test_a_private_address_itself_is_not_connected_to(secure: Provided, certificate: Path) -> None:
    client = LlmClient(tls=ssl.create_default_context(cafile=str(certificate)))
    failed = await refused(client, asks(f"https://127.0.0.1:{secure.port}/v1"))
    assert "not on the internet" in str(failed)
    assert not secure.received


async def test_what_a_name_stands_for_is_looked_at_each_time_it_is_connected_to(
    secure: Provided, certificate: Path
) -> None:
    client = trusting(certificate, ["127.0.0.1"], ["10.0.0.1"], may_connect=this_machine)
    ask = asks(f"https://{HOST}:{secure.port}/v1")
    assert (await client.ask(ask)).text == "Hello."
    assert "not on the internet" in str(await refused(client, ask))


async def test_of_several_addresses_only_those_on_the_internet_are_tried(secure: Provided, certificate: Path) -> None:
    tried: list[str] = []

    def may_connect(address: str) -> bool:
        tried.append(address)
        return this_machine(address)

    client = trusting(certificate, ["10.0.0.1", "127.0.0.1"], may_connect=may_connect)
    assert (await client.ask(asks(f"https://{HOST}:{secure.port}/v1"))).text == "Hello."
    assert tried == ["10.0.0.1", "127.0.0.1"]


async def test_a_name_that_nobody_knows_is_unreachable() -> None:
    assert (await refused(LlmClient(), asks("https://nobody.invalid/v1"))).outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("name", [HOST, "other.example"])
async def test_a_certificate_that_is_not_trusted_or_of_another_name_gets_nothing(
    secure: Provided, certificate: Path, name: str
) -> None:
    client = trusting(certificate, ["127.0.0.1"], may_connect=this_machine)
    if name == HOST:
        client = LlmClient(resolve=Names([["127.0.0.1"]]), may_connect=this_machine)
    assert (await refused(client, asks(f"https://{name}:{secure.port}/v1"))).outcome is Outcome.UNREACHABLE
    assert not secure.received


async def test_a_local_address_on_the_list_may_be_asked_by_http_and_by_https(
    provided: Provided, secure: Provided, certificate: Path
) -> None:
    assert (await LlmClient(local=frozenset({provided.local})).ask(asks(provided.url))).text == "Hello."
    client = trusting(certificate, local=secure.local)
    assert (await client.ask(asks(f"https://{secure.local}/v1"))).text == "Hello."


async def test_a_local_address_is_allowed_with_its_port_only(
    provided: Provided, secure: Provided, certificate: Path
) -> None:
    client = LlmClient(local=frozenset({provided.local}), tls=ssl.create_default_context(cafile=str(certificate)))
    for url in (f"http://{secure.local}/v1", f"https://{secure.local}/v1"):
        assert (await refused(client, asks(url))).outcome is Outcome.UNREACHABLE
    assert not secure.received


async def test_a_redirect_is_not_followed(provided: Provided, another: Provided) -> None:
    provided.status, provided.headers = 307, {"Location": another.url}
    client = LlmClient(local=frozenset({provided.local, another.local}))
    assert (await refused(client, asks(provided.url))).outcome is Outcome.UNREACHABLE
    assert not another.received


async def test_a_door_leads_to_its_own_address_only(provided: Provided, another: Provided) -> None:
    local = frozenset({provided.local, another.local})
    door = OneHost(
        address_of(OPENAI, provided.url, local),
        {"Authorization": "Bearer sk-mine"},
        local,
        ssl.create_default_context(),
    )
    async with httpx.AsyncClient(transport=door) as http:
        assert (await http.get(provided.url)).status_code == 200
        for elsewhere in (another.url, f"https://{provided.local}/v1"):
            with pytest.raises(Barred):
                await http.get(elsewhere)
    assert not another.received


# What goes along


@pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC])
async def test_nothing_of_this_machines_environment_goes_along(
    monkeypatch: pytest.MonkeyPatch, provided: Provided, another: Provided, provider: Provider
) -> None:
    for name in ("OPENAI", "ANTHROPIC"):
        monkeypatch.setenv(f"{name}_API_KEY", "sk-of-the-environment")
        monkeypatch.setenv(f"{name}_BASE_URL", another.url)
        monkeypatch.setenv(f"{name}_CUSTOM_HEADERS", "Authorization: Bearer sk-of-the-environment\nX-Spy: 1")
    for name in ("ANTHROPIC_AUTH_TOKEN", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of-the-environment")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{another.local}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    client = LlmClient(local=frozenset({provided.local, another.local}))
    for key in (None, "sk-mine"):
        with contextlib.suppress(LlmFailed):  # to Anthropic's client it says nothing
            await client.ask(asks(provided.url, key=key, provider=provider))
    without, mine = provided.received
    usual = {"Host", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "User-Agent"}
    usual |= {"anthropic-version"} if provider is ANTHROPIC else set()
    names = {name.title() for name in usual}
    assert {name.title() for name in without.headers} == names
    header = "X-Api-Key" if provider is ANTHROPIC else "Authorization"
    assert {name.title() for name in mine.headers} == names | {header}
    assert mine.headers[header].removeprefix("Bearer ") == "sk-mine"
    assert not another.received


async def test_a_key_goes_to_its_own_host_only_however_many_are_asked_at_once(
    provided: Provided, another: Provided
) -> None:
    client = LlmClient(local=frozenset({provided.local, another.local}))
    questions = [asks(each.url, key=f"sk-{each.port}") for each in (provided, another) for _ in range(5)]
    await asyncio.gather(*(client.ask(ask) for ask in questions))
    for each in (provided, another):
        assert [request.headers["Authorization"] for request in each.received] == [f"Bearer sk-{each.port}"] * 5


async def test_a_key_is_hidden_from_the_logs_before_it_is_used_and_is_in_no_failure(provided: Provided) -> None:
    hidden: list[str] = []
    provided.status, provided.body = (
        401,
        b'{"error": {"message": "Bad key: sk-mine", "code": "sk-mine", "type": "a b"}}',
    )
    provided.headers = {"Content-Type": "application/json"}
    client = LlmClient(local=frozenset({provided.local}), hide=hidden.append)
    failed = await refused(client, asks(provided.url))
    assert failed.outcome is Outcome.REFUSED
    assert hidden == ["sk-mine"]
    assert "sk-mine" not in repr(failed) + repr(asks(provided.url))


@pytest.mark.parametrize("key", ["sk\r\nX-Spy: 1", "sk-ç", "sk mine"])
async def test_a_key_that_no_header_holds_is_refused_before_anything_is_sent(provided: Provided, key: str) -> None:
    client = LlmClient(local=frozenset({provided.local}))
    assert (await refused(client, asks(provided.url, key=key))).outcome is Outcome.REFUSED
    assert not provided.received


# How much comes, and until when


async def test_what_comes_packed_is_not_unpacked(provided: Provided) -> None:
    provided.body, provided.headers = gzip.compress(ANSWER), {"Content-Encoding": "gzip"}
    client = LlmClient(local=frozenset({provided.local}))
    failed = await refused(client, asks(provided.url))
    assert failed.outcome is Outcome.GARBAGE
    assert "packed" in str(failed)


@pytest.mark.parametrize("status", [200, 500])
async def test_more_bytes_than_an_answer_has_are_not_read(provided: Provided, status: int) -> None:
    provided.status, provided.body = status, b": noise\n" * 140_000 + ANSWER
    client = LlmClient(local=frozenset({provided.local}))
    failed = await refused(client, asks(provided.url))
    assert failed.outcome is Outcome.GARBAGE
    assert "more bytes" in str(failed)


async def test_what_breaks_after_the_last_word_takes_no_word_back(provided: Provided) -> None:
    provided.body, provided.stays_open = chunk('"Hello."', '"stop"'), True
    client = LlmClient(local=frozenset({provided.local}))
    assert (await client.ask(asks(provided.url, timeout_s=1.0))).text == "Hello."
    provided.body, provided.left, provided.stays_open = chunk('"Bye."', '"stop"') + b"data: {\n\n", False, False
    assert (await client.ask(asks(provided.url))).text == "Bye."


async def test_a_question_that_is_given_up_closes_its_connection_at_once(provided: Provided) -> None:
    provided.body, provided.stays_open = chunk('"He"'), True
    client = LlmClient(local=frozenset({provided.local}))
    asking = asyncio.create_task(client.ask(asks(provided.url, timeout_s=60)))
    await eventually(lambda: provided.received)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await eventually(lambda: provided.left, "the closing of its connection")


async def test_closing_the_client_lets_everybody_go(provided: Provided) -> None:
    provided.body, provided.stays_open = b"", True
    client = LlmClient(local=frozenset({provided.local}))
    asking = asyncio.create_task(client.ask(asks(provided.url, timeout_s=60)))
    await eventually(lambda: provided.received)
    await client.close()
    assert (await refused_of(asking)).outcome is Outcome.CANCELLED
    await eventually(lambda: provided.left, "the closing of its connection")


async def refused_of(asking: asyncio.Task[Any]) -> LlmFailed:
    with pytest.raises(LlmFailed) as failed:
        await asking
    return failed.value
