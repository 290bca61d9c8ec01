"""Who answers after each command: the whole table, so that it can be printed, drawn, and tested cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conversation.conversation import HandoverState
from conversation.errors import NotOwner, Refused

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN


class Command(str, Enum):
    REQUEST = "request"  # the customer, or the dialogue for them, asks for a person
    CANCEL = "cancel"  # the customer no longer wants one
    TAKE = "take"  # an operator takes the conversation
    REPLY = "reply"  # an operator writes: takes it first where nobody has it
    RELEASE = "release"  # an operator gives it back


class RequestState(str, Enum):
    PENDING = "pending"
    ANSWERED = "answered"  # a person took the conversation
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a command leads to. `moves`: the right to answer passes to or from a person, so ownership + 1."""

    state: HandoverState
    moves: bool = False


#: A missing cell is a refusal; `refusal` says it in words.
TABLE: dict[tuple[HandoverState, Command], Cell] = {
    (BOT, Command.REQUEST): Cell(state=PENDING),
    (BOT, Command.TAKE): Cell(state=HUMAN, moves=True),
    (BOT, Command.REPLY): Cell(state=HUMAN, moves=True),
    (PENDING, Command.REQUEST): Cell(state=PENDING),
    (PENDING, Command.CANCEL): Cell(state=BOT),
    (PENDING, Command.TAKE): Cell(state=HUMAN, moves=True),
    (PENDING, Command.REPLY): Cell(state=HUMAN, moves=True),
    (PENDING, Command.RELEASE): Cell(state=BOT, moves=True),
    (HUMAN, Command.TAKE): Cell(state=HUMAN),
    (HUMAN, Command.REPLY): Cell(state=HUMAN),
    (HUMAN, Command.RELEASE): Cell(state=BOT, moves=True),
}

_REFUSALS = {
    (BOT, Command.CANCEL): "Nobody was asked for.",
    (BOT, Command.RELEASE): "The assistant already has this conversation.",
    (HUMAN, Command.REQUEST): "A person already has this conversation.",
    (HUMAN, Command.CANCEL): "A person already has this conversation.",
}


def after(
    state: HandoverState, command: Command, *, owner: str | None = None, by: str | None = None, force: bool = False
) -> Cell:
    """The cell, or `Refused`. Somebody else's conversation is theirs unless `force` (an admin) says otherwise."""
    cell = TABLE.get((state, command))
    if cell is None:
        raise Refused(_REFUSALS[state, command], code=f"{command.value}_in_{state.value}")
    forced = force and command is Command.RELEASE
    if state is HUMAN and owner is not None and owner != by and not forced:
        raise NotOwner(owner)
    return cell
