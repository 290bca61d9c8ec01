"""docs/api.md, in both languages: every block of it is run, in its order, against the real gateway."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from yarl import URL

from app.settings import ROOT
from connectors import whatsapp_render
from conversation.agent import Agent
from handover import feed_messages, openapi
from runtime.actors import stop
from runtime.trying_out import Tried, TryingOut, serve
from tests import browser, services
from tests.files import PNG
from tests.handover import curl_blocks
from tests.handover.conftest import Api
from tests.house import DEADLINE_S, START, Stage, eventually
from tests.whatsapp_bodies import body_with, comes, wrote

PAGES = [ROOT / "docs" / name for name in ("api.md", "api.pt-BR.md")]
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
ANYTHING = "…"

#: What a name in capitals stands for from then on: the end of the path that was asked for, and where it is answered.
NAMES = {
    "TOKEN": ("POST /sign-in", ("token",)),
    "KEY": ("POST /me/tokens", ("token_id",)),
    "CONVERSATION": ("GET /conversations", ("items", 0, "id")),
    "CONTACT": ("GET /conversations", ("items", 0, "contact", "id")),
    "ACCOUNT": ("GET /conversations", ("items", 0, "account_id")),
    "MESSAGE": ("GET /conversations/[^/]+/messages", ("items", 0, "id")),
    "FILE": ("POST /media", ("id",)),
    "NOTE": ("POST /conversations/[^/]+/notes", ("id",)),
    "CANNED": ("POST /canned", ("id",)),
    "REQUEST": ("GET /requests", ("items", 0, "id")),
    "EVENT": ("GET /webhook-events", ("items", 0, "id")),
}


def blocks(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def fits(shown: Any, given: Any, where: str = "it") -> None:
    """What the page shows is what was answered; `…` stands for anything, and as a name for more of them."""
    if shown == ANYTHING:
        return
    if isinstance(shown, dict):
        assert isinstance(given, dict), where
        named = set(shown) - {ANYTHING}
        assert (named <= set(given)) if ANYTHING in shown else (named == set(given)), (where, named ^ set(given))
        for name in named:
            fits(shown[name], given[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert isinstance(given, list), where
        some = shown[:-1] if shown[-1:] == [ANYTHING] else shown
        assert len(given) >= len(some) if len(some) < len(shown) else len(given) == len(some), (where, given)
        for number, each in enumerate(some):
            fits(each, given[number], f"{where}[{number}]")
    elif isinstance(shown, str) and ANYTHING in shown:
        assert isinstance(given, str), where
        assert re.fullmatch(".*".join(map(re.escape, shown.split(ANYTHING))), given, re.DOTALL), (where, given)
    else:
        assert (type(shown), shown) == (type(given), given), where


class Reader:
    """Somebody who does what the page says, from its beginning to its end. `known`: as `NAMES`."""

    def __init__(self, stage: Stage, api: Api, folder: Path, known: Mapping[str, Any] = NAMES) -> None:
        self.stage, self.api, self.folder, self.known = stage, api, folder, known
        self.names = {"BATON": api.address, "ADMIN": api.tokens["chefe"]}
        self.answered: Any = None
        (folder / "menu.png").write_bytes(PNG)

    async def sh(self, block: str) -> None:
        many = 0
        for asked in curl_blocks.asked_in(block, self.names, self.folder):
            many += 1
            await self._ask(asked)
        assert many, "a block that does nothing"

    async def _ask(self, asked: curl_blocks.Asked) -> None:
        url = URL(asked.url, encoded=True)
        async with self.api.session.request(asked.method, url, headers=asked.headers, data=asked.body) as answer:
            body = await answer.read()
        assert answer.status == (asked.status or 200), (asked.method, asked.url, answer.status, body)
        if asked.saved_as is not None:
            (self.folder / asked.saved_as).write_bytes(body)
            return
        self.answered = json.loads(body)
        for name, (way, steps) in self.known.items():
            if re.fullmatch(way.replace(" /", " /api/v1/"), f"{asked.method} {url.path}") and answer.status == 200:
                found = self.answered
                for step in steps:
                    found = found[step]
                self.names[name] = str(found)

    async def json(self, block: str) -> None:
        assert self.answered is not None, "it shows the answer to the block before"
        fits(json.loads(block), self.answered)

    async def text(self, block: str) -> None:
        """A talk on the feed's socket. What is told in between, and not shown, may be."""
        async with self.api.session.ws_connect(self.api.address + "/ws") as socket:
            for line in block.splitlines():
                way, written = line[0], line[2:]
                for name, value in self.names.items():
                    written = written.replace(f"${name}", value)
                if way == "→":
                    feed_messages.read(written)
                    await socket.send_str(written)
                else:
                    assert way == "←", line
                    await asyncio.wait_for(self._told(socket, json.loads(written)), DEADLINE_S)

    async def _told(self, socket: Any, shown: Any) -> None:
        missed = []
        while True:
            given = await socket.receive_json()
            msgspec.convert(given, feed_messages.Told)
            try:
                return fits(shown, given)
            except AssertionError as error:
                missed.append(error)
                assert len(missed) < 50, missed

    async def python(self, block: str) -> None:
        """The client: it is told what happens, and after it was cut off what happened meanwhile."""
        names: dict[str, Any] = {"__name__": "desk"}
        exec(block, names)
        happened: list[Any] = []
        anew: list[bool] = []

        async def hear(event: Any) -> None:
            happened.append(event)

        async def read_anew() -> None:
            anew.append(True)

        async with names["aiohttp"].ClientSession() as session:
            follow = names["follow"](session, self.api.address, self.api.tokens["ben"], hear, read_anew, pause_s=0.01)
            task = asyncio.create_task(follow)
            with sockets_opened() as opened:
                await eventually(lambda: anew, "that ben follows")
                for number in range(3):
                    await self.stage.hears(f"Alô {number}?")
                    await eventually(functools.partial(_said, happened, f"Alô {number}?"), "the event")
                    opened[-1]._response.connection.transport.abort()
                await eventually(lambda: len(opened) == 4, "another socket")
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            ids = [each["id"] for each in happened]
            assert ids == sorted(set(ids)) and anew == [True]
            mine = names["follow"](session, self.api.address, "wrong", hear, read_anew, pause_s=0.01)
            with pytest.raises(PermissionError):
                await mine

    async def js(self, block: str) -> None:
        """Run in a browser: see below."""


