"""What must hold in every world, and whose turn it is in one."""

from __future__ import annotations

from collections.abc import Iterator

from bench.exploring.commands import HUMAN, PENDING
from bench.exploring.world import RULES, There, World
from conversation.conversation import Status
from conversation.deadlines import Deadline
from conversation.handover import PHONE, RequestState

UNOWNED = "unowned"
_OF_OWNER = {Deadline.SILENCE, Deadline.IDLE}


def broken(world: World) -> Iterator[str]:
    yield from world.faults
    persons = {world.owner} - {None, PHONE}
    if world.holders != persons or (world.owner is None) == (world.state is HUMAN):
        yield "second_owner"
    if world.request is RequestState.PENDING and world.state is not PENDING:
        yield "request_outlives_its_wait"
    if world.nobody_answers and world.state is not PENDING:
        yield "marked_without_waiting"
    if world.status is Status.OPEN and next_toucher(world) is None:
        yield UNOWNED
    if world.status is Status.SNOOZED and Deadline.WAKE not in world.deadlines:
        yield UNOWNED


def next_toucher(world: World) -> str | None:
    """Who does the next thing in an open conversation; None: nobody ever would."""
    if world.state is PENDING:
        return "queue"
    if world.state is HUMAN:
        owner_there = world.owner not in (None, PHONE) and world.there(str(world.owner)) is There.ONLINE
        return "owner" if owner_there else ("deadline" if _OF_OWNER & world.deadlines else None)
    if world.mail or world.turn or world.rows:
        return "machine"
    # A mute assistant's customer is waited for too: what they write next asks for a person. Who wrote already is owed.
    return None if world.unanswered and RULES[world.rules].settings.enabled else "customer"
