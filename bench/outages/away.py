"""The product goes, hours pass, and it comes back: its processes end, and all its database knows is that much older."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.harness.entry import together
from bench.harness.product import Product
from store.database import Database
from store.tables import Instant, audit, metadata

_PROCESSES = ("worker", "gateway")


async def go(product: Product, *, killed: bool) -> None:
    """In good order, or as a power cut would."""
    if killed:
        for name in _PROCESSES:
            product.children[name].kill()
    await together(*(product.children[name].stop() for name in _PROCESSES))


async def let_pass(product: Product, lasted_s: float) -> None:
    """No hours are waited for: every instant in the database moves back instead."""
    with contextlib.closing(Database(product.settings.database_url)) as db:
        await db.write(_age, timedelta(seconds=lasted_s))


async def come_back(product: Product) -> None:
    for name in _PROCESSES:
        await product.restart(name)


def _age(tx: Connection, by: timedelta) -> None:
    for table in metadata.sorted_tables:
        if table is audit:
            continue  # nobody changes what was done, and nothing asks how long ago it was
        instants = [column for column in table.columns if isinstance(column.type, Instant)]
        if instants:
            older = {
                column.name: sa.type_coerce(column, sa.BigInteger) - by // timedelta(microseconds=1)
                for column in instants
            }
            tx.execute(table.update().values(older))
