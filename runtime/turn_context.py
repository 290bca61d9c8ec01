"""Opens a turn: what Rasa does inside finds its tracker and what its actions may see, and leaves nothing behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from runtime import custom_actions
from runtime.tracker_store import OpenTurn, open_turn


@contextlib.contextmanager
def opened(turn: OpenTurn, shop: Mapping[str, Any]) -> Iterator[None]:
    token = open_turn.set(turn)
    seen = custom_actions.extra_metadata.set({"shop": dict(shop)} if shop else {})
    try:
        yield
    finally:
        custom_actions.extra_metadata.reset(seen)
        open_turn.reset(token)
