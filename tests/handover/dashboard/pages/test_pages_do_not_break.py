"""Where a page of the dashboard would break, it does not: three of its revisions read our answers in a browser.

Each reading (f3.js, f2.js, f0.js) does with our answers what that page does, and throws where it would. Of each, our
answers are spoilt too, one thing at a time: it must throw then, or it would have seen nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conversation.message import MessageStatus
from tests import browser, services
from tests.handover.conftest import Api
from tests.house import ANA, NUMBER, Stage

pytestmark = [pytest.mark.browser, services.sqlite_only]
READINGS = {
    *("F3 sign-in", "F3 start", "F3 inbox", "F3 chat", "F3 all channels", "F3 modal", "F3 handover", "F3 agents"),
    *("F2 account", "F2 connections", "F2 Instagram", "F2 Messenger"),
    *("F0 chat", "F0 Instagram", "F0 Messenger"),
}


async def test_no_page_breaks_on_what_it_is_answered(
    api: Api, gate: str, origin: str, about: dict[str, str], stage: Stage
) -> None:
    told, wrong = await asyncio.to_thread(_read_all, gate, origin, api.tokens["chefe"], about)

    assert set(told) == READINGS
    assert {name: why for name, (why, _) in told.items() if why} == {}
    assert {name: unseen for name, (_, unseen) in told.items() if unseen} == {}, "spoilt, and the page reads on"
    assert wrong == []


def _read_all(gate: str, origin: str, token: str, about: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Of each reading: why it broke, and what it did not see. And what went wrong in the console."""
    wrong: list[str] = []
    told: dict[str, Any] = {}
    with browser.opened() as chromium:
        page = browser.watched(chromium.new_page(), wrong)
        page.goto(f"{origin}/page.html")
        for name in page.evaluate("names()"):
            try:
                answers = page.evaluate("given => asked(...given)", [name, gate, token, about])
            except Exception as error:
                told[name] = (f"asking: {error}", [])
                continue
            read = page.evaluate("given => read(...given)", [name, answers, about])
            told[name] = (read, [] if read else page.evaluate("given => unseen(...given)", [name, answers, about]))
    return told, wrong


@pytest.mark.parametrize("seed", [False, True], ids=["token in a message", "token in the address"])
async def test_the_inbox_is_live(
    api: Api, gate: str, origin: str, stage: Stage, about: dict[str, str], seed: bool
) -> None:
    loop = asyncio.get_running_loop()

    def now(work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), loop).result(browser.DEADLINE_MS / 1000)

    async with stage.delivering():
        wrong = await asyncio.to_thread(_live, gate, origin, api.tokens["chefe"], about, stage, now, seed)

    assert wrong == []


def _live(
    gate: str,
    origin: str,
    token: str,
    about: dict[str, str],
    stage: Stage,
    now: Callable[[Awaitable[Any]], Any],
    seed: bool,
) -> list[str]:
    wrong: list[str] = []
    talk = about["talk"]
    with browser.opened() as chromium:
        page = browser.watched(chromium.new_page(), wrong)
        page.goto(f"{origin}/page.html")
        page.evaluate("given => live(...given)", [gate.replace("http", "ws", 1), token, seed])
        page.wait_for_function("inbox.state === 'Ao vivo' && inbox.pongs > 0")
        now(stage.hears("are you there?", phone=ANA))
        page.wait_for_function("inbox.bubbles.some((each) => each.text_body === 'are you there?')")
        now(stage.ownership.take(talk, by="chefe"))
        page.wait_for_function("talk => inbox.modes[talk] === 'human' && inbox.rows[talk]?.mode === 'human'", arg=talk)
        sent = page.evaluate(
            "given => asked(...given)", ["F3 chat", gate, token, {**about, "once": about["once"] + "1"}]
        )
        number = sent["sent"]["id"]
        page.wait_for_function("id => inbox.bubbles.some((each) => each.id === id)", arg=number)
        provider_id = now(_provider_id(stage, talk, number))
        now(stage.report(provider_id, MessageStatus.DELIVERED, account=NUMBER))
        page.wait_for_function("id => inbox.ticks[id] === 'delivered'", arg=number)
        now(stage.ownership.release(talk, by="chefe", force=True))
        page.wait_for_function("talk => inbox.modes[talk] === 'auto'", arg=talk)
        bubble = page.evaluate("inbox.bubbles[0]")
        for spoilt in (
            {"type": "message_received", "conversation_id": talk, "message": {**bubble, "created_at": None}},
            {"type": "message_sent", "message": bubble},
            {"type": "status_updated", "status": "read"},
            {"type": "handover_mode_changed", "conversation_id": talk, "handover_status": "auto"},
        ):
            assert page.evaluate("hears", spoilt) is not None, f"told {spoilt['type']} spoilt, the page reads on"
        assert page.evaluate("inbox.broken") == []
        page.evaluate("socket.close(1000)")
    return wrong


async def _provider_id(stage: Stage, talk: str, number: str) -> str:
    """Once it was sent."""
    while True:
        found = next(each for each in await stage.messages(talk) if str(each.id) == number)  # type: ignore[arg-type]
        if found.provider_id is not None:
            return found.provider_id
        await asyncio.sleep(0.01)
