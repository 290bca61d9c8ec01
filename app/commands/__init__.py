"""The command line's words, one file a thing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from app import logs, settings, wiring

T = TypeVar("T")


def with_house(work: Callable[[wiring.House], Awaitable[T]]) -> T:
    """Runs `work` with an open house, closed again afterwards."""

    async def run() -> T:
        house = wiring.build(settings.read())
        try:
            return await work(house)
        finally:
            await house.close()

    logs.set_up("command", level="WARNING")
    return asyncio.run(run())


def print_json(value: Any) -> None:
    """One line, as scripts like it."""
    print(msgspec.json.encode(value).decode())


def add_json(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON line instead of words")
