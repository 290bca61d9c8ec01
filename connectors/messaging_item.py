"""One item of `messaging` or `standby`: each thing it tells is read by itself, so a bad one never hurts the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import structlog

from connectors import (
    messaging_edits,
    messaging_handovers,
    messaging_message,
    messaging_policy,
    messaging_postbacks,
    messaging_reactions,
    messaging_receipts,
    messaging_signals,
)
from connectors.messaging_event import Event
from connectors.reading import Unreadable, obj
from conversation.arrivals import Arrival, Echo, Inbound

log = structlog.get_logger(__name__)

_COMMON_KEYS = {"sender", "recipient", "timestamp"}
_READERS: dict[str, Callable[[Event, dict[str, Any]], Arrival]] = {
    "message": messaging_message.read,
    "postback": messaging_postbacks.read,
    "reaction": messaging_reactions.read,
    "message_edit": messaging_edits.read,
    "delivery": messaging_receipts.delivery,
    "read": messaging_receipts.read,
    "referral": messaging_signals.referral,
    "optin": messaging_signals.optin,
    "account_linking": messaging_signals.account_linking,
    "messaging_feedback": messaging_signals.feedback,
    "response_feedback": messaging_signals.feedback,
    "pass_thread_control": messaging_handovers.passed,
    "take_thread_control": messaging_handovers.taken,
    "request_thread_control": messaging_handovers.requested,
    "app_roles": messaging_handovers.roles,
    "policy_enforcement": messaging_policy.read,
    "policy-enforcement": messaging_policy.read,  # so in older bodies
}

#: What may be told of something that our side did; anything else is done by contacts alone.
_ALSO_OF_OURS = frozenset(
    {"message", "message_edit", "policy_enforcement", "policy-enforcement", "app_roles"}
    | {"pass_thread_control", "take_thread_control", "request_thread_control"}
)


def is_one(value: dict[str, Any]) -> bool:
    """Whether it has an item's shape: somebody, and something they did."""
    somebody = obj(value.get("sender")) or obj(value.get("recipient"))
    return bool(somebody) and any(isinstance(value.get(key), dict) for key in _READERS)


def read(event: Event) -> Iterator[Arrival]:
    """What it tells. Keys that nobody knows go with a message, or are kept by themselves."""
    told = [key for key in _READERS if key in event.item]
    rest = {key: piece for key, piece in event.item.items() if key not in (*_COMMON_KEYS, *told)}
    if not told:
        yield event.unfamiliar(next(iter(rest), "empty_item"), event.item)
    elif _is_to_oneself(event):
        yield event.unfamiliar("self_message", event.item)
    else:
        arrivals = [_told(event, key) for key in told]
        if rest and isinstance(arrivals[0], (Inbound, Echo)):
            arrivals[0] = replace(arrivals[0], content={**rest, **arrivals[0].content})
        elif rest:
            arrivals.append(event.unfamiliar("messaging_other", rest))
        yield from arrivals


def _is_to_oneself(event: Event) -> bool:
    """An account tries out its own messages: it is not a contact. [IG docs: self messaging]"""
    return bool(event.item.get("is_self") or obj(event.item.get("message")).get("is_self"))


def _told(event: Event, key: str) -> Arrival:
    if event.is_from_the_account and key not in _ALSO_OF_OURS:
        return event.unfamiliar(f"own_{key}", event.item)
    return read_one(event, key, event.item[key], _READERS[key])


def read_one(event: Event, kind: str, piece: Any, read_as: Callable[[Event, dict[str, Any]], Arrival]) -> Arrival:
    """What `read_as` makes of a piece; or the whole item, kept, where it can't be read."""
    try:
        if not isinstance(piece, dict):
            raise Unreadable("it is not an object")
        return read_as(event, piece)
    except Unreadable:
        return event.unfamiliar(f"unreadable_{kind}", event.item)
    except Exception as error:  # a fault of ours: shown, and not at the others' cost
        log.error("messaging.unreadable", kind=kind, error=type(error).__name__)
        return event.unfamiliar(f"unreadable_{kind}", event.item)
