"""Who answers: each change of it in one transaction, with its log line, its request, its deadlines and its notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import handover
from conversation.account import Account
from conversation.alert import Event
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.deadlines import Told, deadlines
from conversation.errors import Moved, Refused
from conversation.gate import Reason, why_silent
from conversation.handover import PHONE, Command, Facts, Order, Outcome, Priority, RequestState, Standing
from conversation.people import Presence
from conversation.said import Said, say
from conversation.state_words import word_of
from store import (
    accounts,
    agents,
    alerts,
    assigning,
    conversations,
    gathering,
    mailbox,
    messages,
    notices,
    operators,
    outbox,
    requests,
    teams,
    tracker_rows,
)
from store import deadlines as deadline_rows
from store.requests import Request, Wish
from store.tables import handovers

#: The slot by which the dialogue asks for a person. Set: a request. Set to nothing: the customer changed their mind.
REQUEST_SLOT = "handover_request"
#: The slot in which the dialogue keeps the customer's language.
LANGUAGE_SLOT = "language"
_LANGUAGES = frozenset({"pt", "en"})

BOT, HUMAN = HandoverState.BOT, HandoverState.HUMAN
#: They may lead to the assistant, so nobody switches it while they are carried out.
_TO_THE_ASSISTANT = frozenset(
    {
        Command.CANCEL,
        Command.RELEASE,
        Command.RETURN,
        Command.REJECT,
        Command.EXPIRE,
        Command.REOPEN,
        Command.INBOUND,
    }
)
#: What has arrived until then is not the assistant's to answer: a person saw it.
_SEEN = frozenset({Command.RELEASE, Command.RETURN, Command.CLOSE, Command.RESOLVE})


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a command came to. `request`: the one it opened, or made more urgent."""

    before: Conversation
    after: Conversation
    command: Command
    account: Account
    request: Request | None = None
    ended: RequestState | None = None  # what became of the one that waited

    @property
    def moved(self) -> bool:
        return self.before.ownership != self.after.ownership

    @property
    def seen(self) -> bool:
        """Whether it is a change for those who look on."""
        passed = _standing(self.before) != _standing(self.after)
        return passed or self.request is not None or self.ended is not None


def command(
    tx: Connection,
    conversation_id: str,
    order: Command,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    target: str | None = None,
    team: str | None = None,
    force: bool = False,
    ownership: int | None = None,
    wish: Wish | None = None,
    until: datetime | None = None,
    in_tracker: bool = True,
) -> Change:
    """Carries out a command, or raises `Refused`.

    `ownership`: the number it was decided on; refused where it has moved, with who has it now. `until`: of a snooze.
    `in_tracker`: whether the tracker is told; the dialogue's own orders are in it already.
    """
    account, silent = _who_may_speak(tx, conversation_id, order)
    before = conversations.lock(tx, conversation_id)
    if ownership is not None and ownership != before.ownership:
        raise Moved(_who_won(before), before.owner)
    facts = Facts(
        may_speak=silent is None,
        has_people=account.handover.enabled,
        last=_person_of_before(tx, before, account, now) if order is Command.INBOUND else None,
    )
    given = Order(command=order, by=by, target=target, team=team, force=force)
    outcome = handover.after(_standing(before), given, facts)
    queue = team or before.team_id or (_default_team(tx, account) if outcome.cell.opens else None)
    after = replace(_moved(before, outcome, given, now, until), team_id=queue)
    request = _requests(tx, after, outcome, by, wish or Wish(reason=order.value, asked_by=by), account, now)
    change = Change(
        before=before, after=after, command=order, account=account, request=request, ended=outcome.cell.ends
    )
    if after != before or change.seen:
        why = reason or (silent.value if silent and after.nobody_answers else None)
        _write(tx, change, by, why, now, in_tracker=in_tracker)
    return change


def _who_may_speak(tx: Connection, conversation_id: str, order: Command) -> tuple[Account, Reason | None]:
    """Why the assistant may not, if that matters. In the order of locks account and agent come first."""
    conversation = conversations.get(tx, conversation_id)
    heard_by_person = order is Command.INBOUND and conversation.state is not BOT
    if order not in _TO_THE_ASSISTANT or heard_by_person:
        return accounts.get(tx, conversation.account_id), None
    account = accounts.lock_shared(tx, conversation.account_id)
    return account, why_silent(account, agents.lock_shared(tx, account.agent_id))


def lock(tx: Connection, conversation_id: str) -> Conversation:
    """In the order of locks, for whoever looks before they order."""
    _who_may_speak(tx, conversation_id, Command.RELEASE)
    return conversations.lock(tx, conversation_id)


def _who_won(conversation: Conversation) -> Said:
    if conversation.owner is not None:
        return say("It has changed hands meanwhile: {owner} has it.", owner=conversation.owner)
    return say("It has changed hands meanwhile: it is {state}.", state=word_of(conversation.state))


