"""One process of ours, or of stock Rasa's, with nothing beside it: entered once it is ready, with the seconds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp

from app import settings
from app.settings import Settings
from bench.harness import processes, product, state
from bench.harness.processes import Child
from bench.harness.state import Cast
from bench.stock_rasa import facebook

_PATIENCE_S = 180.0


@contextlib.asynccontextmanager
async def emulator(home: Path) -> AsyncIterator[tuple[Child, float]]:
    env, chosen = await _prepared(home)
    file = state.write_emulator_settings(chosen, Cast(), {})
    began = time.monotonic()
    arguments = ["emulator", "--port", "0", "--settings", file]
    child = await processes.start("emulator", arguments, env=env, log=home / "emulator.log")
    async with _stopped(child):
        await child.said("Emulator: ", _PATIENCE_S)
        yield child, time.monotonic() - began


@contextlib.asynccontextmanager
async def gateway(home: Path) -> AsyncIterator[tuple[Child, float]]:
    env, chosen = await _prepared(home)
    began = time.monotonic()
    child = await processes.start("gateway", ["app.gateway"], env=env, log=home / "gateway.log")
    async with _stopped(child), aiohttp.ClientSession() as http:
        await facebook.answers(http, f"{chosen.address}/api/v1/health", child, _PATIENCE_S)
        yield child, time.monotonic() - began


@contextlib.asynccontextmanager
async def worker(more: Mapping[str, str], home: Path) -> AsyncIterator[tuple[Child, float]]:
    env, _ = await _prepared(home)
    began = time.monotonic()
    child = await processes.start("worker", ["app.worker"], env={**env, **more}, log=home / "worker.log")
    async with _stopped(child):
        await child.said("ready", _PATIENCE_S)
        yield child, time.monotonic() - began


@contextlib.asynccontextmanager
async def stock_rasa(model: Path, home: Path) -> AsyncIterator[tuple[Child, float]]:
    async with facebook.running(home, model) as rasa:
        await rasa.kill()
        began = time.monotonic()
        await rasa.restart()
        yield rasa.child, time.monotonic() - began


@contextlib.asynccontextmanager
async def stock_actions(home: Path) -> AsyncIterator[tuple[Child, float]]:
    began = time.monotonic()
    async with facebook.action_process(home) as (child, _):
        yield child, time.monotonic() - began


async def _prepared(home: Path) -> tuple[dict[str, str], Settings]:
    """The database is made already: that is not part of a start."""
    port = str(facebook.free_port())
    env = {**product.inherited(), "BATON_HOME": str(home), "PORT": port, "EMULATOR_PORT": "5006"}
    chosen = settings.read(env)
    await asyncio.to_thread(state.prepare, chosen, Cast())
    return env, chosen


@contextlib.asynccontextmanager
async def _stopped(child: Child) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await child.stop()
