"""Who answers after each command: the whole table, so that it can be drawn, explored, and tested cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conversation.conversation import HandoverState, Status
from conversation.errors import NotOwner, Refused
from conversation.said import Said, say
from conversation.state_words import word_of

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN
OPEN, SNOOZED, RESOLVED, CLOSED = Status.OPEN, Status.SNOOZED, Status.RESOLVED, Status.CLOSED

#: The owner of a conversation that somebody answers on the phone's own app: any operator may take it from there.
PHONE = "phone"


class Command(str, Enum):
    REQUEST = "request"  # the customer, or the dialogue for them, asks for a person
    CANCEL = "cancel"  # the customer no longer wants one
    APPROVE = "approve"  # an operator says who takes it
    REJECT = "reject"  # an operator says that nobody will
    TAKE = "take"  # an operator takes the conversation
    REPLY = "reply"  # an operator writes: takes it first where nobody has it
    TRANSFER = "transfer"  # to another operator, or into a team's queue
    RELEASE = "release"  # an operator gives it back
    RETURN = "return"  # a timer gives it back
    EXPIRE = "expire"  # nobody took it in time
    ECHO = "echo"  # somebody answered on the phone's own app
    VANISH = "vanish"  # its owner is offline, was removed, or lets the customer wait too long
    SWITCH_OFF = "switch_off"  # the assistant was switched off
    INBOUND = "inbound"  # the customer writes
    CLOSE = "close"  # an operator: done with
    RESOLVE = "resolve"  # an operator: the matter is settled
    REOPEN = "reopen"  # an operator: it is not
    SNOOZE = "snooze"  # its owner: not before then
    WAKE = "wake"  # that time has come


class RequestState(str, Enum):
    PENDING = "pending"
    APPROVED = "approved"  # an operator said who takes it
    REJECTED = "rejected"  # nobody will come: an operator said so, or the account hands nothing over
    EXPIRED = "expired"  # nobody took it in time
    CANCELLED = "cancelled"  # the customer, or who gave it back, does not want it any more
    ANSWERED = "answered"  # a person took the conversation


class Priority(str, Enum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Owner(str, Enum):
    """Who has it after a command."""

    NOBODY = "nobody"
    SAME = "same"  # who had it before
    BY = "by"  # who gives the command
    TARGET = "target"  # whom the command names
    LAST = "last"  # the person who had it last
    PHONE = "phone"


class Toucher(str, Enum):
    """Who does the next thing in a conversation. An open one without any would be stranded."""

    CUSTOMER = "customer"  # their next message, which the assistant answers
    OWNER = "owner"  # the person who has it; a deadline stands behind them
    QUEUE = "queue"  # whoever takes it first; it stays there until somebody does
    DEADLINE = "deadline"  # it wakes by itself
    NOBODY = "nobody"  # nothing is owed: it is done with


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a command leads to.

    `moves`: ownership + 1 even where the owner stays the same; it moves whenever the owner does. `ends`: what becomes
    of the request that waits; `opens`: there is one from now on. The others stand instead of the cell, where …
    """

    state: HandoverState
    status: Status = OPEN
    owner: Owner = Owner.NOBODY
    moves: bool = False
    ends: RequestState | None = None
    opens: bool = False
    nobody_answers: bool = False  # it waits for a person, because no assistant may speak
    muted: Cell | None = None  # … the assistant may not speak
    without_people: Cell | None = None  # … this account hands nothing over
    to_team: Cell | None = None  # … the command names a team, and no person
    to_last: Cell | None = None  # … the person who had it last is there

    @property
    def toucher(self) -> Toucher:
        return toucher(self.state, self.status)


def toucher(state: HandoverState, status: Status) -> Toucher:
    if status in (RESOLVED, CLOSED):
        return Toucher.NOBODY
    if status is SNOOZED:
        return Toucher.DEADLINE
    return {BOT: Toucher.CUSTOMER, PENDING: Toucher.QUEUE, HUMAN: Toucher.OWNER}[state]


