"""Language models on your desk: speaks as OpenAI and Anthropic do, well or badly as it is told; see `llm_steps.py`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator

from aiohttp import web

from emulator import llm_asked, llm_pieces
from emulator.fields import Faulty, Json
from emulator.llm_anthropic import AnthropicShape
from emulator.llm_asked import Asked, Entry, Journal, Refused
from emulator.llm_openai import OpenAiShape
from emulator.llm_pieces import Shape
from emulator.llm_steps import NAMES, Script, Step, step_from
from emulator.waiting import at_least

_LOOK_S = 0.02  # how often one who waits looks whether the caller is still there
_PAGE = "<!doctype html><title>Sign in to the network</title><p>Welcome to our guests' network."


class Llm:
    """`/llm/{api}/v1/…`: `openai`, `kimi` and `nvidia` want a key, `ollama` none, `anthropic` its own."""

    def __init__(self) -> None:
        self.script, self.journal = Script(), Journal()
        self._over = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/llm/{api:openai|kimi|nvidia|ollama}/v1/chat/completions", self._as_openai),
            web.get("/llm/{api:openai|kimi|nvidia|ollama}/v1/models", self._models),
            web.post("/llm/anthropic/v1/messages", self._as_anthropic),
        ]

    def told(self, raw: object) -> Json:
        """`POST /emulator/llm`: steps for the requests to come, put after those that wait; `[]` forgets all."""
        steps = raw.get("steps") if isinstance(raw, dict) and "steps" in raw else [raw]
        if not isinstance(steps, list):
            raise Faulty(["steps must be a list"])
        read = [step_from(step) for step in steps]
        if not read:
            self.script.clear()
        for step in read:
            self.script.add(step)
        return {"steps": self.script.shown()}

    def requests(self, after: int) -> Json:
        return {"items": [entry.shown() for entry in self.journal.after(after)], "last": self.journal.last}

    def clear(self) -> None:
        """Forgets script and journal; who was kept waiting is let go."""
        self.script.clear()
        self.journal.clear()
        self.stop()
        self._over = asyncio.Event()

    def stop(self) -> None:
        self._over.set()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if not _bearer(request):
            return web.json_response(OpenAiShape.error(401, "", "You didn't provide an API key."), status=401)
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "emulator"} for name in NAMES]
        return web.json_response({"object": "list", "data": listed})

    async def _as_openai(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, OpenAiShape, _bearer(request))

    async def _as_anthropic(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, AnthropicShape, bool(request.headers.get("x-api-key")))

    async def _serve(self, request: web.Request, shape: type[Shape], authorized: bool) -> web.StreamResponse:
        names = sorted({name.lower() for name in request.headers})
        entry = Entry(path=request.path, headers=names, authorized=authorized)
        self.journal.add(entry)
        try:
            asked, step = await self._read(request, entry, shape)
            return await self._do(request, entry, shape(asked), asked, step)
        except Refused as refused:
            entry.status = refused.status
            body = shape.error(refused.status, refused.code, str(refused), refused.param)
            return web.json_response(body, status=refused.status, headers=refused.headers)
        except ConnectionError:
            entry.cut = entry.cut or "caller"
            return web.Response(status=500)
        finally:
            entry.ended_ns = time.monotonic_ns()

    async def _read(self, request: web.Request, entry: Entry, shape: type[Shape]) -> tuple[Asked, Step]:
        try:
            asked = llm_asked.read(json.loads(await request.read()))
        except ValueError:
            raise Refused("We could not parse the JSON body of your request.") from None
        entry.model, entry.stream, entry.system = asked.model, asked.stream, asked.system
        entry.messages, entry.parameters = asked.messages, asked.parameters
        if not entry.authorized:
            raise Refused("You didn't provide an API key.", status=401)
        if shape is AnthropicShape and "anthropic-version" not in entry.headers:
            raise Refused("anthropic-version: header is required")
        shape.check(asked)
        step = self.script.next(asked.model, frozenset(asked.parameters))
        entry.did = step.kind
        for name in step.refuses:
            if name in asked.parameters and name not in shape.needs:
                said = f"Unsupported parameter: '{name}' is not supported with this model."
                raise Refused(said, code="unsupported_parameter", param=name)
        if step.kind == "error":
            said, after = "This error was asked for by a script.", step.retry_after_s
            raise Refused(said, status=step.status, code=step.code, retry_after_s=after)
        return asked, step

    async def _do(
        self, request: web.Request, entry: Entry, shape: Shape, asked: Asked, step: Step
    ) -> web.StreamResponse:
        if step.latency_ms:
            await at_least(step.latency_ms)
        if step.kind == "hang":
            await self._until_gone(request, entry)
            return web.Response(status=500)
        if step.kind == "redirect":
            entry.status = 307
            return web.Response(status=307, headers={"Location": step.to})
        entry.status = 200
        if step.kind == "garbage":
            return web.Response(text=_PAGE, content_type="text/html")
        if asked.stream:
            return await self._stream(request, entry, llm_pieces.parts(shape, asked, step), step)
        words, usage = llm_pieces.words_of(asked, step), llm_pieces.usage_of(asked, step)
        orders = step.kind.startswith("orders")
        return web.json_response(shape.whole(words, shape.reason(step.kind), usage, orders=orders))

    async def _stream(
        self, request: web.Request, entry: Entry, parts: AsyncGenerator[bytes, None], step: Step
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        async with contextlib.aclosing(parts):
            async for part in parts:
                if self._over.is_set():
                    break
                await response.write(part)
                entry.bytes += len(part)
        if step.kind == "stall":
            await self._until_gone(request, entry)
        elif step.kind == "cut" and request.transport is not None:
            entry.cut = "fault"
            request.transport.abort()
        await response.write_eof()
        return response

    async def _until_gone(self, request: web.Request, entry: Entry) -> None:
        over = self._over
        while not over.is_set():
            if request.transport is None or request.transport.is_closing():
                entry.cut = "caller"
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(over.wait(), _LOOK_S)


def _bearer(request: web.Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return request.match_info["api"] == "ollama" or (scheme.lower() == "bearer" and bool(token.strip()))
