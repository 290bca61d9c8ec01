"""What Meta saw: each webhook it posted, each time, and whether it was answered 200. Read from the emulator's log."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.harness.product import Product

_STEP_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Post:
    """One attempt. `reports_on`: the outbox rows that its status reports name."""

    ended_ns: int
    attempt: int
    taken: bool
    messages: frozenset[str]
    reports_on: frozenset[str]

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Post:
        body = json.loads(entry["body"])
        values = [change["value"] for part in body["entry"] for change in part["changes"]]
        return cls(
            ended_ns=entry["ended_ns"],
            attempt=entry["attempt"],
            taken=entry["status"] == 200,
            messages=frozenset(message["id"] for value in values for message in value.get("messages", [])),
            reports_on=frozenset(
                report["biz_opaque_callback_data"]
                for value in values
                for report in value.get("statuses", [])
                if "biz_opaque_callback_data" in report
            ),
        )


class Posts:
    """Follows the log, which the emulator keeps for a while only."""

    def __init__(self, product: Product) -> None:
        self._product, self._last = product, 0
        self.all: list[Post] = []

    @contextlib.asynccontextmanager
    async def followed(self) -> AsyncIterator[Posts]:
        task = asyncio.create_task(self._follow(), name="posts")
        try:
            yield self
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._look()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(_STEP_S)

    async def _look(self) -> None:
        entries = (await self._product.emulator.ask("GET", f"webhooks?after={self._last}"))["items"]
        if entries and entries[0]["n"] > self._last + 1:
            raise RuntimeError("the emulator's log of webhooks was left behind")
        for entry in entries:
            self._last = entry["n"]
            self.all.append(Post.from_entry(entry))
