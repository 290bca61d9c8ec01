"""The database server ends while the gateway and the worker run, and comes back: nobody restarts anything."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.services import postgres
from connectors import signature
from runtime.actors import Actors, stop
from store.database import Database
from tests.handover.conftest import Api
from tests.house import NUMBER, Stage, eventually

PAYLOAD = Path(__file__).parents[1] / "connectors/payloads/whatsapp/text.json"
WEBHOOK = "/webhooks/whatsapp/webhook"
SECRET = "s1"  # the account's, see house.py


@pytest.fixture
def db(own_url: str) -> Iterator[Database]:
    database = Database(own_url)
    yield database
    database.close()


@pytest.fixture
async def working(stage: Stage) -> AsyncIterator[None]:
    """Delivery and actors, as the gateway and the worker run them."""
    actors = Actors(stage.db, stage.turns, stage.wake, stage.clock, stage.settings, stage.holder)
    async with stage.delivering():
        task = asyncio.create_task(actors.run())
        yield
        assert not task.done(), "the worker would have ended"
        await actors.drain(1)
        await stop(task)


async def post(api: Api, provider_id: str) -> int:
    body: dict[str, Any] = json.loads(PAYLOAD.read_text())
    value = body["entry"][0]["changes"][0]["value"]
    value["metadata"]["phone_number_id"] = NUMBER
    value["messages"][0]["id"] = provider_id
    raw = json.dumps(body).encode()
    headers = {signature.HEADER: signature.sign(raw, SECRET)}
    async with api.session.post(api.address + WEBHOOK, data=raw, headers=headers) as response:
        return response.status


async def test_a_webhook_is_refused_until_it_can_be_kept_and_then_everything_goes_on(
    stage: Stage, api: Api, working: None, own_server: postgres.Server
) -> None:
    assert await post(api, "wamid.1") == 200
    await stage.sent(1)
    own_server.crash()
    assert await post(api, "wamid.2") == 503
    status, answer = await api.get("/conversations")
    assert (status, answer["error"]["code"]) == (503, "unavailable")
    own_server.start()
    assert await post(api, "wamid.2") == 200  # Meta repeats what was refused
    assert len(await stage.sent(2)) == 2
    assert (await api.get("/conversations"))[0] == 200


async def test_what_became_of_a_request_is_written_down_when_the_database_is_back(
    stage: Stage, api: Api, working: None, own_server: postgres.Server
) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def hold(_: object) -> None:
        asked.set()
        await may_answer.wait()

    stage.channel.has_signs = False
    stage.channel.during = hold
    assert await post(api, "wamid.1") == 200
    await asyncio.wait_for(asked.wait(), 10)
    own_server.crash()
    may_answer.set()
    await eventually(lambda: len(stage.channel.sent) == 1)
    own_server.start()
    await eventually(lambda: all_sent(stage))
    assert len(stage.channel.sent) == 1


async def all_sent(stage: Stage) -> bool:
    with contextlib.suppress(Exception):
        return [row.state for row in await stage.outbox()] == ["sent"]
    return False
