"""What takes seconds is there before the first language model is asked, and not where nobody has one."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest

from app import worker
from conversation.agent import Provider
from store import tables
from tests import services
from tests.house import Stage, eventually

pytestmark = services.sqlite_only


async def test_a_model_that_somebody_gives_an_agent_is_made_ready_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_WARM_UP_S", 0.01)
    warmed: list[Provider] = []

    async def warm_up(provider: Provider) -> None:
        warmed.append(provider)

    house: Any = SimpleNamespace(db=stage.db, llm=SimpleNamespace(warm_up=warm_up))
    work = asyncio.create_task(worker._warm_up(house))
    try:
        await asyncio.sleep(0.1)
        assert warmed == []  # the one agent there is thinks with Rasa

        def change(tx: Any) -> None:
            tx.execute(tables.agents.update().values(provider=Provider.ANTHROPIC.value))

        await stage.db.write(change)
        await eventually(lambda: warmed, "it is made ready")
        assert set(warmed) == {Provider.ANTHROPIC}
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