def _person_of_before(tx: Connection, before: Conversation, account: Account, now: datetime) -> str | None:
    """Whoever writes again soon after the end finds the person they had, if that person is there."""
    soon = timedelta(seconds=account.handover.sticky_s)
    if before.last_owner in (None, PHONE) or before.last_owned_at is None or now - before.last_owned_at > soon:
        return None
    try:
        assigning.can_take(tx, str(before.last_owner), account.id)
    except Refused:
        return None
    person = operators.get(tx, str(before.last_owner))
    return person.name if person.presence is Presence.ONLINE else None


def _standing(conversation: Conversation) -> Standing:
    return Standing(state=conversation.state, status=conversation.status, owner=conversation.owner)


def _default_team(tx: Connection, account: Account) -> str | None:
    team = teams.find(tx, account.handover.team) if account.handover.team else None
    return team.id if team else None


def _moved(before: Conversation, outcome: Outcome, order: Order, now: datetime, until: datetime | None) -> Conversation:
    cell = outcome.cell
    after = replace(
        before,
        state=cell.state,
        status=cell.status,
        owner=outcome.owner,
        ownership=before.ownership + outcome.moves,
        nobody_answers=cell.nobody_answers or (before.nobody_answers and cell.state is before.state),
        waiting_since=_waiting_since(before, outcome, order.command, now),
        snoozed_until=until if cell.status is Status.SNOOZED and order.command is Command.SNOOZE else None,
    )
    if cell.status is Status.SNOOZED and order.command is not Command.SNOOZE:
        after = replace(after, snoozed_until=before.snoozed_until)
    if order.command in (Command.TAKE, Command.REPLY):
        after = replace(after, unread=0)
    if before.state is HUMAN and before.owner != after.owner and before.owner != PHONE:
        after = replace(after, last_owner=before.owner)
    if HUMAN in (before.state, after.state) and (before.owner != after.owner or order.command in _LAST_WORDS):
        after = replace(after, last_owned_at=now)
    if order.command in _SEEN or (before.state is HUMAN and after.state is not HUMAN):
        after = replace(after, return_due=True)
    return replace(after, arrival_due=_arrival_due(before, after, order.command))


_LAST_WORDS = frozenset({Command.REPLY, Command.ECHO})


def _waiting_since(before: Conversation, outcome: Outcome, order: Command, now: datetime) -> datetime | None:
    """Since when the customer waits for a person's word."""
    state = outcome.cell.state
    if state is BOT or order in _LAST_WORDS:
        return None
    if state is HandoverState.PENDING or order is Command.INBOUND:
        return before.waiting_since or now
    if before.state is BOT and before.unread:  # taken from the assistant before it could answer
        return now
    return before.waiting_since


def _arrival_due(before: Conversation, after: Conversation, order: Command) -> bool:
    """Whether the customer is still to hear who answers from now on."""
    if before.owner == after.owner and before.state is after.state:
        return before.arrival_due
    if after.state is HUMAN:
        return after.owner != PHONE
    return before.state is HUMAN and order in (Command.RELEASE, Command.RETURN) and after.state is BOT


def _requests(
    tx: Connection, after: Conversation, outcome: Outcome, by: str, wish: Wish, account: Account, now: datetime
) -> Request | None:
    cell = outcome.cell
    if cell.ends is not None and not cell.opens:
        requests.end(tx, after.id, cell.ends, by=by, now=now)
    if not cell.opens:
        return None
    ttl_s, opening = account.handover.request_ttl_s, account.handover.opening
    known = requests.waiting(tx, after.id)
    request = requests.open_one(
        tx,
        after.id,
        replace(wish, team_id=wish.team_id or after.team_id),
        expires_at=opening.after_open_time(now, ttl_s) if ttl_s else None,
        now=now,
        state=cell.ends or RequestState.PENDING,
    )
    return None if request == known else request


def _write(tx: Connection, change: Change, by: str, reason: str | None, now: datetime, *, in_tracker: bool) -> None:
    before, after = change.before, change.after
    conversations.put(tx, after)
    if change.moved:
        outbox.withdraw_bot_rows(tx, after.id, now)
    if change.command in _SEEN or (before.state is HUMAN and after.state is not HUMAN):
        mailbox.mark_seen_by_person(tx, after.id)
    elif after.state is not BOT and change.account.channel_settings.join_within_s:
        gathering.end(tx, after.id)
    refresh_deadlines(tx, after, change.account, now)
    if change.seen:
        _log(tx, change, by, reason, now)
        _tell(tx, change, by, reason, now)
        _alert(tx, change, now)
        if in_tracker and _standing(before) != _standing(after):
            _note_in_tracker(tx, after, change.command, by, now)


