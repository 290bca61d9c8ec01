"""Instagram's way in, for `credentials.yml`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connectors import instagram_comments, messaging_parse
from connectors.messaging_event import INSTAGRAM
from connectors.webhook import WebhookConnector
from conversation.arrivals import Arrival
from runtime.clock import Clock, SystemClock


class Instagram(WebhookConnector):
    """What Instagram tells us."""

    channel = "instagram"

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def parse(self, body: dict[str, Any], known: Collection[str] | None = None) -> list[Arrival]:
        return messaging_parse.parse(INSTAGRAM, instagram_comments.FIELDS, body, self._clock.now(), known)

    def accounts_in(self, body: dict[str, Any]) -> set[str]:
        return messaging_parse.accounts_in(body)
