"""WhatsApp's way in, for `credentials.yml`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connectors import whatsapp_parse
from connectors.webhook import WebhookConnector
from conversation.arrivals import Arrival
from runtime.clock import Clock, SystemClock


class WhatsApp(WebhookConnector):
    """What WhatsApp tells us."""

    channel = "whatsapp"

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def parse(self, body: dict[str, Any], known: Collection[str] | None = None) -> list[Arrival]:
        return whatsapp_parse.parse(body, self._clock.now(), known)

    def accounts_in(self, body: dict[str, Any]) -> set[str]:
        return whatsapp_parse.accounts_in(body)
