"""The scenarios that come with the emulator, played against a small shop that does it right, and some that do not."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulator import scenario_files, server
from emulator.fields import Faulty
from emulator.settings import start_from

ACCOUNT, ANA = "100000000000001", "5511988887777"
SHIPPED = [scenario.name for scenario in scenario_files.shipped()]
WAITING = frozenset({130429, 131056})


@dataclass
class Shop:
    """Answers each customer once for each new message, in its turn, until a person answers on the phone."""

    url: str = ""
    graph: str = ""
    http: aiohttp.ClientSession | None = None
    tokens: list[str] = field(default_factory=lambda: ["first", "second"])
    forgets: bool = False  # answers what comes twice, twice
    deaf: bool = False  # does not hear who answers on the phone
    _seen: set[str] = field(default_factory=set)
    _taken: set[str] = field(default_factory=set)
    _work: set[asyncio.Task[None]] = field(default_factory=set)

    async def hook(self, request: web.Request) -> web.Response:
        body = await request.json()
        for value in [change["value"] for entry in body["entry"] for change in entry["changes"]]:
            for message in value.get("messages", []):
                if self.forgets or message["id"] not in self._seen:
                    self._seen.add(message["id"])
                    self._answer(message["from"], {"type": "text", "text": {"body": "Olá!"}})
            self._taken |= {echo["to"] for echo in value.get("message_echoes", []) if not self.deaf}
        return web.Response()

    async def api(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response({"items": [{"id": "c1", "state": "bot", "owner": None}]})
        body = await request.json()
        if request.path.endswith("/reply"):
            self._answer(ANA, {"type": "text", "text": {"body": body["text"]}})
        return web.json_response({"state": "human", "owner": {"name": "Lu"}})

    def _answer(self, to: str, message: dict[str, Any]) -> None:
        if to not in self._taken:
            task = asyncio.create_task(self._send(to, message))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def _send(self, to: str, message: dict[str, Any]) -> None:
        assert self.http is not None
        while True:
            body = {"messaging_product": "whatsapp", "to": to, **message}
            headers = {"Authorization": f"Bearer {self.tokens[0]}"}
            async with self.http.post(f"{self.graph}/{ACCOUNT}/messages", json=body, headers=headers) as response:
                code = (await response.json()).get("error", {}).get("code")
            if code == 190 and len(self.tokens) > 1:
                del self.tokens[0]
            elif code == 131047 and message["type"] != "template":
                message = {"type": "template", "template": {"name": "hello", "language": {"code": "pt_BR"}}}
            elif code in WAITING:
                await asyncio.sleep(0.05)
            else:
                return


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with aiohttp.ClientSession() as http:
        playing = Shop(http=http)
        app = web.Application()
        app.router.add_post("/webhooks/{channel}/webhook", playing.hook)
        app.router.add_route("*", "/api/v1/{rest:.*}", playing.api)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        playing.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield playing
        await runner.cleanup()


@pytest.fixture
async def play(shop: Shop) -> AsyncIterator[Callable[..., Any]]:
    """Plays one scenario, in a hurry where it only waits for nothing to come."""
    start = start_from(
        {
            "webhook_base": shop.url,
            "app_secret": "s",
            "demo": {"url": shop.url, "token": "t"},
            "delivered_after_ms": 1,
            "accounts": [{"id": ACCOUNT, "name": "Cantina"}],
        }
    )
    async with server.running(start, 0) as port:
        shop.graph = f"http://127.0.0.1:{port}"

        async def playing(**asked: Any) -> Any:
            assert shop.http is not None
            url = f"{shop.graph}/emulator/scenarios"
            async with shop.http.post(url, json={"patience": 0.05, **asked}) as response:
                return await response.json()

        yield playing
        for task in list(shop._work):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.mark.parametrize("name", SHIPPED)
async def test_each_scenario_passes_where_all_is_done_right(play: Any, name: str) -> None:
    result = await play(name=name)

    assert result["passed"], json.dumps(result["steps"], indent=1)
    assert len(result["steps"]) == result["of"]


async def test_who_answers_twice_fails_at_the_step_that_sees_it(play: Any, shop: Shop) -> None:
    shop.forgets = True

    said = {"customer": "Ana", "text": "oi"}
    steps = [{"faults": {"webhooks": {"doubled_rate": 1}}}, {"say": said}, {"answer": {"exactly": 1}}, {"say": said}]
    result = await play(steps=steps)

    assert not result["passed"]
    assert [step["ok"] for step in result["steps"]] == [True, True, False]
    assert result["steps"][-1]["seen"].startswith("wanted 1, found 2 in all: text 200 “Olá!”")


async def test_an_assistant_that_speaks_over_a_person_fails(play: Any, shop: Shop) -> None:
    shop.deaf = True

    result = await play(name="a_person_on_the_phone", patience=1)

    assert not result["passed"]
    assert "silence" in result["steps"][-1]["step"]
    assert "wanted silence, found 1 in all" in result["steps"][-1]["seen"]


async def test_what_a_scenario_gets_wrong_is_said_at_once(play: Any) -> None:
    wrong = [{"say": {"customer": "Ana"}, "shout": 1}, {"dance": {}}, {"answer": {"since": "never", "colour": 1}}]

    problems = (await play(steps=wrong))["error"]["problems"]

    assert any("steps[1] must have one of say, " in problem for problem in problems)
    assert {"steps[0].shout is not known here", "steps[2].answer.colour is not known here"} <= set(problems)
    assert any("no label before it" in problem for problem in problems)


async def test_faults_and_settings_are_as_before_when_a_scenario_is_over(play: Any, shop: Shop) -> None:
    await play(steps=[{"settings": {"retry_plan": "days"}}, {"faults": {"latency_ms": 5}}])

    assert shop.http is not None
    async with shop.http.get(f"{shop.graph}/emulator/settings") as response:
        assert (await response.json())["retry_plan"] == "desk"
    async with shop.http.get(f"{shop.graph}/emulator/faults") as response:
        assert (await response.json())["latency_ms"] == 0


def test_a_file_that_is_no_scenario_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_text("steps: [say: {", "utf-8")

    with pytest.raises(Faulty, match="is not YAML"):
        scenario_files.read_file(path)


async def test_a_scenario_is_stopped_by_a_reset_and_the_next_one_can_be_played(play: Any, shop: Shop) -> None:
    assert shop.http is not None
    steps = [{"faults": {"latency_ms": 7}}, {"wait_s": 60}]
    waiting = asyncio.create_task(play(name="mine", steps=steps))
    deadline = asyncio.get_running_loop().time() + 5
    latency = 0
    while latency != 7:
        assert asyncio.get_running_loop().time() < deadline
        async with shop.http.get(f"{shop.graph}/emulator/faults") as response:
            latency = (await response.json())["latency_ms"]
    assert "mine is being played" in (await play(steps=[{"note": "?"}]))["error"]["message"]

    async with shop.http.post(f"{shop.graph}/emulator/reset", json={}) as response:
        assert response.status == 200

    assert (await waiting)["error"]["message"] == "mine was stopped"
    assert (await play(steps=[{"note": "?"}]))["passed"]
