"""Two conversations that are with one customer become one: who has it, and what is owed in it, afterwards.

Whatever was true of either and asks something of a person stays true: nobody is passed over because there were two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone

from conversation.conversation import Conversation, HandoverState, Status
from conversation.handover import PHONE

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN

#: What comes later stands before what comes earlier.
_STATES = (BOT, PENDING, HUMAN)
_STATUSES = (Status.CLOSED, Status.RESOLVED, Status.SNOOZED, Status.OPEN)
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """`into` goes on, `was` is no more. `leads`: the one of the two that says who has it. `lively`: the one whose
    customer wrote last. `passed_over`: who had the other one, where both had somebody."""

    into: Conversation
    was: Conversation
    leads: Conversation
    lively: Conversation
    after: Conversation

    @property
    def passed_over(self) -> str | None:
        other = self.was if self.leads is self.into else self.into
        both = self.leads.state is HUMAN and other.state is HUMAN
        return other.owner if both and other.owner != self.leads.owner else None


def merged(into: Conversation, was: Conversation, now: datetime, *, unanswered: bool) -> Merged:
    """`unanswered`: a message waits that no person has seen, in one that was the assistant's."""
    lively = max((into, was), key=lambda each: (each.last_inbound_at or _LONG_AGO, each.created_at))
    leads = max((into, was), key=lambda each: (_STATES.index(each.state), each is lively))
    other = was if leads is into else into
    status = max(into.status, was.status, key=_STATUSES.index)
    after = replace(
        into,
        state=leads.state,
        owner=leads.owner,
        ownership=max(into.ownership, was.ownership) + 1,
        status=status,
        return_due=lively.return_due,
        unread=into.unread + was.unread,
        last_inbound_at=lively.last_inbound_at,
        last_inbound_id=lively.last_inbound_id,
        created_at=min(into.created_at, was.created_at),
        team_id=leads.team_id or other.team_id,
        last_owner=_last_owner(leads, other),
        last_owned_at=_latest(into.last_owned_at, was.last_owned_at),
        waiting_since=_waiting_since(leads, other, now, unanswered),
        snoozed_until=_earliest(into.snoozed_until, was.snoozed_until) if status is Status.SNOOZED else None,
        nobody_answers=leads.nobody_answers,
        arrival_due=leads.arrival_due,
        language=lively.language or (was if lively is into else into).language,
        thread_owner=lively.thread_owner,
        echo_held=into.echo_held or was.echo_held,
    )
    return Merged(into=into, was=was, leads=leads, lively=lively, after=after)


def _last_owner(leads: Conversation, other: Conversation) -> str | None:
    """The person who had it last, not counting the one who has it."""
    if other.state is HUMAN and other.owner not in (leads.owner, PHONE):
        return other.owner
    by_time = sorted((leads, other), key=lambda each: each.last_owned_at or _LONG_AGO, reverse=True)
    return next((each.last_owner for each in by_time if each.last_owner is not None), None)


def _waiting_since(leads: Conversation, other: Conversation, now: datetime, unanswered: bool) -> datetime | None:
    """Since when the customer waits for a person's word: also what they asked the assistant is now a person's."""
    if leads.state is BOT:
        return None
    since = _earliest(leads.waiting_since, other.waiting_since)
    return since or (now if unanswered or leads.state is PENDING else None)


def _earliest(*times: datetime | None) -> datetime | None:
    return min((each for each in times if each is not None), default=None)


def _latest(*times: datetime | None) -> datetime | None:
    return max((each for each in times if each is not None), default=None)
