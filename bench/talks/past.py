"""Histories of any length, written straight into each side's store in the shape real turns leave."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bench.harness.entry import CannotMeasure
from bench.harness.state import Cast
from bench.talks import comparing
from bench.talks.lots import same_lots
from bench.talks.ours import OurDesk
from bench.talks.script import CYCLE, Event, Past, stamped
from bench.talks.stock import StockDesk
from conversation.account import Channel
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from store import accounts, contacts, conversations, trackers

_CYCLES = 6
_AT_ONCE = 2_000


async def learned(ours: OurDesk, customer: str) -> Past:
    """By real turns of ours. The last two cycles must have left the same: only then may they be repeated."""
    at, ends = [0], []
    for _ in range(_CYCLES):
        for n, line in enumerate(CYCLE):
            same_lots(f"learned/{n}")
            await ours.hears(customer, line.said)
            events = await ours.events(await ours.conversation(customer))
            if _no_loop(events):
                ends.append(len(events))
        at.append(len(events))
    before, last = events[at[-3] : at[-2]], events[at[-2] : at[-1]]
    if difference := comparing.first_difference(comparing.plain(before, {}), comparing.plain(last, {})):
        raise CannotMeasure(f"The script does not come back to where it began: {difference}")
    return Past(begun=events, again=last, ends=ends)


async def write_ours(ours: OurDesk, customer: str, events: Sequence[Event]) -> ConversationId:
    """A conversation with this past; nothing of it is in memory."""
    now = ours.house.clock.now()
    conversation_id = await ours.house.db.write(_conversation, customer, now)
    told = list(stamped(events, customer, now.timestamp()))
    for n in range(0, len(told), _AT_ONCE):
        await ours.house.db.write(trackers.append, conversation_id, told[n : n + _AT_ONCE], now=now)
    return conversation_id


def write_stock(stock: StockDesk, customer: str, events: Sequence[Event], until: float) -> None:
    stock.store_rows(list(_rows(customer, stamped(events, customer, until))))


def _rows(customer: str, events: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """As `SQLTrackerStore.save` would write them."""
    for event in events:
        yield {
            "sender_id": customer,
            "type_name": event["event"],
            "timestamp": event["timestamp"],
            "intent_name": ((event.get("parse_data") or {}).get("intent") or {}).get("name"),
            "action_name": event.get("name"),
            "data": json.dumps(event),
        }


def _conversation(tx: Connection, customer: str, now: datetime) -> ConversationId:
    account = accounts.by_provider_id(tx, Channel.WHATSAPP, Cast().numbers[0].provider_id)
    assert account is not None
    address = Address(kind=AddressKind.PHONE, value=customer)
    return conversations.find_or_add(tx, account.id, contacts.find_or_add(tx, account.id, (address,), None, now), now)


def _no_loop(events: Sequence[Event]) -> bool:
    loops = [event["name"] for event in events if event["event"] == "active_loop"]
    return not loops or loops[-1] is None
