"""The one request: what is certain about it afterwards, and that nothing leaves after a refused check."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Any

import pytest

from connectors.graph import GraphClient, retry_after_s
from connectors.graph_errors import ERRORS, Fault, GraphRefusal, rule_for
from conversation.errors import SendError

TOKEN, TEXT, PHONE = "EAAsecrettoken", "canary text", "+5511988880001"


class TooLate(Exception):
    """The claim's deadline has passed."""


def always() -> None:
    """May be sent."""


@pytest.fixture
async def client() -> AsyncIterator[GraphClient]:
    client = GraphClient(connect_timeout_s=0.5, total_timeout_s=0.7)
    yield client
    await client.close()


async def post(client: GraphClient, url: str, check=always) -> dict:  # type: ignore[no-untyped-def,type-arg]
    body = {"to": PHONE, "text": {"body": TEXT}}
    return await client.post("7001/messages", body, base_url=url, token=TOKEN, check=check)


async def failure(client: GraphClient, url: str) -> SendError:
    with pytest.raises(SendError) as caught:
        await post(client, url)
    assert not any(secret in str(caught.value) for secret in (TOKEN, TEXT, PHONE, "88880001"))
    return caught.value


async def test_the_token_goes_in_the_header_and_the_version_in_the_path(client: GraphClient, graph: Any) -> None:
    answer = await post(client, graph.url)
    assert answer == {"messages": [{"id": "given.by.graph"}]}
    (request,) = graph.received
    assert request.path == "/v24.0/7001/messages"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.body == {"to": PHONE, "text": {"body": TEXT}}


async def test_each_call_goes_to_the_server_it_names(client: GraphClient, graph: Any, nobody_there: str) -> None:
    await post(client, graph.url + "/")
    assert (await failure(client, nobody_there)).retryable
    assert len(graph.received) == 1


@pytest.mark.parametrize(("key", "rule"), ERRORS.items(), ids=lambda v: str(v) if isinstance(v, tuple) else "")
async def test_every_listed_code_is_refused_by_its_rule(client, graph, key, rule) -> None:  # type: ignore[no-untyped-def]
    code, subcode = key
    error = {"code": code, "message": f"{TEXT} {PHONE}", "fbtrace_id": "Atrace_1"}
    if subcode is not None:
        error["error_subcode"] = subcode
    for status in (400, 500):
        graph.answers(status=status, body={"error": error})
        refused = await failure(client, graph.url)
        assert isinstance(refused, GraphRefusal) and not refused.unknown
        assert (refused.fault, refused.error_code, refused.subcode) == (rule.fault, code, subcode)
        assert (refused.retryable, refused.account_fault) == (rule.retryable, rule.account_fault)
        assert refused.retry_after_s == rule.retry_after_s
        assert refused.trace_id == "Atrace_1" and "Atrace_1" in str(refused)


#: One row of Meta's table each: what the rule must be, written down a second time.
EXPECTED = [
    (131000, None, Fault.TEMPORARY, True, False),
    (130429, None, Fault.THROTTLE, True, False),
    (80007, None, Fault.THROTTLE, True, False),
    (131056, None, Fault.PAIR_THROTTLE, True, False),
    (131049, None, Fault.QUALITY, False, False),
    (131047, None, Fault.WINDOW, False, False),
    (10, 2018278, Fault.WINDOW, False, False),
    (10, None, Fault.PERMISSION, False, False),
    (10, 999, Fault.PERMISSION, False, False),
    (131026, None, Fault.RECIPIENT, False, False),
    (190, 463, Fault.AUTH, False, True),
    (0, None, Fault.AUTH, False, True),
    (230, None, Fault.PERMISSION, False, False),
    (200, 1545041, Fault.WINDOW, False, False),
    (368, None, Fault.POLICY, False, True),
    (131042, None, Fault.PAYMENT, False, True),
    (100, None, Fault.REQUEST, False, False),
    (100, 2018109, Fault.MEDIA, True, False),
    (131009, None, Fault.REQUEST, False, False),
    (132015, None, Fault.TEMPLATE, False, False),
    (132069, None, Fault.TEMPLATE, True, False),
    (133010, None, Fault.NUMBER, False, True),
    (133015, None, Fault.NUMBER, True, False),
    (137000, None, Fault.IDENTITY, False, False),
    (999999, None, Fault.UNLISTED, False, False),
]


