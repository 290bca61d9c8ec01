"""The emulator's stand-in for language models on a free port, without the rest of it; and our client that may reach
it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from connectors.llm import LlmClient
from conversation.agent import Provider
from emulator.llm import Llm
from runtime.llm.provider import Ask, Line


@dataclass
class LlmServer:
    port: int
    llm: Llm

    def url(self, api: str) -> str:
        """Of `openai`, `kimi`, `nvidia`, `ollama` or `anthropic`."""
        return f"http://127.0.0.1:{self.port}/llm/{api}" + ("" if api == "anthropic" else "/v1")

    def script(self, *steps: dict[str, Any], **step: Any) -> None:
        """What is done with the next requests, one step after the other; see `emulator/llm_steps.py`."""
        self.llm.told({"steps": [*steps, *([step] if step else [])]})

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What it was asked, the oldest first."""
        return [entry.shown() for entry in self.llm.journal.after(0)]

    @property
    def local(self) -> frozenset[str]:
        """For the list of local addresses that may be asked."""
        return frozenset({f"127.0.0.1:{self.port}"})

    def ask(self, text: str = "Oi", *, provider: Provider = Provider.OPENAI, **given: Any) -> Ask:
        whole: dict[str, Any] = {
            "base_url": self.url(provider.value),
            "key": "sk-of-the-tests",
            "model_name": "stand-in",
            "system": "You are Bia, of the Cantina.",
            "lines": [Line("user", text)],
            "temperature": 0.7,
            "max_tokens": 200,
            "timeout_s": 10.0,
        }
        return Ask(provider=provider, **{**whole, **given})

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[LlmClient]:
        for name in ("connectors.llm_openai", "connectors.llm_anthropic"):  # not in the time of a test's first question
            await asyncio.to_thread(importlib.import_module, name)
        client = LlmClient(local=self.local)
        try:
            yield client
        finally:
            await client.close()


@contextlib.asynccontextmanager
async def llm_server() -> AsyncIterator[LlmServer]:
    llm, app = Llm(), web.Application()
    app.add_routes(llm.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield LlmServer(port=int(runner.addresses[0][1]), llm=llm)
    finally:
        llm.stop()
        await runner.cleanup()
