"""Whether anything that the assistant or an operator sent was taken for a person's in the channel's own inbox.

Messenger and Instagram tell an app of its own sends too; Instagram says nothing of whose they are, and may tell of one
before it answers the request that made it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.harness.entry import CannotMeasure
from bench.harness.product import Product
from conversation.arrivals import EchoSource
from store import past
from store.database import Database
from store.tables import held_echoes, messages

_TOLD_S = 60.0
_LOOK_S = 0.1
#: How a person who wrote elsewhere stands in a message.
ELSEWHERE = (*(source.value for source in EchoSource), past.INBOX)


async def tell_first_of_own_sends(product: Product, numbers: Sequence[str], **faults: object) -> None:
    """Every second of these accounts has its echoes before the send's own answer; `faults` are for all of them."""
    for n, number in enumerate(numbers):
        await product.emulator.faults(account=number, echo_first=bool(n % 2), **faults)


async def own_taken_for_person(product: Product, written_elsewhere: Collection[str] = ()) -> int:
    """Once the emulator has told of all, and all is told apart. `written_elsewhere`: by persons indeed."""
    deadline = time.monotonic() + _TOLD_S
    with contextlib.closing(Database(product.settings.database_url)) as db:
        while (await product.emulator.health())["echoes_pending"] or await db.read(_held):
            if time.monotonic() > deadline:
                raise CannotMeasure("Echoes of our own sends were not told, or not told apart, in time.")
            await asyncio.sleep(_LOOK_S)
        taken = await db.read(_from_elsewhere)
    known = {provider_id.removeprefix("m_") for provider_id in written_elsewhere}
    return len([provider_id for provider_id in taken if provider_id.removeprefix("m_") not in known])


def _held(tx: Connection) -> bool:
    """Whether one still waits for its request."""
    return tx.execute(sa.select(held_echoes.c.id).limit(1)).first() is not None


def _from_elsewhere(tx: Connection) -> list[str]:
    return list(tx.execute(sa.select(messages.c.provider_id).where(messages.c.operator.in_(ELSEWHERE))).scalars())