def refresh_deadlines(tx: Connection, conversation: Conversation, account: Account, now: datetime) -> None:
    """Works out anew what the rules will do by themselves. The conversation's row is locked."""
    waits = conversation.state is HandoverState.PENDING
    request = requests.waiting(tx, conversation.id) if waits else None
    since = conversation.waiting_since
    told = messages.told_since(tx, conversation.id, since) if waits and since else Told()
    expires_at = request.expires_at if request else None
    found = deadlines(conversation, account.handover, now, expires_at=expires_at, told=told)
    deadline_rows.put(tx, conversation.id, found)


def _tell(tx: Connection, change: Change, by: str, reason: str | None, now: datetime) -> None:
    after, request = change.after, change.request
    facts: dict[str, Any] = {
        "state": after.state.value,
        "status": after.status.value,
        "owner": after.owner,
        "command": change.command.value,
        "by": by,
        "reason": request.reason if request else reason,
    }
    if request is not None:
        facts |= {"request": request.id, "priority": request.priority.value}
    notices.add(tx, "handover", after.id, facts, now)


def _alert(tx: Connection, change: Change, now: datetime) -> None:
    """Those who asked to be told outside; and no more of a wait that is over."""
    after, request = change.after, change.request
    if after.state is not HandoverState.PENDING:
        alerts.settled(tx, after.id, now)
    event = _event(change)
    if event is not None:
        facts = {
            "reason": request.reason if request else None,
            "priority": request.priority.value if request else None,
            "waiting_since": after.waiting_since,
        }
        alerts.raise_event(
            tx,
            event,
            conversation=after,
            account=change.account,
            facts=facts,
            now=now,
            team_id=after.team_id,
            owner=after.owner,
        )


def _event(change: Change) -> Event | None:
    after = change.after
    if change.command is Command.VANISH:
        return Event.VANISHED
    if change.command is Command.EXPIRE:
        return Event.EXPIRED
    if change.command in (Command.TRANSFER, Command.APPROVE):
        return Event.TRANSFERRED
    if after.state is HandoverState.PENDING and (change.request or change.before.state is not after.state):
        return Event.REQUESTED
    return None


def _note_in_tracker(tx: Connection, after: Conversation, order: Command, by: str, now: datetime) -> None:
    """The tracker is the one history: it also holds who had the conversation when. An utterance without words changes
    nothing that a policy looks at."""
    facts = {"handover": order.value, "state": after.state.value, "by": by}
    event = {"event": "bot", "timestamp": now.timestamp(), "text": None, "data": {}, "metadata": facts}
    tracker_rows.write(tx, after.id, tracker_rows.position(tx, after.id), [event])


def _log(tx: Connection, change: Change, by: str, reason: str | None, now: datetime) -> None:
    before, after, request = change.before, change.after, change.request
    tx.execute(
        handovers.insert(),
        dict(
            conversation_id=before.id,
            command=change.command.value,
            by=by,
            before=before.state.value,
            after=after.state.value,
            status_before=before.status.value,
            status_after=after.status.value,
            owner_before=before.owner,
            owner_after=after.owner,
            ownership=after.ownership,
            reason=reason or (request.reason if request else None),
            at=now,
        ),
    )


def log_of(tx: Connection, conversation_id: str) -> list[dict[str, Any]]:
    """Every change, the oldest first: who, when, from, to, why."""
    rows = tx.execute(
        sa.select(handovers).where(handovers.c.conversation_id == conversation_id).order_by(handovers.c.id)
    )
    return [dict(row._mapping) for row in rows]


def project(
    tx: Connection, conversation_id: ConversationId, events: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """What tracker events mean for who answers: the dialogue orders nothing, the rules decide."""
    for event in events:
        if event["event"] == "slot" and event.get("name") == LANGUAGE_SLOT and event.get("value") in _LANGUAGES:
            conversations.change(tx, conversation_id, language=event["value"])
        wish = _wish(event)
        if wish is None:
            continue
        try:
            if wish:
                _ask(tx, conversation_id, wish, now)
            else:
                command(tx, conversation_id, Command.CANCEL, by="customer", now=now, in_tracker=False)
        except Refused:
            continue  # a person has it already, or nobody was asked for: as it should be


def _wish(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The request an event makes; `{}` when it takes one back; None when it is about something else."""
    if event["event"] == "pause":  # a story, or Rasa's HTTP API, paused the dialogue: it wants a person
        return {"reason": "paused"}
    if event["event"] == "slot" and event.get("name") == REQUEST_SLOT:
        value = event.get("value")
        return (value if isinstance(value, dict) else {"reason": str(value)}) if value else {}
    return None


def _ask(tx: Connection, conversation_id: ConversationId, asked: dict[str, Any], now: datetime) -> None:
    wish = Wish(reason=str(asked.get("reason", "asked"))[:120], priority=_priority(asked), details=asked)
    command(tx, conversation_id, Command.REQUEST, by="assistant", now=now, wish=wish, in_tracker=False)


def _priority(asked: Mapping[str, Any]) -> Priority:
    try:
        return Priority(asked.get("priority", Priority.MEDIUM))
    except ValueError:
        return Priority.MEDIUM
