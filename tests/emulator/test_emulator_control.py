"""Who may drive the emulator, the demonstration desk, the page and its feed, the settings, the process."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator import fields, settings

ROOT = Path(__file__).parents[2]
ACCOUNT, ANA, BEN = "100000000000001", "5511988887777", "14155550123"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (JSON, 200),
        ({"Content-Type": "text/plain"}, 403),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 403),
        ({**JSON, "Origin": "http://evil.example"}, 403),
        ({**JSON, "Origin": "http://127.0.0.1:1"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Host": "evil.example"}, 403),
        ({**JSON, "Host": "127.0.0.1.evil.example"}, 403),
    ],
)
async def test_only_the_own_page_and_local_scripts_may_drive_it(emulator: Any, headers: Any, expected: int) -> None:
    async with emulator.http.post(f"{emulator.base}/emulator/reset", data="{}", headers=headers) as response:
        assert response.status == expected


async def test_the_own_origin_is_welcome(emulator: Any) -> None:
    headers = {**JSON, "Origin": emulator.base}
    async with emulator.http.post(f"{emulator.base}/emulator/reset", data="{}", headers=headers) as response:
        assert response.status == 200


async def test_a_foreign_host_name_may_not_read_either(emulator: Any) -> None:
    async with emulator.http.get(f"{emulator.base}/emulator/settings", headers={"Host": "evil.example"}) as response:
        assert response.status == 403


async def test_the_page_brings_all_of_itself_and_a_strict_policy(emulator: Any) -> None:
    for path in ("/", "/emulator/static/phones.css", "/emulator/static/phones.js"):
        async with emulator.http.get(emulator.base + path) as response:
            text = await response.text()
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "//fonts." not in text
            assert "innerHTML" not in text
    async with emulator.http.get(f"{emulator.base}/emulator/static/..%2fserver.py") as response:
        assert response.status == 404


async def test_secrets_are_never_given_back(emulator: Any) -> None:
    shown = str([await emulator.control("GET", path) for path in ("settings", "accounts", "health")])

    assert "test-app-secret" not in shown
    assert "verify me" not in shown
    assert "demo token" not in shown


@pytest.mark.parametrize(("action", "body"), [("take", {}), ("release", {}), ("reply", {"text": "Oi, é a Marina"})])
async def test_the_demo_desk_forwards_with_its_token(emulator: Any, product: Any, action: str, body: Any) -> None:
    product.conversations = [{"id": "c/1", "state": "bot", "owner": None}]

    answer = await emulator.control("POST", "demo", {"account": ACCOUNT, "customer": ANA, "action": action, **body})

    assert answer == {"conversation": "c/1", "state": "human", "in_flight": 2, "owner": "Marina"}
    assert product.api == [
        ("GET", f"/api/v1/conversations?account={ACCOUNT}&address={ANA}", None, "Bearer demo token"),
        ("POST", f"/api/v1/conversations/c%2F1/{action}", body, "Bearer demo token"),
    ]


async def test_the_demo_desk_tells_the_state(emulator: Any, product: Any) -> None:
    ask = {"account": ACCOUNT, "customer": ANA, "action": "state"}
    nobody = await emulator.control("POST", "demo", ask)
    product.conversations = [{"id": "c1", "state": "pending", "owner": None}]
    waiting = await emulator.control("POST", "demo", ask)

    assert (nobody["state"], waiting["state"], waiting["in_flight"]) == (None, "pending", 0)


async def test_the_demo_desk_says_clearly_what_is_wrong(emulator: Any, product: Any) -> None:
    ask = {"account": ACCOUNT, "customer": ANA, "action": "take"}
    unknown = await emulator.control("POST", "demo", ask, ok=False)
    product.conversations, product.api_status = [{"id": "c1", "state": "bot"}], 409
    refused = await emulator.control("POST", "demo", ask, ok=False)
    await emulator.control("PUT", "settings", {"demo": {"url": "http://127.0.0.1:9", "token": "demo token"}})
    silent = await emulator.control("POST", "demo", ask, ok=False)

    assert unknown["error"]["code"] == "no_conversation"
    assert refused["error"] == {
        "code": "refused",
        "message": "The product answered 409: taken by somebody else",
    }
    assert silent["error"] == {"code": "no_answer", "message": "The product does not answer."}


class TestWithoutDemo:
    @pytest.fixture
    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        del settings["demo"]
        return settings

    async def test_it_says_so(self, emulator: Any) -> None:
        ask = {"account": ACCOUNT, "customer": ANA, "action": "state"}
        assert (await emulator.control("POST", "demo", ask, ok=False))["error"]["code"] == "no_demo"
        assert (await emulator.control("GET", "health"))["demo"] is False


async def next_events(response: Any, count: int) -> list[tuple[str, str, Any]]:
    events: list[tuple[str, str, Any]] = []
    current: dict[str, str] = {}
    while len(events) < count:
        line = (await asyncio.wait_for(response.content.readline(), 3)).decode().rstrip()
        if line and not line.startswith(":"):
            key, _, value = line.partition(": ")
            current[key] = value
        elif current:
            events.append((current["id"], current["event"], json.loads(current["data"])))
            current = {}
    return events


async def test_the_feed_goes_on_where_the_page_left_it(emulator: Any) -> None:
    cursor = (await emulator.control("GET", f"chat?customer={ANA}"))["feed"]
    await emulator.say(BEN, text="not for this page")
    await emulator.say(text="um")
    url = f"{emulator.base}/emulator/feed?phones={ANA}&after="

    async with emulator.http.get(url + cursor) as response:
        seen = [e for e in await next_events(response, 2) if e[1] == "item"]
    await emulator.say(text="dois")
    async with emulator.http.get(url, headers={"Last-Event-ID": seen[-1][0]}) as response:
        later = [e for e in await next_events(response, 1) if e[1] == "item"]

    assert [(event["text"], event["status"]) for _, _, event in seen] == [
        ("um", "sending"),
        ("um", "delivered"),
    ]
    assert later[0][2]["text"] == "dois"


async def test_a_page_from_before_a_restart_is_told_to_read_all_again(emulator: Any) -> None:
    async with emulator.http.get(f"{emulator.base}/emulator/feed?phones={ANA}&after=old-7") as response:
        assert (await next_events(response, 1))[0][1] == "reload"


def test_all_faults_of_a_settings_file_are_told_together() -> None:
    wrong = {
        "webhook_base": "https://example.com",
        "colour": 1,
        "accounts": [{"id": "x", "channel": "pigeon"}],
    }

    with pytest.raises(fields.Faulty) as told:
        settings.start_from(wrong)

    text = str(told.value)
    assert all(word in text for word in ("webhook_base", "colour", "accounts[0].id", "accounts[0].channel"))


def test_without_a_file_there_are_two_phones_and_no_account() -> None:
    start = settings.start_from({})

    assert [(c.name, c.language) for c in start.customers] == [("Ana", "pt-BR"), ("Ben", "en")]
    assert start.accounts == []


async def test_nothing_is_sent_off_this_machine(emulator: Any) -> None:
    for change in (
        {"webhook_base": "http://192.0.2.1"},
        {"demo": {"url": "http://127.0.0.1.evil.example", "token": "t"}},
    ):
        answer = await emulator.control("PUT", "settings", change, ok=False)
        assert "this machine" in answer["error"]["message"]


def start_process(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "emulator", *options], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_process_says_where_it_is_and_stops_cleanly(number: signal.Signals) -> None:
    with start_process("--port", "0") as process:
        assert process.stdout is not None
        assert "http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(number)
        _, err = process.communicate(timeout=10)

    assert (process.returncode, err) == (0, "")


def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start_process("--port", str(port)) as process:
            _, err = process.communicate(timeout=10)

    assert (process.returncode, err) == (
        1,
        f"Port {port} is taken by another program; choose another with --port.\n",
    )


def test_it_listens_nowhere_but_on_loopback() -> None:
    with start_process("--port", "0", "--host", "0.0.0.0") as process:
        _, err = process.communicate(timeout=10)

    assert process.returncode == 1
    assert "127.0.0.1 only" in err
