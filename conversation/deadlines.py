"""What the rules of handover do by themselves when a time comes; a function of how a conversation stands, no more.

So none is ever forgotten or left over: after each command the deadlines are worked out anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from conversation.conversation import Conversation, HandoverState, Status
from conversation.handover import PHONE
from conversation.handover_settings import HandoverSettings


class Deadline(str, Enum):
    EXPIRY = "expiry"  # the request has waited long enough
    UPDATE = "update"  # who waits is told that they are not forgotten
    OPENING = "opening"  # there are people again
    SILENCE = "silence"  # the owner has let the customer wait too long
    IDLE = "idle"  # the owner has said nothing for so long that the assistant may go on
    WAKE = "wake"  # a snoozed one wakes


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one who waits was told meanwhile."""

    times: int = 0
    last_at: datetime | None = None


def deadlines(
    conversation: Conversation,
    settings: HandoverSettings,
    now: datetime,
    *,
    expires_at: datetime | None = None,
    told: Told | None = None,
) -> dict[Deadline, datetime]:
    """`expires_at`: of the request that waits, if one does."""
    if conversation.status is Status.SNOOZED:
        return _set({Deadline.WAKE: conversation.snoozed_until})
    if conversation.state is HandoverState.PENDING:
        return _of_one_who_waits(conversation, settings, now, expires_at, told or Told())
    if conversation.state is HandoverState.HUMAN:
        return _of_one_who_has_a_person(conversation, settings)
    return {}


def _of_one_who_waits(
    conversation: Conversation,
    settings: HandoverSettings,
    now: datetime,
    expires_at: datetime | None,
    told: Told,
) -> dict[Deadline, datetime]:
    found = {Deadline.EXPIRY: expires_at}
    since = max(filter(None, (conversation.waiting_since, told.last_at)), default=now)
    if conversation.nobody_answers and not told.times:
        found[Deadline.UPDATE] = since  # nobody else says a word
    elif settings.waiting_update_s and told.times < settings.waiting_updates:
        found[Deadline.UPDATE] = settings.opening.after_open_time(since, settings.waiting_update_s)
    if not settings.opening.is_open(now):
        found[Deadline.OPENING] = settings.opening.opens_at(now)
    return _set(found)


def _of_one_who_has_a_person(conversation: Conversation, settings: HandoverSettings) -> dict[Deadline, datetime]:
    waits_since, last_word = conversation.waiting_since, conversation.last_owned_at
    on_the_phone = conversation.owner == PHONE
    if waits_since is not None and not on_the_phone:
        return _set({Deadline.SILENCE: _later(waits_since, settings.silence_s)})
    # One who answers on the phone may answer by voice: only their own silence counts.
    patience_s = settings.phone_return_s if on_the_phone else settings.auto_return_s
    return _set({Deadline.IDLE: _later(last_word or waits_since, patience_s)})


def _later(start: datetime | None, seconds: float) -> datetime | None:
    """0 seconds: never."""
    return start + timedelta(seconds=seconds) if start is not None and seconds else None


def _set(found: dict[Deadline, datetime | None]) -> dict[Deadline, datetime]:
    return {kind: due for kind, due in found.items() if due is not None}
