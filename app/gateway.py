"""The process customers and operators reach: connectors, the API, and delivery. No TensorFlow: up in seconds."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import signal
import socket
import sys
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import structlog
import yaml
from rasa.core.channels.channel import InputChannel
from rasa.core.channels.channel import register as register_channels
from rasa.shared.utils.common import class_from_module_path
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.server.async_server import AsyncioServer

from app import doors, lifeline, logs, parts, runners, settings, state_lock, wiring
from app.processes import SOCKET_VARIABLE, bind
from connectors.webhook import BODY_LIMIT
from conversation.errors import BadInput, BatonError
from handover import browsers
from handover.auth import answer_refused
from runtime.actors import stop
from runtime.within import within

log = structlog.get_logger()

#: Blocks of `credentials.yml` that only mean something inside `rasa run`.
_NOT_HERE = {"app.host.Host"}
#: A request that is not whole by then is dropped.
_REQUEST_TIMEOUT_S = 15
_DRAIN_S = 8.0
#: For this long connections in use are ended by their next answer, before those that stay idle are closed.
_LAST_WORDS_S = 0.3


def make_app(house: wiring.House, *, origins: Collection[str] = (), https: bool = False) -> Sanic:
    """Our routes and nothing else: what `credentials.yml` names. `origins`, `https`: see `browsers.protect`."""
    app = Sanic("baton_gateway", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BODY_LIMIT + 1024
    app.config.REQUEST_TIMEOUT = _REQUEST_TIMEOUT_S
    app.config.RESPONSE_TIMEOUT = 60
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.baton = house
    app.ctx.closing = asyncio.Event()  # whoever waits for news is answered, and asks again elsewhere
    app.error_handler.add(SanicException, answer_refused)
    browsers.protect(app, origins=origins, https=https)
    register_channels(_channels(settings.ROOT / "credentials.yml"), app, route="/webhooks/")
    return app


def _channels(credentials: Path) -> list[InputChannel]:
    blocks = yaml.safe_load(credentials.read_text()) or {}
    found = [_channel(path, block) for path, block in blocks.items() if path not in _NOT_HERE]
    doors.check_channels(found, ())
    return found


def _channel(path: str, block: Any) -> InputChannel:
    if "." not in path:
        raise BadInput(
            f"credentials.yml has {path}: Rasa's own channels are answered by Rasa's own server (`rasa run`), not by"
            " this one. Take the block out."
        )
    return class_from_module_path(path).from_credentials(block)


async def serve(house: wiring.House, listening: socket.socket, stopping: asyncio.Event) -> None:
    chosen = house.settings
    https = (chosen.public_url or "").startswith("https://")
    app = make_app(house, origins=chosen.cors_origins, https=https)
    under_way = _UnderWay(app)
    server = await app.create_server(
        sock=listening, return_asyncio_server=True, access_log=False, asyncio_server_kwargs={"start_serving": False}
    )
    await server.startup()
    await server.start_serving()
    beside = runners.start(house)
    log.info("gateway_ready", address=house.settings.address)
    parts.ready(f"ready: webhooks and operators are served at {house.settings.address}")
    try:
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({waiting, *beside}, return_when=asyncio.FIRST_COMPLETED)
        for work in beside:
            if work.done():
                work.result()  # it never ends by itself: raises what went wrong, and our parent starts us anew
    finally:
        app.ctx.closing.set()
        house.wake.ring()
        server.close()
        await server.wait_closed()
        # Who is about to write on a connection kept alive is answered, and told that it was the last on this one.
        await asyncio.sleep(_LAST_WORDS_S)
        _let_go(server)
        await under_way.wait()
        for work in beside:
            await stop(work)
        await house.delivery.drain(_DRAIN_S)
        _let_go(server)


def _let_go(server: AsyncioServer) -> None:
    """Closes connections that are kept alive and idle: what comes next on another waits at our parent's socket."""
    for connection in set(server.connections):
        connection.close_if_idle()


class _UnderWay:
    """Counts requests that were read and are not answered, so that none is cut off at the end."""

    def __init__(self, app: Sanic) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()
        self._closing: asyncio.Event = app.ctx.closing
        app.register_middleware(self._begins, "request")
        app.register_middleware(self._ends, "response")

    async def _begins(self, request: Request) -> None:
        if request.headers.get("upgrade", "").lower() == "websocket":
            return  # never answered: the feed's sockets are closed, and come again elsewhere
        request.ctx.counted = True
        self._count += 1
        self._none.clear()

    async def _ends(self, request: Request, response: HTTPResponse) -> None:
        if self._closing.is_set() and request.stream is not None:
            request.stream.keep_alive = False  # closed after this answer, which says so
        if getattr(request.ctx, "counted", False):  # what has no route is answered without having begun
            self._count -= 1
        if self._count == 0:
            self._none.set()

    async def wait(self) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await within(_DRAIN_S, self._none.wait())


async def _main() -> None:
    chosen = settings.read()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    inherited = os.environ.pop(SOCKET_VARIABLE, None)
    listening = socket.socket(fileno=int(inherited)) if inherited else bind(chosen.host, chosen.port)
    with state_lock.shared(chosen):
        async with wiring.opened(chosen) as house:
            await serve(house, listening, stopping)


def main() -> None:
    faulthandler.enable()  # whatever ends us from below Python says where
    logs.set_up("gateway", for_good=True)
    lifeline.hold()
    warnings.simplefilter("ignore")  # Sanic asks for every deprecation to be shown, its own too, when it is imported
    # Each statement of the writer's lets go of Python's lock; waiting 5 ms to have it back would be most of its time.
    sys.setswitchinterval(0.0001)
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    try:
        asyncio.run(_main())
    except BatonError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
