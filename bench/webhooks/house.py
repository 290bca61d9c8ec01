"""A product that only takes webhooks in: no worker, nothing fetched or asked for besides."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from bench.harness import product
from bench.harness.product import Options, Product
from bench.harness.state import Cast, Number
from bench.webhooks.kept import Tables
from conversation.channel_settings import ChannelSettings

#: Bodies name files and people that are nowhere to be had.
_ALONE = ChannelSettings(fetch_media=False, profiles=False)


@dataclass(frozen=True, kw_only=True)
class House:
    running: Product
    tables: Tables


def number(channel: str, provider_id: str, *secrets: str) -> Number:
    return Number(channel=channel, provider_id=provider_id, secrets=secrets, channel_settings=_ALONE)


@contextlib.asynccontextmanager
async def opened(numbers: Iterable[Number], *, database: str | None, sabotage: str | None) -> AsyncIterator[House]:
    """The emulator, which is always there, is told of none of the accounts: bodies may call them anything."""
    options = Options(
        cast=Cast(numbers=list(numbers)),
        worker=False,
        points=False,
        database=database,
        sabotage=sabotage,
        emulator={"accounts": []},
    )
    async with product.running(options) as running:
        with contextlib.closing(Tables(running.settings)) as tables:
            yield House(running=running, tables=tables)
