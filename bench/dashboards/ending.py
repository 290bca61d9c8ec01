"""What only shows at the end: how open sockets are closed when the gateway is started anew, and what the logs say."""

from __future__ import annotations

import asyncio

from bench.dashboards import line
from bench.dashboards.given import SECRET, Scene
from bench.dashboards.rows import must
from bench.dashboards.sockets import PATHS, address_of

#: With these the page comes again; with 4000 to 4999, never.
_COME_AGAIN = (1001, 1012)
_WITHIN_S = 20.0


async def come_again(scene: Scene) -> None:
    """The gateway is started anew: the page is told to come again, and finds all as it was."""
    address = address_of(scene, next(iter(PATHS)))
    token = str(scene.page.token)
    async with line.live(scene.page.http, address, token) as inbox:
        _, code = await asyncio.gather(scene.product.restart("gateway"), inbox.closes(_WITHIN_S))
        must(code in _COME_AGAIN, f"it is closed with {code}")
    async with line.live(scene.page.http, address, token) as inbox:
        await inbox.say(type="ping")
        await inbox.hears("pong")


async def logs_are_clean(scene: Scene) -> None:
    """No token, not even those that stood in addresses."""
    for name in ("gateway", "worker"):
        text = (scene.product.settings.home / f"{name}.log").read_text("utf-8", "replace")
        for word in (str(scene.page.token), SECRET):
            must(word not in text, f"the {name}'s log has a token in it")
