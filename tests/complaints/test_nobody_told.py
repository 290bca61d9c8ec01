""" "She had asked for a person on Friday night. Nobody knew until we opened the page on Monday." """

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from conversation.alert import Means
from runtime.alert_settings import AlertingSettings
from runtime.alerting import Alerting
from tests.house import HOLDER, Stage, eventually
from tests.receivers import Got, Receiver, receiving

SETTINGS = AlertingSettings(local=True, look_s=0.01)


def link_of(got: Got) -> str:
    return str(json.loads(got.body)["link"])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def alerting(stage: Stage, receiver: Receiver) -> AsyncIterator[Alerting]:
    """Ana is told at once, Ben if nobody has reacted after five minutes."""
    for name in ("ana", "ben"):
        await stage.operator(name)
    made = Alerting(stage.db, stage.vault, stage.clock, HOLDER, SETTINGS, "https://baton.example.com")
    for name, after_s in (("ana", 0), ("ben", 300)):
        await made.rules.add(
            means=Means.WEBHOOK,
            target=f"{receiver.url}/{name}",
            operator=name,
            team=None,
            settings={},
            after_s=after_s,
        )
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_whoever_should_know_is_told_with_a_link_to_the_conversation(
    stage: Stage, alerting: Alerting, receiver: Receiver
) -> None:
    conversation_id = await stage.asks_for_a_person(priority="high")
    (told,) = await eventually(lambda: receiver.got)
    assert told.path == "/ana"
    assert link_of(told) == f"https://baton.example.com/desk#{conversation_id}"


async def test_and_the_next_one_if_nobody_reacts(stage: Stage, alerting: Alerting, receiver: Receiver) -> None:
    await stage.asks_for_a_person()
    await eventually(lambda: receiver.got)
    stage.clock.wind(300)
    await eventually(lambda: [each.path for each in receiver.got] == ["/ana", "/ben"])


async def test_but_not_if_somebody_did(stage: Stage, alerting: Alerting, receiver: Receiver) -> None:
    taken = await stage.asks_for_a_person()
    await eventually(lambda: receiver.got)
    await stage.ownership.take(taken, by="ana")
    stage.clock.wind(301)
    other = await stage.asks_for_a_person(phone="5511900000001")
    await eventually(lambda: any(other in link_of(each) for each in receiver.got))
    assert [each.path for each in receiver.got] == ["/ana", "/ana"]