def _queued(ends: RequestState | None = None, *, moves: bool = False, opens: bool = False) -> Cell:
    """No assistant may speak, so it waits for a person."""
    return Cell(state=PENDING, nobody_answers=True, ends=ends, moves=moves, opens=opens)


def _back(ends: RequestState | None = None, *, moves: bool = False) -> Cell:
    """To the assistant; never to one that may not speak."""
    return Cell(state=BOT, ends=ends, moves=moves, muted=_queued(ends, moves=moves))


def _ended(status: Status) -> Cell:
    return Cell(state=BOT, status=status, moves=True, ends=RequestState.CANCELLED)


_IN_QUEUE = Cell(state=PENDING, opens=True)
_WANTED = Cell(
    state=PENDING,
    opens=True,
    without_people=Cell(state=BOT, opens=True, ends=RequestState.REJECTED),  # the wish is recorded
)
_TAKEN = Cell(state=HUMAN, owner=Owner.BY, moves=True, ends=RequestState.ANSWERED)
_GIVEN = Cell(state=HUMAN, owner=Owner.TARGET, moves=True, ends=RequestState.ANSWERED, to_team=_IN_QUEUE)
_ON_THE_PHONE = Cell(state=HUMAN, owner=Owner.PHONE, moves=True, ends=RequestState.ANSWERED)
_KEPT = Cell(state=HUMAN, owner=Owner.SAME)
_VANISHED = Cell(state=PENDING, opens=True)
_HEARD_AGAIN = Cell(
    state=BOT,
    muted=_queued(opens=True),
    to_last=Cell(state=HUMAN, owner=Owner.LAST, moves=True),
)

