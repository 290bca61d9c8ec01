"""One side of the talks: stock Rasa's agent, its SQL tracker store on SQLite, its action server over HTTP."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from bench.harness import processes
from bench.stock_rasa import facebook
from bench.talks import desk
from bench.talks.customer import Said

_START_S = 120.0


class Kept(OutputChannel):
    """Keeps what it is told to send, whole and in order. Rasa's own collecting channel takes messages apart."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "whatsapp"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.messages.append(message)


class StockDesk:
    def __init__(self, home: Path, model: Path, actions_url: str) -> None:
        self.store = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(home / "stock.db"))
        self._agent = Agent(
            tracker_store=self.store,
            lock_store=InMemoryLockStore(),
            action_endpoint=EndpointConfig(url=actions_url),
        )
        self._agent.load_model(model)

    @property
    def domain(self) -> Domain:
        assert self._agent.domain is not None
        return self._agent.domain

    async def hears(self, sender: str, said: Said) -> list[dict[str, Any]]:
        """As `rasa run` takes a message: lock, load, decide, run actions, send, save."""
        channel = Kept()
        message = UserMessage(
            said.text, channel, sender, input_channel=channel.name(), metadata={"channel": channel.name()}
        )
        await self._agent.handle_message(message)
        return channel.messages

    async def events(self, sender: str) -> list[dict[str, Any]]:
        tracker = await self.store.retrieve_full_tracker(sender)
        return [event.as_dict() for event in tracker.events] if tracker else []

    def events_from(self, sender: str, number: int) -> list[dict[str, Any]]:
        """Those stored after the first `number`; read past Rasa, which would make a tracker of them all."""
        with self.store.session_scope() as session:
            stored = session.query(self.store.SQLEvent.data).filter_by(sender_id=sender)
            return [json.loads(data) for (data,) in stored.order_by(self.store.SQLEvent.id).offset(number)]

    def store_rows(self, rows: list[dict[str, Any]]) -> None:
        """Events it is to find as if it had stored them itself."""
        with self.store.session_scope() as session:
            session.bulk_insert_mappings(self.store.SQLEvent, rows)
            session.commit()


@contextlib.asynccontextmanager
async def action_server(home: Path) -> AsyncIterator[str]:
    """The desk's actions behind HTTP, in a process of their own; their address for `action_endpoint`."""
    port = facebook.free_port()
    arguments = ["rasa_sdk", "--actions", desk.ACTIONS, "--port", str(port)]
    child = await processes.start("action server", arguments, env=desk.environment(), log=home / "desk-actions.log")
    try:
        async with aiohttp.ClientSession() as http:
            await facebook.answers(http, f"http://127.0.0.1:{port}/health", child, _START_S)
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        await child.stop()
