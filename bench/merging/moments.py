"""The moments at which two become one: what is under way in one of them just then, in another process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from bench.merging import dying
from bench.merging.course import AFTER, ONE, OTHER, Course
from bench.merging.gateways import killed
from bench.nights.house import Cut
from runtime import points
from store import conversations, handovers

Moment = Callable[[Course], Awaitable[None]]
#: Accounts of the bench: one answers each message, one waits for what may follow it.
PLAIN, JOINING = "100000000000001", "100000000000002"
WINDOWS = {PLAIN: 0.0, JOINING: 4.0}
#: How long a transaction is kept open while the other process wants what it has locked.
_BESIDE_S = 0.015
_NAMES = (ONE, OTHER)


async def _perhaps_somebody_has_one(course: Course, chance: float = 0.35) -> None:
    if course.dice.random() < chance:
        await course.orders("take", course.dice.choice(_NAMES), "ana")


async def idle(course: Course) -> None:
    await course.begins(waiting=True)
    await _perhaps_somebody_has_one(course)
    await course.becomes_one()


def _at(place: str, *, dies: bool = False, beside_s: float | None = None) -> Moment:
    """One of the two is at this place of its turn, or of its sending; a person may have the other one."""

    async def moment(course: Course) -> None:
        await course.begins(waiting=course.dice.random() < 0.3)
        at_it, quiet = course.dice.sample(_NAMES, 2)
        if course.dice.random() < 0.35:
            await course.orders("take", quiet, "ana")
        await course.writes(course.one if at_it == ONE else course.other, at_it)
        sends = place in (points.CLAIMED, points.IN_REQUEST)
        if sends:
            await course.here.take_turns()
        meanwhile = not dies or course.dice.random() < 0.5
        deed = course.becomes_one if meanwhile else None
        course.places.at(place, deed, beside_s=beside_s, dies=dies)
        with killed() if dies else contextlib.nullcontext(), contextlib.suppress(Cut):
            await (course.here.deliver() if sends else course.here.take_turns())
        course.reached = place in course.places.reached
        await _all(course)
        if dies:
            await _begins_anew(course)
        if not course.found_out:
            await course.becomes_one()

    return moment


async def _all(course: Course) -> None:
    """What was begun beside is over."""
    course.places.clear()
    begun, course.places.begun = course.places.begun, []
    await asyncio.gather(*begun)


async def _begins_anew(course: Course) -> None:
    """Another of its house, at once; or one of another house finds what was left, when its time is over."""
    if course.dice.random() < 0.5:
        course.here.die()
    else:
        course.here.wind(60)
        await course.there.take_turns()
        await course.there.deliver()
        course.here.die()


async def in_request(course: Course) -> None:
    """Meta has the request and has not answered; at times it is the answer that tells who they are."""
    await course.begins(waiting=False)
    at_it, quiet = course.dice.sample(_NAMES, 2)
    if course.dice.random() < 0.35:
        await course.orders("take", quiet, "ana")
    await course.writes(course.one if at_it == ONE else course.other, at_it)
    await course.here.take_turns()
    if course.way in ("message", "report", "ninth_digit") and course.dice.random() < 0.5:
        course.meta.tells, course.found_out = course.both, True
    else:
        course.meta.during = course.becomes_one
    await course.here.deliver()
    course.reached = course.found_out and course.meta.during is None and not course.meta.tells
    course.meta.during, course.meta.tells = None, ()
    if not course.reached:
        await course.becomes_one()


def _as_somebody(order: str) -> Moment:
    """An operator's order and the merge, in two processes at once; the assistant may be at it too."""

    async def moment(course: Course) -> None:
        await course.begins(waiting=True)
        name = course.dice.choice(_NAMES)
        if order == "release":
            await course.orders("take", name, "ana")
        await _perhaps_somebody_else_has_the_other(course, name)
        both = [course.orders(order, name, "ana", course.here), course.becomes_one()]
        course.dice.shuffle(both)
        await asyncio.gather(*both, course.here.take_turns())
        if order == "release" and await _was_released_as_one(course, name):
            course.holds.clear()

    return moment


async def _was_released_as_one(course: Course, name: str) -> bool:
    """Whoever had the other one had been passed over by then."""
    log = await course.here.db.read(lambda tx: handovers.log_of(tx, conversations.get(tx, course.first[name].id).id))
    commands = [line["command"] for line in log]
    return "merge" in commands and "release" in commands[commands.index("merge") :]


async def _perhaps_somebody_else_has_the_other(course: Course, name: str) -> None:
    if course.dice.random() < 0.3:
        await course.orders("take", OTHER if name == ONE else ONE, "ben")