#: A missing cell is a refusal; `refusal` says it in words.
TABLE: dict[tuple[HandoverState, Status, Command], Cell] = {
    (BOT, OPEN, Command.REQUEST): _WANTED,
    (BOT, OPEN, Command.TAKE): _TAKEN,
    (BOT, OPEN, Command.REPLY): _TAKEN,
    (BOT, OPEN, Command.TRANSFER): _GIVEN,
    (BOT, OPEN, Command.ECHO): _ON_THE_PHONE,
    (BOT, OPEN, Command.SWITCH_OFF): Cell(state=BOT),
    (BOT, OPEN, Command.INBOUND): Cell(state=BOT, muted=_queued(opens=True)),
    (BOT, OPEN, Command.CLOSE): _ended(CLOSED),
    (BOT, OPEN, Command.RESOLVE): _ended(RESOLVED),
    (PENDING, OPEN, Command.REQUEST): Cell(state=PENDING, opens=True),
    (PENDING, OPEN, Command.CANCEL): _back(RequestState.CANCELLED),
    (PENDING, OPEN, Command.APPROVE): Cell(state=HUMAN, owner=Owner.TARGET, moves=True, ends=RequestState.APPROVED),
    (PENDING, OPEN, Command.REJECT): _back(RequestState.REJECTED),
    (PENDING, OPEN, Command.TAKE): _TAKEN,
    (PENDING, OPEN, Command.REPLY): _TAKEN,
    (PENDING, OPEN, Command.TRANSFER): _GIVEN,
    (PENDING, OPEN, Command.RELEASE): _back(RequestState.CANCELLED, moves=True),
    (PENDING, OPEN, Command.EXPIRE): _back(RequestState.EXPIRED),
    (PENDING, OPEN, Command.ECHO): _ON_THE_PHONE,
    (PENDING, OPEN, Command.SWITCH_OFF): Cell(state=PENDING),
    (PENDING, OPEN, Command.INBOUND): Cell(state=PENDING),
    (PENDING, OPEN, Command.CLOSE): _ended(CLOSED),
    (PENDING, OPEN, Command.RESOLVE): _ended(RESOLVED),
    (HUMAN, OPEN, Command.TAKE): Cell(state=HUMAN, owner=Owner.BY),
    (HUMAN, OPEN, Command.REPLY): Cell(state=HUMAN, owner=Owner.BY),
    (HUMAN, OPEN, Command.TRANSFER): Cell(state=HUMAN, owner=Owner.TARGET, to_team=_IN_QUEUE),
    (HUMAN, OPEN, Command.RELEASE): _back(moves=True),
    (HUMAN, OPEN, Command.RETURN): _back(moves=True),
    (HUMAN, OPEN, Command.ECHO): _KEPT,
    (HUMAN, OPEN, Command.VANISH): _VANISHED,
    (HUMAN, OPEN, Command.SWITCH_OFF): _KEPT,
    (HUMAN, OPEN, Command.INBOUND): _KEPT,
    (HUMAN, OPEN, Command.CLOSE): _ended(CLOSED),
    (HUMAN, OPEN, Command.RESOLVE): _ended(RESOLVED),
    (HUMAN, OPEN, Command.SNOOZE): Cell(state=HUMAN, status=SNOOZED, owner=Owner.SAME),
    (HUMAN, SNOOZED, Command.TAKE): Cell(state=HUMAN, owner=Owner.BY),
    (HUMAN, SNOOZED, Command.REPLY): Cell(state=HUMAN, owner=Owner.BY),
    (HUMAN, SNOOZED, Command.TRANSFER): Cell(state=HUMAN, owner=Owner.TARGET, to_team=_IN_QUEUE),
    (HUMAN, SNOOZED, Command.RELEASE): _back(moves=True),
    (HUMAN, SNOOZED, Command.ECHO): Cell(state=HUMAN, status=SNOOZED, owner=Owner.SAME),
    (HUMAN, SNOOZED, Command.VANISH): _VANISHED,
    (HUMAN, SNOOZED, Command.SWITCH_OFF): Cell(state=HUMAN, status=SNOOZED, owner=Owner.SAME),
    (HUMAN, SNOOZED, Command.INBOUND): _KEPT,
    (HUMAN, SNOOZED, Command.CLOSE): _ended(CLOSED),
    (HUMAN, SNOOZED, Command.RESOLVE): _ended(RESOLVED),
    (HUMAN, SNOOZED, Command.REOPEN): _KEPT,
    (HUMAN, SNOOZED, Command.SNOOZE): Cell(state=HUMAN, status=SNOOZED, owner=Owner.SAME),
    (HUMAN, SNOOZED, Command.WAKE): _KEPT,
    **{
        cell: then
        for status in (RESOLVED, CLOSED)
        for cell, then in {
            (BOT, status, Command.REQUEST): _WANTED,
            (BOT, status, Command.TAKE): _TAKEN,
            (BOT, status, Command.REPLY): _TAKEN,
            (BOT, status, Command.TRANSFER): _GIVEN,
            (BOT, status, Command.ECHO): Cell(state=BOT, status=status),  # kept; nobody takes over what is done with
            (BOT, status, Command.SWITCH_OFF): Cell(state=BOT, status=status),
            (BOT, status, Command.INBOUND): _HEARD_AGAIN,
            (BOT, status, Command.REOPEN): _back(),
        }.items()
    },
    (BOT, RESOLVED, Command.CLOSE): _ended(CLOSED),
}

#: What can be: everything else is reached by no command.
SITUATIONS = ((BOT, OPEN), (PENDING, OPEN), (HUMAN, OPEN), (HUMAN, SNOOZED), (BOT, RESOLVED), (BOT, CLOSED))

