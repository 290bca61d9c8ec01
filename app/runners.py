"""What goes on beside the requests: each gateway runs all of these, and they share the work by the database."""

from __future__ import annotations

import asyncio

from app.wiring import House

#: By their names in the house. Cancelled in this order; `house.delivery` is drained after that.
NAMES = (
    "numbering",
    "hub",
    "delivery",
    "alerting",
    "deadlines",
    "media",
    "profiles",
    "syncing",
    "catching_up",
    "tokens",
    "platform",
    "redrive",
    "retention",
    "erasing",
)


def start(house: House) -> list[asyncio.Task[None]]:
    """They never end by themselves."""
    return [asyncio.create_task(getattr(house, name).run(), name=name) for name in NAMES]
