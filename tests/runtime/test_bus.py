"""What one process says on the bus all hear, whatever carries it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.bus import LocalBus


async def test_what_is_said_is_heard_by_all_who_listen_to_the_topic_and_by_nobody_else() -> None:
    bus = LocalBus()
    heard: list[tuple[str, Mapping[str, Any]]] = []
    with (
        bus.listening("typing", lambda facts: heard.append(("one", facts))),
        bus.listening("typing", lambda facts: heard.append(("two", facts))),
        bus.listening("presence", lambda facts: heard.append(("three", facts))),
    ):
        await bus.say("typing", {"operator": "ana"})
    await bus.say("typing", {"operator": "ben"})
    assert heard == [("one", {"operator": "ana"}), ("two", {"operator": "ana"})]


async def test_a_listener_that_fails_keeps_it_from_no_other() -> None:
    bus = LocalBus()
    heard: list[Mapping[str, Any]] = []

    def fails(facts: Mapping[str, Any]) -> None:
        raise RuntimeError("broken")

    with bus.listening("typing", fails), bus.listening("typing", heard.append):
        await bus.say("typing", {"operator": "ana"})
    assert heard == [{"operator": "ana"}]
