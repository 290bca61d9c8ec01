"""The order of what one body told: each conversation's messages by the times Meta gave them, and none in the future."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from conversation.arrivals import Arrival, Echo, Inbound
from conversation.contact import Address


def in_order(arrivals: Sequence[Arrival], now: datetime) -> list[Arrival]:
    """Sorts each conversation's messages, and its echoes, among their places; then a time in the future becomes now."""
    places: dict[tuple[type, str, Address], list[int]] = defaultdict(list)
    for place, arrival in enumerate(arrivals):
        if isinstance(arrival, (Inbound, Echo)):
            places[type(arrival), arrival.account, arrival.addresses[0]].append(place)
    ordered = list(arrivals)
    for own in places.values():
        messages = [found for found in (arrivals[place] for place in own) if isinstance(found, (Inbound, Echo))]
        for place, message in zip(own, sorted(messages, key=lambda m: m.sent_at), strict=True):
            ordered[place] = replace(message, sent_at=min(message.sent_at, now))
    return ordered
