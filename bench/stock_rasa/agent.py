"""Stock Rasa's agent in this process: SQL tracker store on SQLite, custom actions over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.utils.endpoints import EndpointConfig


class StockAgent:
    def __init__(self, home: Path, model: Path, actions_url: str) -> None:
        self._agent = Agent(
            tracker_store=SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(home / "stock.db")),
            lock_store=InMemoryLockStore(),
            action_endpoint=EndpointConfig(url=actions_url),
        )
        self._agent.load_model(model)

    async def turn(self, sender: str, text: str) -> None:
        """As `rasa run` takes one: lock, load, decide, run actions, save."""
        message = UserMessage(text, CollectingOutputChannel(), sender, input_channel="whatsapp")
        await self._agent.handle_message(message)

    async def actions(self, sender: str) -> Sequence[str]:
        """The names of all actions so far, to compare decisions by."""
        tracker = await self._agent.tracker_store.retrieve_full_tracker(sender)
        return (
            [event.action_name or "" for event in tracker.events if isinstance(event, ActionExecuted)]
            if tracker
            else []
        )
