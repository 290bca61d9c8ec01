"""Everything that can happen next, and what the world is after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bench.exploring.commands import BOT, HUMAN, PENDING, ordered, passed, with_deadlines
from bench.exploring.world import OPERATORS, RULES, Look, Row, RowState, Since, There, Turn, World
from conversation.conversation import Status
from conversation.deadlines import Deadline
from conversation.errors import Refused
from conversation.handover import PHONE, Command, Order
from conversation.handover_settings import Silence

TEAM = "team"


@dataclass(frozen=True, kw_only=True)
class Guards:
    """What stands between the rules and a broken promise; a sabotage takes one away."""

    owner: bool = True  # somebody else's conversation is theirs
    fence: bool = True  # a turn's commit asks again who may speak
    vanish: bool = True  # who goes gives all they have to the queue
    withdrawn: bool = True  # whose answer was withdrawn asks for a person


SABOTAGES = {
    "second-owner": Guards(owner=False),
    "bot-after-take": Guards(fence=False),
    "no-next-toucher": Guards(vanish=False),
    "unanswered": Guards(withdrawn=False),
}
Change = Callable[[World, Guards], World]
#: By which broken promise each is found.
FOUND_BY = {
    "second-owner": "second_owner",
    "bot-after-take": "bot_after_take",
    "no-next-toucher": "unowned",
    "unanswered": "unowned",
}


class Move(NamedTuple):
    """`who` does `what`, perhaps to `whom`."""

    what: str
    who: str = ""
    whom: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.who, self.what, self.whom)))


_OPERATORS_OWN = ("take", "reply", "release", "close", "resolve", "reopen", "snooze", "to_team")
_ANYBODYS = ("request", "cancel", "approve", "reject", "offline", "online", "removed")
_BY_FORCE = ("take_by_force", "release_by_force", "close_by_force")  # a supervisor, with what another has
_COMMAND = {
    "take": Command.TAKE,
    "reply": Command.REPLY,
    "release": Command.RELEASE,
    "close": Command.CLOSE,
    "resolve": Command.RESOLVE,
    "reopen": Command.REOPEN,
    "snooze": Command.SNOOZE,
    "request": Command.REQUEST,
    "cancel": Command.CANCEL,
    "approve": Command.APPROVE,
    "reject": Command.REJECT,
    "take_by_force": Command.TAKE,
    "release_by_force": Command.RELEASE,
    "close_by_force": Command.CLOSE,
    "give": Command.TRANSFER,
    "to_team": Command.TRANSFER,
}
_FALLS_DUE = {Deadline.EXPIRY: Command.EXPIRE, Deadline.IDLE: Command.RETURN, Deadline.WAKE: Command.WAKE}


def moves(world: World) -> Iterator[Move]:
    """What may be tried; some of it is refused."""
    if world.to_come:
        yield Move("writes", "customer")
    yield Move("echo", PHONE)
    yield Move("switch", "assistant")
    for operator in OPERATORS:
        if world.there(operator) is There.REMOVED:
            continue
        for what in (*_OPERATORS_OWN, *_ANYBODYS):
            yield Move(what, operator)
        for what in _BY_FORCE if world.owner not in (None, PHONE, operator) else ():
            yield Move(what, operator)
        for other in OPERATORS:
            yield Move("give", operator, other)
    for other in OPERATORS:
        yield Move("assigned", "rule", other)
    for kind in sorted(world.deadlines):
        yield Move(kind.value, "clock")
    yield from _machines(world)


def _machines(world: World) -> Iterator[Move]:
    if world.turn is None and world.mail:
        yield Move("look", "worker")
    if world.turn is not None:
        yield Move("crash", "worker")
        if world.turn.look is Look.ANSWER:
            for what in ("commit", "commit_asking", "commit_declining"):
                yield Move(what, "worker")
        else:
            yield Move("record", "worker")
    if _next_row(world) is not None:
        yield Move("claim", "gateway")
    states = {row.state for row in world.rows}
    if RowState.CLAIMED in states:
        for what in ("sent", "try_again", "crash"):
            yield Move(what, "gateway")
    if RowState.UNKNOWN in states:
        for what in ("once_more", "pass_unknown"):
            yield Move(what, "gateway")


def after(world: World, move: Move, guards: Guards) -> World | None:
    """None: it does not apply here. Raises `Refused`."""
    if move.who in ("worker", "gateway"):
        return _MACHINES[move.who, move.what](world, guards)
    if move.who == "clock":
        return _falls_due(world, Deadline(move.what))
    if move.who == "customer":
        return _writes(world)
    if move.who == PHONE:
        return ordered(world, Order(command=Command.ECHO, by=PHONE))
    if move.who == "assistant":
        return passed(world._replace(speaks=not world.speaks), Since.SWITCHED)
    if move.what in ("offline", "online", "removed"):
        return _presence(world, move, guards)
    return _order(world, move, guards)


def _writes(world: World) -> World:
    """Accepted; where it is not simply the assistant's, the rules hear of it in the same transaction."""
    usual = (world.state, world.status) == (BOT, Status.OPEN)
    heard = world if usual else ordered(world, Order(command=Command.INBOUND, by="customer"))
    return heard._replace(to_come=world.to_come - 1, mail=(*heard.mail, False), unread=True)


