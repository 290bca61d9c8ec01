"""A process that ends in the middle of a merge, by SIGKILL: nobody tidies up after it but the database."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
from datetime import datetime
from typing import Any

from bench.harness.entry import CannotMeasure
from conversation.account import Channel
from conversation.arrivals import Arrival
from runtime import merging as told
from runtime.accept import accept_all
from store import former_ids, merged_rows, merging
from store.database import Database

#: Where: at the door of this, or when it is done.
WITHIN: dict[str, tuple[Any, str]] = {
    "the locks": (merging, "_locked"),
    "the rows": (merged_rows, "move_all"),
    "the notices": (merging, "_tell"),
    "the contact": (merging, "_move_contact"),
    "the old names": (former_ids, "add"),
}
_TIME_S = 60.0


async def dies(url: str, tells: Arrival | tuple[str, str], now: datetime, place: str, *, after: bool) -> None:
    """Another process is told of it, as by a webhook or by hand, and is gone before it has committed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_merge, args=(url, tells, now, place, after), daemon=True)
    process.start()
    await asyncio.to_thread(process.join, _TIME_S)
    if process.exitcode != -signal.SIGKILL:
        raise CannotMeasure(f"The process that was to end at {place} did not: {process.exitcode}.")


def _merge(url: str, tells: Arrival | tuple[str, str], now: datetime, place: str, after: bool) -> None:
    module, name = WITHIN[place]
    whole = getattr(module, name)

    def ends(*args: Any, **how: Any) -> None:
        if after:
            whole(*args, **how)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, ends)
    with contextlib.closing(Database(url)) as db:
        if isinstance(tells, tuple):
            db.write_now(told.by_hand, *tells, by="sonia", now=now)
        else:
            db.write_now(accept_all, Channel.WHATSAPP, [tells], now)
