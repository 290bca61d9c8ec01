"""Every channel's way out, found by the channel's name: a channel needs no line here, nor anywhere above."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable
from types import ModuleType

from connectors.graph import GraphClient
from conversation.account import Channel
from runtime.channel import WayOut

BaseUrlOf = Callable[[Channel, str], str]


def ways_out(graph: GraphClient, base_url_of: BaseUrlOf) -> dict[str, WayOut]:
    """By name. `base_url_of` gives the server that an account's requests go to, by its id in the webhook."""
    return {
        channel.value: _module(channel.value).way_out(graph, functools.partial(base_url_of, channel))
        for channel in Channel
    }


def server_of(channel: Channel) -> str | None:
    """Where a channel that is not Meta's is to be reached: its module's `SERVER`."""
    server: str | None = getattr(_module(channel.value), "SERVER", None)
    return server


@functools.cache
def _module(name: str) -> ModuleType:
    """`connectors/<name>_channel.py`, which need not know Rasa; or `connectors/<name>.py`, with both ways in it."""
    apart = f"connectors.{name}_channel"
    return importlib.import_module(apart if importlib.util.find_spec(apart) else f"connectors.{name}")