def _order(world: World, move: Move, guards: Guards) -> World | None:
    if move.what in ("give", "assigned") and world.there(move.whom) is not There.ONLINE:
        return None  # refused before the table is asked
    if move.what == "assigned" and world.state is not PENDING:
        return None
    given = Order(
        command=_COMMAND.get(move.what, Command.TRANSFER),
        by=move.who,
        target=move.whom or None,
        team=TEAM if move.what == "to_team" else None,
        force=move.what.endswith("_by_force"),
    )
    there = world
    if given.command in (Command.TAKE, Command.REPLY, Command.APPROVE):
        there = _with(world, move.who, There.ONLINE)  # who takes is there, whatever was said before
    guarded = guards.owner or given.command not in (Command.TAKE, Command.REPLY)
    return ordered(there, given, owner_guard=guarded)


def _presence(world: World, move: Move, guards: Guards) -> World | None:
    now = There(move.what)
    if world.there(move.who) is now:
        return None
    gone = _with(world, move.who, now)
    if now is There.ONLINE or world.owner != move.who or world.state is not HUMAN or not guards.vanish:
        return gone
    return ordered(gone, Order(command=Command.VANISH, by=move.who))


def _with(world: World, operator: str, there: There) -> World:
    return world._replace(ana=there) if operator == OPERATORS[0] else world._replace(ben=there)


def _falls_due(world: World, kind: Deadline) -> World | None:
    if kind is Deadline.UPDATE:
        return with_deadlines(world._replace(told=True))
    if kind is Deadline.OPENING:
        return None  # open all the time here
    command = _FALLS_DUE.get(kind)
    if command is None:
        to_queue = RULES[world.rules].settings.silence_to is Silence.QUEUE
        command = Command.VANISH if to_queue else Command.RETURN
    return ordered(world, Order(command=command, by="rule"))


# --- A turn ----------------------------------------------------------------------------------------------------


def _look(world: World, guards: Guards) -> World:
    return world._replace(turn=Turn(_gate(world)))


def _gate(world: World) -> Look:
    silent = world.state is PENDING and RULES[world.rules].silent_while_pending
    if world.state is HUMAN or silent or world.mail[0]:
        return Look.OWNED
    return Look.ANSWER if world.speaks else Look.MUTE


def _worker_crash(world: World, guards: Guards) -> World:
    """Before its commit nothing of a turn is there; the mail is."""
    return world._replace(turn=None)


def _commit(world: World, guards: Guards) -> World:
    turn = _turn_of(world)
    done = world._replace(turn=None)
    if guards.fence and turn.since is not Since.NOTHING:
        return done  # discarded: the gate is asked again
    said = Row(decided=turn.since)
    return done._replace(mail=world.mail[1:], rows=(*world.rows, said), unanswered=False)


def _commit_asking(world: World, guards: Guards) -> World:
    return _commit_and(world, guards, Order(command=Command.REQUEST, by="assistant"))


def _commit_declining(world: World, guards: Guards) -> World:
    return _commit_and(world, guards, Order(command=Command.CANCEL, by="customer"))