async def one_owned(course: Course) -> None:
    """A person has one, the assistant answers the other."""
    await course.begins(waiting=True)
    await course.orders(course.dice.choice(("take", "reply")), course.dice.choice(_NAMES), "ana")
    await course.becomes_one()


async def both_owned(course: Course) -> None:
    """By two people, and both are written in."""
    await course.begins(waiting=True)
    for name, by in zip(_NAMES, course.dice.sample(("ana", "ben"), 2), strict=True):
        await course.orders(course.dice.choice(("take", "reply")), name, by)
    if course.dice.random() < 0.5:
        await course.writes(*course.dice.choice([(course.one, ONE), (course.other, OTHER)]))
    if course.dice.random() < 0.5:
        await asyncio.gather(
            course.becomes_one(), *[course.orders("reply", name, by) for name, by in sorted(course.holds.items())]
        )
    else:
        await course.becomes_one()


async def in_a_burst(course: Course) -> None:
    """What they write under both names waits for what may follow it."""
    await course.begins(waiting=False)
    await _perhaps_somebody_has_one(course, 0.2)
    for _ in range(course.dice.randint(1, 4)):
        await course.writes(*course.dice.choice([(course.one, ONE), (course.other, OTHER)]))
        if course.dice.random() < 0.7:
            await course.here.take_turns()
    at_it = asyncio.gather(course.becomes_one(), course.here.take_turns())
    await at_it
    if course.dice.random() < 0.5:
        await course.orders("take", course.dice.choice(_NAMES), "ben")
        course.holds = {name: by for name, by in course.holds.items() if by == "ben"} or course.holds
    course.here.wind(5 * course.window_s)


async def killed_in_merge(course: Course) -> None:
    """A process by itself, by SIGKILL. Meta has no 200 and tells it again, to whoever listens."""
    await course.begins(waiting=True)
    await _perhaps_somebody_has_one(course)
    told, place = course.telling(), course.dice.choice(list(dying.WITHIN))
    after = course.dice.random() < 0.5
    now = course.here._clock.now()
    await dying.dies(course.here.db.url, told or course.people, now, place, after=after)
    await course.becomes_one(course.dice.choice(course.gateways), told)


async def killed_in_accept(course: Course) -> None:
    """All of the webhook is done, the merge too; nothing is committed."""
    await course.begins(waiting=True)
    await _perhaps_somebody_has_one(course)
    told = course.telling()
    assert told is not None
    course.places.at(points.IN_ACCEPT, dies=True)
    with contextlib.suppress(Cut):
        await course.there.accept(told)
    course.reached = points.IN_ACCEPT in course.places.reached
    course.places.clear()
    course.there.die()
    await course.becomes_one(course.dice.choice(course.gateways), told)


async def two_gateways(course: Course) -> None:
    """Both are told of it at once, while they write, a person orders, and the assistant is at it."""
    await course.begins(waiting=True)
    work: list[Awaitable[Any]] = [course.becomes_one(each) for each in course.gateways]
    work += [course.writes(course.dice.choice(course.names), AFTER, each) for each in course.gateways]
    if course.dice.random() < 0.5:
        work.append(course.orders("take", course.dice.choice(_NAMES), "ana", course.here))
    work.append(course.here.take_turns())
    course.dice.shuffle(work)
    for problem in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(problem, BaseException):
            raise problem


MOMENTS: dict[str, Moment] = {
    "idle": idle,
    "turn_begun": _at(points.BEGUN),
    "in_turn": _at(points.IN_TURN),
    "in_commit": _at(points.IN_COMMIT, beside_s=_BESIDE_S),
    "between_claim_and_request": _at(points.CLAIMED),
    "in_request": in_request,
    "request_answered": _at(points.IN_REQUEST),
    "as_somebody_takes": _as_somebody("take"),
    "as_somebody_replies": _as_somebody("reply"),
    "as_somebody_releases": _as_somebody("release"),
    "one_owned": one_owned,
    "both_owned": both_owned,
    "in_a_burst": in_a_burst,
    "killed_in_accept": killed_in_accept,
    "killed_in_merge": killed_in_merge,
    "killed_in_turn": _at(points.IN_TURN, dies=True),
    "killed_in_commit": _at(points.IN_COMMIT, dies=True, beside_s=_BESIDE_S),
    "killed_after_claim": _at(points.CLAIMED, dies=True),
    "killed_in_request": _at(points.IN_REQUEST, dies=True),
    "two_gateways": two_gateways,
}