@pytest.mark.parametrize(("code", "subcode", "fault", "retryable", "account_fault"), EXPECTED)
def test_the_table_says_what_meta_says(
    code: int, subcode: int | None, fault: Fault, retryable: bool, account_fault: bool
) -> None:
    rule = rule_for(code, subcode)
    assert (rule.fault, rule.retryable, rule.account_fault) == (fault, retryable, account_fault)


def test_a_pair_throttle_waits_four_seconds_first() -> None:
    assert rule_for(131056).retry_after_s == 4.0


def test_meta_saying_transient_and_a_failing_server_make_an_unlisted_code_pass() -> None:
    assert rule_for(999999, transient=True).retryable
    assert rule_for(999999, status=500).retryable
    assert rule_for(131009, transient=True).retryable
    assert not rule_for(190, transient=True).retryable


async def test_retry_after_is_honoured_where_a_retry_makes_sense(client: GraphClient, graph: Any) -> None:
    graph.answers(status=400, body={"error": {"code": 4}}, headers={"Retry-After": "17"})
    assert (await failure(client, graph.url)).retry_after_s == 17.0
    graph.answers(status=400, body={"error": {"code": 100}}, headers={"Retry-After": "17"})
    assert (await failure(client, graph.url)).retry_after_s is None


def test_retry_after_may_be_a_date() -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
    assert retry_after_s("Sun, 22 Nov 2026 12:00:30 GMT", now) == 30.0
    assert retry_after_s("Sun, 22 Nov 2026 11:00:00 GMT", now) == 0.0
    assert retry_after_s("soon", now) is None and retry_after_s(None) is None


async def test_a_cut_after_the_first_byte_leaves_it_unknown(client: GraphClient, graph: Any) -> None:
    graph.answers(cut=True)
    error = await failure(client, graph.url)
    assert error.unknown and not error.retryable and len(graph.received) == 1


async def test_silence_after_the_first_byte_leaves_it_unknown(client: GraphClient, graph: Any) -> None:
    graph.answers(silent=True)
    error = await failure(client, graph.url)
    assert error.unknown and not error.retryable and len(graph.received) == 1


@pytest.mark.parametrize("body", ["<h1>Bad gateway</h1>", {"error": "no code"}, {"ok": 1}, [1], "[" * 5000])
async def test_a_server_error_that_is_not_graphs_leaves_it_unknown(client, graph, body) -> None:  # type: ignore[no-untyped-def]
    graph.answers(status=502, body=body)
    error = await failure(client, graph.url)
    assert error.unknown and not error.retryable


async def test_an_answer_of_success_that_cannot_be_read_leaves_it_unknown(client: GraphClient, graph: Any) -> None:
    graph.answers(status=200, body="fine")
    assert (await failure(client, graph.url)).unknown


@pytest.mark.parametrize(("status", "retryable"), [(403, False), (404, False), (429, True)])
async def test_a_refusal_on_the_way_is_one(client, graph, status, retryable) -> None:  # type: ignore[no-untyped-def]
    graph.answers(status=status, body="<h1>no</h1>")
    error = await failure(client, graph.url)
    assert not error.unknown and error.retryable is retryable


async def test_a_redirect_is_not_followed_with_the_token(client: GraphClient, graph: Any) -> None:
    graph.answers(status=307, body="", headers={"Location": f"{graph.url}/elsewhere"})
    assert not (await failure(client, graph.url)).unknown
    assert [request.path for request in graph.received] == ["/v24.0/7001/messages"]


async def test_a_refused_connection_was_certainly_not_sent(client: GraphClient, nobody_there: str) -> None:
    error = await failure(client, nobody_there)
    assert error.retryable and not error.unknown


