"""What a command does to the world: the pure table, and beside it what the store does in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache

from bench.exploring.world import RULES, Row, RowState, Since, There, World
from conversation import handover
from conversation.account import AccountId
from conversation.contact import ContactId
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.deadlines import Deadline, Told, deadlines
from conversation.errors import Refused
from conversation.handover import PHONE, Command, Facts, Order, Outcome, RequestState, Standing

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN
_NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
_LATER = _NOW + timedelta(hours=1)
_LAST_WORDS = (Command.REPLY, Command.ECHO)
_SEEN = (Command.RELEASE, Command.RETURN, Command.CLOSE, Command.RESOLVE)
#: Ended by whoever gives them; whoever had it before hears of it by a notice.
_ASKS_NOBODY = (Command.TAKE, Command.REPLY)


def ordered(world: World, order: Order, *, owner_guard: bool = True) -> World:
    """The world after it; raises `Refused`. Without the guard nobody asks whose a conversation is."""
    owner = world.owner if owner_guard else None
    outcome = _outcome(
        world.state._value_,
        world.status._value_,
        owner,
        order.command._value_,
        order.by,
        order.target,
        order.team,
        order.force,
        world.speaks,
        RULES[world.rules].settings.enabled,
        _found_again(world, order),
    )
    if isinstance(outcome, Refused):
        raise outcome.with_traceback(None)
    after = _who(world, order, outcome)
    after = _request(after, outcome)
    after = _papers(world, after, order, moved=after.number != world.number)
    after = after._replace(
        holders=_holders(world, after, order), faults=world.faults | _faults(world, after), told=after.told
    )
    return with_deadlines(after)


def _found_again(world: World, order: Order) -> str | None:
    """The person who had it last, where they are there."""
    if order.command is not Command.INBOUND or world.last_owner is None or not RULES[world.rules].sticky:
        return None
    return world.last_owner if world.there(world.last_owner) is There.ONLINE else None


@cache
def _outcome(
    state: str,
    status: str,
    owner: str | None,
    command: str,
    by: str,
    target: str | None,
    team: str | None,
    force: bool,
    may_speak: bool,
    has_people: bool,
    last: str | None,
) -> Outcome | Refused:
    """The pure table's answer, asked once for each question."""
    standing = Standing(state=HandoverState(state), status=Status(status), owner=owner)
    order = Order(command=Command(command), by=by, target=target, team=team, force=force)
    try:
        return handover.after(standing, order, Facts(may_speak=may_speak, has_people=has_people, last=last))
    except Refused as refused:
        return refused


def forget_the_table() -> None:
    """For a test that changes it."""
    _outcome.cache_clear()


def _who(world: World, order: Order, outcome: Outcome) -> World:
    cell, command = outcome.cell, order.command
    waiting = _waiting(world, outcome, command)
    passes = world.owner != outcome.owner
    after = world._replace(
        state=cell.state,
        status=cell.status,
        owner=outcome.owner,
        number=world.number + outcome.moves,
        nobody_answers=cell.nobody_answers or (world.nobody_answers and cell.state is world.state),
        waiting=waiting,
        told=world.told and waiting,
        unread=world.unread and command not in _ASKS_NOBODY,
    )
    if HUMAN in (world.state, after.state) and (passes or command in _LAST_WORDS):
        after = after._replace(spoken=True)
    if world.state is HUMAN and passes and world.owner != PHONE:
        after = after._replace(last_owner=world.owner)
    return after


def _waiting(world: World, outcome: Outcome, command: Command) -> bool:
    state = outcome.cell.state
    if state is BOT or command in _LAST_WORDS:
        return False
    if state is PENDING or command is Command.INBOUND:
        return True
    return world.waiting or (world.state is BOT and world.unread)


def _request(world: World, outcome: Outcome) -> World:
    cell = outcome.cell
    if cell.opens:
        return world._replace(request=cell.ends or RequestState.PENDING)
    if cell.ends is not None and world.request is RequestState.PENDING:
        return world._replace(request=cell.ends)
    return world


def _papers(before: World, after: World, order: Order, *, moved: bool) -> World:
    """What waits to be answered, and what waits to be said."""
    if order.command in _SEEN or (before.state is HUMAN and after.state is not HUMAN):
        after = after._replace(mail=(True,) * len(after.mail))
    if after.state is not BOT or after.status is not Status.OPEN or order.command in _SEEN:
        after = after._replace(unanswered=False)  # a person has it before them
    return passed(after, Since.PASSED) if moved else after


def passed(world: World, what: Since) -> World:
    """A number has moved: what was decided before is old, and what has not been claimed never will be."""
    rows = world.rows
    if what is Since.PASSED:
        rows = tuple(row for row in rows if row.state is not RowState.QUEUED)
    turn = world.turn._replace(since=_older(world.turn.since, what)) if world.turn else None
    return world._replace(turn=turn, rows=tuple(_aged(row, what) for row in rows))


def _aged(row: Row, what: Since) -> Row:
    return row._replace(since=_older(row.since, what), decided=_older(row.decided, what))


def _older(known: Since, what: Since) -> Since:
    return Since.PASSED if Since.PASSED in (known, what) else what


def _holders(before: World, after: World, order: Order) -> frozenset[str]:
    if after.state is not HUMAN or after.owner in (None, PHONE):
        return frozenset()
    if order.command in _ASKS_NOBODY and not order.force:
        return before.holders | {order.by}
    return frozenset({str(after.owner)})


def _faults(before: World, after: World) -> frozenset[str]:
    handed = (before.state, before.status) != (after.state, after.status) and (after.state, after.status) == (
        BOT,
        Status.OPEN,
    )
    mute = not after.speaks and RULES[after.rules].settings.enabled
    return frozenset({"handed_to_a_mute_assistant"} if handed and mute else ())


def with_deadlines(world: World) -> World:
    asked = world.request is RequestState.PENDING
    found = _deadlines(
        world.rules,
        world.state,
        world.status,
        world.owner,
        world.nobody_answers,
        world.waiting,
        world.spoken,
        asked,
        world.told,
    )
    return world._replace(deadlines=found)


@cache
def _deadlines(
    rules: int,
    state: HandoverState,
    status: Status,
    owner: str | None,
    nobody_answers: bool,
    waiting: bool,
    spoken: bool,
    asked: bool,
    told: bool,
) -> frozenset[Deadline]:
    settings = RULES[rules].settings
    conversation = Conversation(
        id=ConversationId("cnv"),
        account_id=AccountId("acc"),
        contact_id=ContactId("con"),
        state=state,
        owner=owner,
        ownership=0,
        return_due=False,
        unread=0,
        last_inbound_at=_NOW,
        last_inbound_id=None,
        created_at=_NOW,
        status=status,
        last_owned_at=_NOW if spoken else None,
        waiting_since=_NOW if waiting else None,
        snoozed_until=_LATER if status is Status.SNOOZED else None,
        nobody_answers=nobody_answers,
    )
    expires_at = _LATER if asked and settings.request_ttl_s else None
    heard = Told(times=1, last_at=_NOW) if told else Told()
    return frozenset(deadlines(conversation, settings, _NOW, expires_at=expires_at, told=heard))
