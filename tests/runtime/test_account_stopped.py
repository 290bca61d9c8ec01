"""An account that Meta has stopped: said once, and again when it is something else; and when it goes on."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.course import Course
from conversation.errors import SendError
from runtime.settings import RuntimeSettings
from store import accounts, notices, tables
from tests import services
from tests.house import Stage, eventually
from tests.runtime.test_deliver_courses import says, tells, told, tried, waits_s

pytestmark = services.sqlite_only


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30)


def stopped(fault: str) -> SendError:
    return SendError(fault, error_code=190, course=Course.STOP_ACCOUNT)


async def try_each(stage: Stage, *faults: str) -> None:
    stage.channel.answers += [stopped(fault) for fault in faults]
    async with stage.delivering():
        for times in range(1, len(faults) + 1):
            await eventually(tried(stage, times, "queued"))
            await stage.db.write(lambda tx: tx.execute(tables.alerts.update().values(state="told")))
            stage.clock.wind(await waits_s(stage))


async def faults_noticed(stage: Stage) -> list[Any]:
    found = await stage.db.read(notices.after, 0)
    return [notice["facts"]["fault"] for notice in found if notice["kind"] == "account"]


async def test_the_same_fault_is_told_once_whatever_number_meta_gives_it(stage: Stage) -> None:
    await tells(stage)
    await says(stage, "oi")
    await try_each(stage, "no token (190, trace A1)", "no token (190, trace B2)", "no token (190, trace C3)")
    assert await told(stage) == [("account", "no token (190, trace A1)")]
    assert await faults_noticed(stage) == ["no token (190, trace A1)"]


async def test_another_fault_is_told_anew(stage: Stage) -> None:
    await tells(stage)
    await says(stage, "oi")
    await try_each(stage, "no token (190, trace A1)", "blocked (368, trace B2)")
    assert [reason for _, reason in await told(stage)] == ["no token (190, trace A1)", "blocked (368, trace B2)"]


async def test_nothing_is_lost_or_sent_meanwhile_and_it_is_said_that_it_goes_on(stage: Stage) -> None:
    await says(stage, "um", "dois")
    stage.channel.answers.append(stopped("no token (190)"))
    async with stage.delivering():
        await eventually(tried(stage, 1, "queued", "queued"))
        stage.clock.wind(await waits_s(stage))
        assert await stage.sent(2) == ["um", "dois"]

        async def noticed() -> bool:
            return await faults_noticed(stage) == ["no token (190)", None]

        await eventually(noticed)
    assert (await stage.db.read(accounts.get, stage.account.id)).fault is None
