"""Every channel's way to read a body, found by the channel's name, for bodies that were kept."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from connectors import reading
from conversation.arrivals import Arrival

if TYPE_CHECKING:
    from connectors.webhook import WebhookConnector


def read(channel: str, body: str, known: Collection[str]) -> list[Arrival]:
    """What a verified body holds. What is of an account not `known` is kept, for no conversation."""
    return _connector(channel).parse(reading.document(body.encode()), known)


@functools.cache
def _connector(channel: str) -> WebhookConnector:
    """The class of `connectors/<channel>.py` that is this channel's. Found when it is first needed: it loads Rasa."""
    from connectors.webhook import WebhookConnector

    module = importlib.import_module(f"connectors.{channel}")
    for found in vars(module).values():
        if isinstance(found, type) and issubclass(found, WebhookConnector) and getattr(found, "channel", "") == channel:
            return found()
    raise LookupError(f"connectors/{channel}.py has no WebhookConnector")
