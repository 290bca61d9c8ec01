"""Gives up a request to a language model as soon as its words could not be said any more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from runtime.dialogue import Discarded
from runtime.llm.brief import Stand, still_stands
from store.database import Database

T = TypeVar("T")

#: The commit asks again, so this only saves money and a place: a look now and then is enough.
LOOK_S = 0.5


async def unless_overtaken(db: Database, stand: Stand | None, asking: Coroutine[Any, Any, T]) -> T:
    """What it comes to; `Discarded` where who may speak changed before."""
    task = asyncio.ensure_future(asking)
    try:
        while True:
            done, _ = await asyncio.wait({task}, timeout=LOOK_S)
            if done:
                return task.result()
            if stand is not None and not await db.read(still_stands, stand):
                raise Discarded("who may speak has changed while the language model was asked")
    finally:
        if not task.done():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