def _commit_and(world: World, guards: Guards, wish: Order) -> World:
    """The dialogue's wish is heard in the same transaction; where it is refused the answer stands."""
    committed = _commit(world, guards)
    if committed.mail == world.mail:
        return committed
    try:
        return ordered(committed, wish)
    except Refused:
        return committed


def _record(world: World, guards: Guards) -> World:
    turn, was_seen = _turn_of(world), world.mail[0]
    put_away = world._replace(turn=None, mail=world.mail[1:])
    if turn.look is not Look.MUTE:
        return put_away
    if world.speaks:  # switched on meanwhile: the gate is asked again
        return world._replace(turn=None)
    return _asks(put_away._replace(unanswered=put_away.state is BOT and not was_seen))


def _turn_of(world: World) -> Turn:
    assert world.turn is not None
    return world.turn


# --- A send ----------------------------------------------------------------------------------------------------


def _next_row(world: World) -> int | None:
    """The one that may be claimed: the first, those of unknown fate left aside; none while one is claimed."""
    for place, row in enumerate(world.rows):
        if row.state is RowState.CLAIMED:
            return None
        if row.state is RowState.QUEUED:
            return place
    return None


def _claim(world: World, guards: Guards) -> World:
    place = _next_row(world)
    assert place is not None
    row = world.rows[place]
    if row.since is not Since.NOTHING:
        return _left_unanswered(_without(world, place), guards)
    broke = {Since.PASSED: "bot_after_take", Since.SWITCHED: "bot_after_switch_off"}.get(row.decided)
    claimed = _at(world, place, row._replace(state=RowState.CLAIMED))
    return claimed._replace(faults=world.faults | {broke}) if broke else claimed


def _left_unanswered(world: World, guards: Guards) -> World:
    """Where an answer was withdrawn because the assistant was switched off, a person is asked for."""
    if (world.state, world.status) != (BOT, Status.OPEN) or not RULES[world.rules].settings.enabled:
        return world
    put_away = world._replace(unanswered=True)
    if not guards.withdrawn:
        return put_away
    heard = _asks(put_away)
    return ordered(heard, Order(command=Command.REQUEST, by="assistant")) if heard.state is BOT else heard


def _asks(world: World) -> World:
    """As if they wrote now; an account that hands nothing over leaves it."""
    if not RULES[world.rules].settings.enabled:
        return world
    try:
        return ordered(world, Order(command=Command.INBOUND, by="customer"))
    except Refused:
        return world


def _sent(world: World, guards: Guards) -> World:
    return _without(world, _first(world, RowState.CLAIMED))


def _into(was: RowState, state: RowState) -> Change:
    def change(world: World, guards: Guards) -> World:
        place = _first(world, was)
        return _at(world, place, world.rows[place]._replace(state=state))

    return change


def _pass_unknown(world: World, guards: Guards) -> World:
    return _without(world, _first(world, RowState.UNKNOWN))


def _first(world: World, state: RowState) -> int:
    return next(place for place, row in enumerate(world.rows) if row.state is state)


def _at(world: World, place: int, row: Row) -> World:
    return world._replace(rows=(*world.rows[:place], row, *world.rows[place + 1 :]))


def _without(world: World, place: int) -> World:
    return world._replace(rows=(*world.rows[:place], *world.rows[place + 1 :]))


_MACHINES: dict[tuple[str, str], Change] = {
    ("worker", "look"): _look,
    ("worker", "crash"): _worker_crash,
    ("worker", "commit"): _commit,
    ("worker", "commit_asking"): _commit_asking,
    ("worker", "commit_declining"): _commit_declining,
    ("worker", "record"): _record,
    ("gateway", "claim"): _claim,
    ("gateway", "sent"): _sent,
    ("gateway", "try_again"): _into(RowState.CLAIMED, RowState.QUEUED),
    ("gateway", "crash"): _into(RowState.CLAIMED, RowState.UNKNOWN),
    ("gateway", "once_more"): _into(RowState.UNKNOWN, RowState.QUEUED),
    ("gateway", "pass_unknown"): _pass_unknown,
}
