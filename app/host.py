"""The whole runtime inside a plain `rasa run`, as one of its input channels: one process, its dialogue in a thread.

Works, with limits that `docs/decisions/0001-two-processes.md` measures: webhooks are accepted only once Rasa itself
has loaded the model, and the model is loaded a second time for us.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import IO, Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.utils.cli import print_error_and_exit
from sanic import Blueprint, Sanic

from app import doors, logs, runners, settings, state_lock, wiring
from app.worker import Worker
from conversation.errors import BatonError
from handover import browsers
from runtime.actors import stop


class Host(InputChannel):
    """`credentials.yml`: `app.host.Host:`. No channel to customers: it opens and closes the house around the server."""

    @classmethod
    def name(cls) -> str:
        return "host"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("baton_host")
        closing = contextlib.AsyncExitStack()
        closing.enter_context(_held_by_us())

        @blueprint.listener("before_server_start")
        async def open_house(app: Sanic, _: Any) -> None:
            logs.set_up("rasa")
            chosen = settings.read()
            _check_doors(app, chosen)
            https = (chosen.public_url or "").startswith("https://")
            browsers.protect(app, origins=chosen.cors_origins, https=https)
            app.ctx.baton = await closing.enter_async_context(wiring.opened(chosen))
            app.ctx.closing = asyncio.Event()

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, _: Any) -> None:
            house: wiring.House = app.ctx.baton
            closing.push_async_callback(house.delivery.drain, 8.0)
            for work in runners.start(house):
                closing.push_async_callback(stop, work)
            thinking = _Thread(house.settings)
            closing.push_async_callback(asyncio.to_thread, thinking.stop)
            thinking.start()

        @blueprint.listener("before_server_stop")
        async def close(app: Sanic, _: Any) -> None:
            app.ctx.closing.set()
            app.ctx.baton.wake.ring()  # whoever waits for news is answered while there is a database
            await closing.aclose()

        return blueprint


def _check_doors(app: Sanic, chosen: settings.Settings) -> None:
    """Rasa's server may have doors beside ours: none that takes anybody's words for a customer's."""
    try:
        doors.check_api(app, chosen.open_doors)
        doors.check_channels(app.ctx.input_channels, chosen.open_doors)
    except BatonError as error:
        print_error_and_exit(str(error))


def _held_by_us() -> IO[str]:
    """The state folder; before Rasa spends its time on loading a model."""
    try:
        return state_lock.take(settings.read().home, state_lock.RASA_RUN)
    except BatonError as error:
        print_error_and_exit(str(error))
        raise  # it never comes to this


class _Thread(threading.Thread):
    """A worker with an event loop, a database and a model of its own: Rasa's processor must never be in two threads."""

    def __init__(self, chosen: settings.Settings) -> None:
        super().__init__(name="worker", daemon=True)
        self._chosen = chosen
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._work())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self.join(timeout=15)

    async def _work(self) -> None:
        async with wiring.opened(self._chosen) as house:
            await Worker(house).run(self._stopping)
