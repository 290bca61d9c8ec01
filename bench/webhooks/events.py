"""Texts of customers, and bodies that hold any number of them, put together as a channel may do it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_OBJECTS = {"messenger": "page", "instagram": "instagram", "whatsapp": "whatsapp_business_account"}
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Event:
    """A text of somebody to one of our accounts, at a second of its own."""

    account: str
    person: str
    text: str
    id: str
    at_s: int


def body(channel: str, events: Sequence[Event], dice: random.Random) -> Json:
    """All of them, in any order, in as many entries and lists as the dice say."""
    mixed = dice.sample(list(events), len(events))
    entries = _of_whatsapp(mixed, dice) if channel == "whatsapp" else _of_meta(mixed, dice)
    return {"object": _OBJECTS[channel], "entry": entries}


def split(events: Sequence[Event], most: int, dice: random.Random) -> list[list[Event]]:
    """In pieces of one to `most`, none out of its place."""
    pieces, left = [], list(events)
    while left:
        size = dice.randint(1, most)
        pieces.append(left[:size])
        left = left[size:]
    return pieces


def _of_meta(events: Sequence[Event], dice: random.Random) -> list[Json]:
    """An entry is of one account; the same account may have several."""
    entries = []
    for piece in split(events, 4, dice):
        for account in dict.fromkeys(event.account for event in piece):
            items = [_item(event) for event in piece if event.account == account]
            entries.append({"id": account, "time": items[0]["timestamp"], "messaging": items})
    return entries


def _item(event: Event) -> Json:
    return {
        "sender": {"id": event.person},
        "recipient": {"id": event.account},
        "timestamp": event.at_s * 1000,
        "message": {"mid": event.id, "text": event.text},
    }


def _of_whatsapp(events: Sequence[Event], dice: random.Random) -> list[Json]:
    changes = [
        {"field": "messages", "value": _value(account, [event for event in piece if event.account == account])}
        for piece in split(events, 4, dice)
        for account in dict.fromkeys(event.account for event in piece)
    ]
    entries = []
    while changes:
        size = dice.randint(1, 3)
        entries.append({"id": "900000000000001", "changes": changes[:size]})
        changes = changes[size:]
    return entries


def _value(account: str, events: Sequence[Event]) -> Json:
    people = dict.fromkeys(event.person for event in events)
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "+55 11 5555-0100", "phone_number_id": account},
        "contacts": [{"profile": {"name": "Cliente"}, "wa_id": person} for person in people],
        "messages": [
            {
                "from": event.person,
                "id": event.id,
                "timestamp": str(event.at_s),
                "type": "text",
                "text": {"body": event.text},
            }
            for event in events
        ],
    }


def talk(accounts: Sequence[str], people: Sequence[str], count: int, name: str, now_s: int) -> list[Event]:
    """One text after the other, each a second after the last: `count` of them, the last one now."""
    dice, numbers = random.Random(name), itertools.count()
    return [
        Event(
            account=dice.choice(accounts),
            person=dice.choice(people),
            text=f"{name} {n}",
            id=f"m_{name}-{n}",
            at_s=now_s - count + n,
        )
        for n in itertools.islice(numbers, count)
    ]