async def test_a_name_that_is_not_known_was_certainly_not_sent(client: GraphClient) -> None:
    error = await failure(client, "http://graph.invalid")
    assert error.retryable and not error.unknown


async def test_an_address_that_is_none_needs_somebody_to_mend_it(client: GraphClient) -> None:
    error = await failure(client, "http://")
    assert error.account_fault and not error.unknown


async def test_a_full_pool_was_certainly_not_sent(graph: Any) -> None:
    client = GraphClient(connect_timeout_s=0.2, total_timeout_s=5, connections=1)
    graph.answers(silent=True)
    first = asyncio.create_task(post(client, graph.url))
    await until(lambda: len(graph.received) == 1)
    error = await failure(client, graph.url)
    assert error.retryable and not error.unknown and len(graph.received) == 1
    graph.answers(body={})
    graph.released.set()
    await first
    await client.close()


async def until(fact) -> None:  # type: ignore[no-untyped-def]
    deadline = asyncio.get_running_loop().time() + 5
    while not fact():
        assert asyncio.get_running_loop().time() < deadline, "it never came"
        await asyncio.sleep(0.005)


class Counter:
    """A server that counts what reaches it and answers each request with an empty object."""

    def __init__(self) -> None:
        self.connections = 0
        self.bytes = 0
        self.closed = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while data := await reader.read(65536):
            self.bytes += len(data)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        self.closed += 1
        writer.close()


@pytest.fixture
async def counter(listening: socket.socket) -> AsyncIterator[tuple[Counter, str]]:
    counter = Counter()
    server = await asyncio.start_server(counter.serve, sock=listening)
    yield counter, address_of(listening)
    server.close()
    await server.wait_closed()


def address_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


class AllowedTimes:
    """A check that passes so many times and then says that it is too late."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooLate


async def test_a_check_that_fails_at_once_opens_no_connection(client, counter) -> None:  # type: ignore[no-untyped-def]
    server, url = counter
    with pytest.raises(TooLate):
        await post(client, url, AllowedTimes(0))
    assert server.connections == 0


async def test_a_check_that_fails_once_connected_lets_no_byte_out(client, counter) -> None:  # type: ignore[no-untyped-def]
    server, url = counter
    with pytest.raises(TooLate):
        await post(client, url, AllowedTimes(1))
    # The connection was made, is closed, and nothing came over it.
    await until(lambda: server.closed == 1)
    assert (server.connections, server.bytes) == (1, 0)


async def test_a_check_that_fails_on_a_kept_connection_lets_no_byte_out(client, counter) -> None:  # type: ignore[no-untyped-def]
    server, url = counter
    await post(client, url)
    before = server.bytes
    with pytest.raises(TooLate):
        await post(client, url, AllowedTimes(1))
    await until(lambda: server.closed == 1)
    assert (server.connections, server.bytes) == (1, before)


async def test_nothing_comes_between_the_check_and_the_first_byte(
    client: GraphClient, listening: socket.socket
) -> None:
    """The loop stands still right after the check; a server in another thread gets the request still."""
    arrived = threading.Event()
    server = threading.Thread(target=answer_one_request, args=(listening, arrived))
    server.start()
    asked: list[bool] = []

    def check() -> None:
        asked.append(True)
        if len(asked) == 2:
            asyncio.get_running_loop().call_soon(lambda: asked.append(arrived.wait(2)))

    await post(client, address_of(listening), check)
    await asyncio.to_thread(server.join)
    assert asked == [True, True, True], "the last one: it arrived before the loop's next step"


def answer_one_request(listening: socket.socket, arrived: threading.Event) -> None:
    connection, _ = listening.accept()
    with connection:
        assert connection.recv(65536)
        arrived.set()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


async def test_a_time_out_while_connecting_was_certainly_not_sent(listening: socket.socket) -> None:
    client = GraphClient(connect_timeout_s=0.2, total_timeout_s=0.5)
    try:
        # A server that takes the connection and never says a word of TLS.
        error = await failure(client, address_of(listening).replace("http:", "https:"))
    finally:
        await client.close()
    assert error.retryable and not error.unknown
