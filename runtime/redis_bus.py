"""The bus over Redis. While Redis is away words go by what is beneath it, and nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import redis.asyncio as redis
import structlog

from runtime.bus import BACK, CHANGED, LOST, Heard, LocalBus, running, until
from runtime.wake import wait
from runtime.within import within

log = structlog.get_logger()

_TIMEOUT_S = 1.0
#: Each process hears its own pulse, so a connection that is dead and looks alive is found out.
_PULSE_S, _SILENCE_S = 1.0, 3.0
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0
#: What waits to be said; beyond that the oldest is lost.
_MOST_WORDS = 1_000


class Silent(Exception):
    """Redis takes our words and gives none back."""


class RedisBus(LocalBus):
    """`prefix`: what tells installations on one Redis apart. `beneath`: the bus that there would be without it."""

    def __init__(self, url: str, prefix: str, beneath: LocalBus | None = None) -> None:
        super().__init__()
        self._url, self._channel = url, f"{prefix}:bus"
        self._beneath = beneath or LocalBus()
        self._me = secrets.token_hex(8)
        self._words: deque[str] = deque(maxlen=_MOST_WORDS)
        self._due = asyncio.Event()
        self._reaches = self._is_saying = False
        self._is_new = True

    @property
    def reaches(self) -> bool:
        return self._reaches

    def tell(self, topic: str, facts: Mapping[str, Any]) -> None:
        if self._reaches or self._is_new:
            self._words.append(json.dumps([self._me, topic, facts]))
            self._due.set()
        elif topic != CHANGED:  # PostgreSQL tells of that by itself
            self._beneath.tell(topic, facts)

    @contextlib.contextmanager
    def listening(self, topic: str, heard: Heard) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            stack.enter_context(super().listening(topic, heard))
            if topic not in (BACK, LOST):
                stack.enter_context(self._beneath.listening(topic, heard))
            yield

    async def settled(self) -> None:
        await until(lambda: not self._words and not self._is_saying)
        await self._beneath.settled()

    async def run(self) -> None:
        async with running(self._beneath):
            await self._keep()

    async def _keep(self) -> None:
        pause, told = _SHORTEST_PAUSE_S, False
        while True:
            try:
                await self._live()
            except Exception as error:
                if self._reaches or not told:  # said once, not at each try
                    log.warning("redis_lost", error=type(error).__name__)
                    told = True
            finally:
                was_reached = self._reaches
                self._reaches = self._is_saying = self._is_new = False
                self._pass_on()
            if was_reached:
                pause = _SHORTEST_PAUSE_S
                self.heard(LOST, {})
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _pass_on(self) -> None:
        """What has not left: by the time Redis is back it would be old."""
        words = [json.loads(word) for word in self._words]
        self._words.clear()
        for _, topic, facts in words:
            self.tell(topic, facts)

    async def _live(self) -> None:
        """Until the connection is lost, which raises."""
        async with contextlib.AsyncExitStack() as stack:
            client = redis.from_url(self._url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
            stack.push_async_callback(_let_go, client.connection_pool.disconnect)
            ears = client.pubsub()
            stack.push_async_callback(_let_go, ears.close)
            await ears.subscribe(self._channel)
            tasks = {asyncio.create_task(work, name="redis") for work in (self._hear(ears), self._speak(client))}
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ends = await asyncio.gather(*tasks, return_exceptions=True)
            raise next((end for end in ends if isinstance(end, Exception)), Silent())

    async def _speak(self, client: Any) -> None:
        self._due.set()  # the first pulse
        while True:
            await wait(self._due, _PULSE_S)
            words, self._is_saying = [*self._words, json.dumps([self._me, "", {}])], True
            self._words.clear()
            async with client.pipeline(transaction=False) as pipe:
                for word in words:
                    pipe.publish(self._channel, word)
                await pipe.execute()
            self._is_saying = False

    async def _hear(self, ears: Any) -> None:
        loop = asyncio.get_running_loop()
        pulse = loop.time()
        while loop.time() - pulse < _SILENCE_S:
            message = await ears.get_message(timeout=_PULSE_S)
            if message is None or message["type"] != "message":
                continue
            who, topic, facts = json.loads(message["data"])
            if who != self._me:
                self.heard(topic, facts)
                continue
            pulse = loop.time()
            if not self._reaches:
                self._reaches = True
                log.info("redis_reached")
                self.heard(BACK, {})
        raise Silent


async def _let_go(close: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(Exception):
        await within(_TIMEOUT_S, close())
