"""How a route of the control API reads what it is given and answers: JSON, or what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator.demo import DemoFailed
from emulator.fields import Faulty, Json

Answer = Callable[[web.Request], Awaitable[Json]]


def answering(answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def respond(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await answer(request), headers={"Cache-Control": "no-store"})
        except Faulty as faulty:
            error: Json = {"code": "invalid", "message": str(faulty), "problems": faulty.problems}
            return web.json_response({"error": error}, status=400)
        except DemoFailed as failed:
            error = {"code": failed.code, "message": str(failed)}
            return web.json_response({"error": error}, status=failed.http_status)

    return respond


async def json_of(request: web.Request) -> Any:
    raw = await request.read()
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        raise Faulty(["the body is not JSON"]) from None


def number_of(request: web.Request, name: str, high: int) -> int:
    value = request.query.get(name, "0")
    if not value.isdigit():
        raise Faulty([f"{name} must be a whole number"])
    return min(int(value), high)
