"""What goes on beside the requests: each gateway runs all of these, and they share the work by the database."""

from __future__ import annotations

import asyncio

from app.wiring import House


def start(house: House) -> list[asyncio.Task[None]]:
    """They never end by themselves. Cancelled in the order given; `house.delivery` is drained after that."""
    running = {
        "delivery": house.delivery.run(),
        "alerting": house.alerting.run(),
        "deadlines": house.deadlines.run(),
        "media": house.media.run(),
        "profiles": house.profiles.run(),
        "syncing": house.syncing.run(),
        "catching_up": house.catching_up.run(),
        "tokens": house.tokens.run(),
    }
    return [asyncio.create_task(run, name=name) for name, run in running.items()]