_NOT_WAITING = say("Nobody was asked for.")
_HAS_IT = say("A person already has this conversation.")
_WORDS: dict[Command, dict[HandoverState, Said]] = {
    Command.REQUEST: {HUMAN: _HAS_IT},
    Command.CANCEL: {BOT: _NOT_WAITING, HUMAN: _HAS_IT},
    Command.APPROVE: {BOT: _NOT_WAITING, HUMAN: _HAS_IT},
    Command.REJECT: {BOT: _NOT_WAITING, HUMAN: _HAS_IT},
    Command.EXPIRE: {BOT: _NOT_WAITING, HUMAN: _HAS_IT},
    Command.RELEASE: {BOT: say("The assistant already has this conversation.")},
    Command.RETURN: {
        BOT: say("The assistant already has this conversation."),
        PENDING: say("It waits for a person."),
        HUMAN: say("It is snoozed: it wakes first."),
    },
    Command.VANISH: {each: say("No person has this conversation.") for each in (BOT, PENDING)},
    Command.SNOOZE: {
        BOT: say("Take it first: what the assistant has can't be put off."),
        PENDING: say("Take it first: the customer waits for a person."),
    },
    Command.REOPEN: {each: say("It is open.") for each in (BOT, PENDING, HUMAN)},
    Command.WAKE: {each: say("It is not snoozed.") for each in (BOT, PENDING, HUMAN)},
    Command.CLOSE: {BOT: say("It is closed already.")},
    Command.RESOLVE: {BOT: say("It is resolved or closed already.")},
}
#: Commands of an operator about a conversation that may be somebody else's.
_OWNERS = frozenset(
    {
        Command.TAKE,
        Command.REPLY,
        Command.TRANSFER,
        Command.RELEASE,
        Command.CLOSE,
        Command.RESOLVE,
        Command.REOPEN,
        Command.SNOOZE,
    }
)
#: Even who may order over others' conversations must take one first to write in it.
_FORCED = _OWNERS - {Command.REPLY}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a command meets."""

    state: HandoverState
    status: Status = OPEN
    owner: str | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What decides between a cell's alternatives. `last`: the person who had it last, if they are there."""

    may_speak: bool = True
    has_people: bool = True
    last: str | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command as it is given."""

    command: Command
    by: str
    target: str | None = None  # the operator it is transferred to or approved for
    team: str | None = None
    force: bool = False  # a supervisor orders over others' conversations


@dataclass(frozen=True, kw_only=True)
class Outcome:
    cell: Cell
    owner: str | None
    moves: bool


def after(standing: Standing, order: Order, facts: Facts | None = None) -> Outcome:
    """What becomes of it, or `Refused`. Somebody else's conversation is theirs unless `force` says otherwise."""
    cell = TABLE.get((standing.state, standing.status, order.command))
    if cell is None:
        raise refusal(standing, order.command)
    forced = order.force and order.command in _FORCED
    theirs = standing.owner not in (None, order.by, PHONE)
    if standing.state is HUMAN and theirs and order.command in _OWNERS and not forced:
        raise NotOwner(str(standing.owner))
    cell = _chosen(cell, order, facts or Facts())
    owner = _owner(cell, standing, order, facts or Facts())
    return Outcome(cell=cell, owner=owner, moves=cell.moves or owner != standing.owner)


def refusal(standing: Standing, command: Command) -> Refused:
    """A cell that is empty, in words. The code names the command and where it was given."""
    ended = standing.status in (RESOLVED, CLOSED) and command in (Command.CLOSE, Command.RESOLVE)
    default = say("This can't be done while the conversation is {status}.", status=word_of(standing.status))
    words = _WORDS.get(command, {}).get(standing.state, default)
    where = standing.status.value if ended or standing.status is not OPEN else standing.state.value
    return Refused(words, code=f"{command.value}_in_{where}")


def _chosen(cell: Cell, order: Order, facts: Facts) -> Cell:
    if cell.to_team is not None and order.team is not None and order.target is None:
        return cell.to_team
    if cell.to_last is not None and facts.last is not None:
        return cell.to_last
    if cell.without_people is not None and not facts.has_people:
        cell = cell.without_people
    if cell.muted is not None and not facts.may_speak:
        return cell.muted
    return cell


def _owner(cell: Cell, standing: Standing, order: Order, facts: Facts) -> str | None:
    return {
        Owner.NOBODY: None,
        Owner.SAME: standing.owner,
        Owner.BY: order.by,
        Owner.TARGET: order.target or order.by,
        Owner.LAST: facts.last,
        Owner.PHONE: PHONE,
    }[cell.owner]
