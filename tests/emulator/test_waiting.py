"""Waiting, on a loop whose timers come early."""

from __future__ import annotations

import asyncio
import time

import pytest

from emulator.waiting import at_least


async def test_what_wakes_early_waits_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = asyncio.sleep

    async def early(seconds: float) -> None:
        await sleep(seconds * 0.8)

    monkeypatch.setattr(asyncio, "sleep", early)
    began = time.monotonic()

    await at_least(30)

    assert time.monotonic() - began >= 0.030