def _said(happened: list[Any], text: str) -> bool:
    return any(each.get("message", {}).get("text") == text for each in happened)


@contextlib.contextmanager
def sockets_opened() -> Iterator[list[Any]]:
    """Every socket that a client opens meanwhile, for a test to cut."""
    usual, opened = aiohttp.ClientSession._ws_connect, list[Any]()

    async def connect(*given: Any, **more: Any) -> Any:
        socket = await usual(*given, **more)
        opened.append(socket)
        return socket

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiohttp.ClientSession, "_ws_connect", connect)
        yield opened


class Says:
    """What a worker has an assistant say that is tried."""

    async def try_out(self, agent: Agent, session: str, text: str, account_ids: Any = None) -> Tried:
        return Tried(texts=(f"Você disse: {text}", "Mais?"), tokens=7, ms=12, by=agent.model.model_name)


@pytest.fixture
async def worker(api: Api, stage: Stage) -> AsyncIterator[None]:
    api.house.trying_out = TryingOut(stage.db, api.house.bus, stage.clock, patience_s=DEADLINE_S)
    task = asyncio.create_task(serve(stage.db, api.house.bus, stage.clock, Says()))
    yield
    await stop(task)


@pytest.fixture
async def reader(stage: Stage, api: Api, worker: None, tmp_path: Path) -> Reader:
    """A customer has written, and the assistant has answered."""
    stage.channel.render = whatsapp_render.render  # type: ignore[method-assign]
    await comes(stage, body_with(wrote("A pizza veio errada.", "w1", at=int(START.timestamp()))))
    conversation_id = (await api.get("/conversations"))[1]["items"][0]["id"]
    await stage.all_turns(conversation_id)
    return Reader(stage, api, tmp_path)


@page
@services.sqlite_only
async def test_every_block_does_what_it_shows(page: Path, reader: Reader) -> None:
    for kind, block in blocks(page):
        try:
            await getattr(reader, kind)(block)
        except Exception as error:
            raise AssertionError(f"{page.name}, a block of {kind or 'no language'}:\n{block}\n{error!r}") from error
        if kind != "sh":
            reader.answered = None
    assert (reader.folder / "picture.png").read_bytes() == PNG
    assert "A pizza veio errada." in (reader.folder / "export.json").read_text()


@services.sqlite_only
@pytest.mark.browser
async def test_its_client_follows_in_a_browser(reader: Reader) -> None:
    (client,) = [block for kind, block in blocks(PAGES[0]) if kind == "js"]
    api, stage = reader.api, reader.stage
    async with browser.opened_beside() as chromium:
        page = await (await chromium.new_context(bypass_csp=True)).new_page()
        page.set_default_timeout(15_000)
        await page.goto(f"{api.address}/api/v1/health")
        await page.add_script_tag(content=client)
        await page.evaluate(
            "([baton, token]) => { window.told = [];"
            " follow(baton, token, (event) => told.push(event), () => told.push('anew'))"
            ".then(() => told.push('over')); }",
            [api.address, api.tokens["ben"]],
        )
        await page.wait_for_function("told.includes('anew')")
        await stage.hears("Alô?")
        await page.wait_for_function("told.some((e) => e.message?.text === 'Alô?')")
        assert (await api.call("DELETE", "/api/v1/operators/ben/tokens", by="chefe"))[0] == 200
        await page.wait_for_function("told.includes('over')")


def test_both_languages_show_the_same() -> None:
    english, portuguese = (page.read_text() for page in PAGES)
    assert blocks(PAGES[0]) == blocks(PAGES[1])
    for lines in ("^## .", r"^\| .", "^- "):
        assert len(re.findall(lines, english, re.MULTILINE)) == len(re.findall(lines, portuguese, re.MULTILINE)), lines


@services.sqlite_only
async def test_every_path_it_names_is_one_of_the_api(api: Api) -> None:
    found = openapi.document(api.app)["paths"]
    known = {(method.upper(), re.sub(r"\{\w+\}", "[^/]+", path)) for path, ways in found.items() for method in ways}
    for path in PAGES:
        named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]+)", path.read_text())
        assert len(named) > 25
        for method, asked in named:
            assert any(method == way and re.fullmatch(one, "/api/v1" + asked) for way, one in known), (method, asked)


@pytest.mark.parametrize(
    "block",
    [
        "curl $BATON; rm x",
        "curl $BATON | jq .",
        "curl -k $BATON",
        "wget $BATON",
        "curl $NOBODY",
        "curl `id`",
        "curl a b",
    ],
)
def test_what_is_not_curl_as_we_know_it_is_not_run(block: str, tmp_path: Path) -> None:
    with pytest.raises((curl_blocks.NotUnderstood, KeyError)):
        list(curl_blocks.asked_in(block, {"BATON": "http://localhost:1"}, tmp_path))
