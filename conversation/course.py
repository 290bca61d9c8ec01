"""What is to be done where Meta did not take a request, or took it and could not carry it out: pure rules."""

from __future__ import annotations

from enum import Enum


class Course(str, Enum):
    GIVE_UP = "give_up"  # it can only fail again
    TRY_AGAIN = "try_again"  # a few times, each after a longer wait
    ONCE_MORE = "once_more"  # its file may be had at a second try
    PAUSE_CONVERSATION = "pause_conversation"  # too much to this contact: all that is for them waits
    PAUSE_ACCOUNT = "pause_account"  # too much from this account: all of it waits
    STOP_ACCOUNT = "stop_account"  # all of it waits until somebody mends it; one request tries, now and then


#: Of these all else of the account waits too, until one request has got through.
OF_THE_ACCOUNT = frozenset({Course.PAUSE_ACCOUNT, Course.STOP_ACCOUNT})
#: Of these nothing is wrong with the message: however often, it is not given up for them.
NOT_THE_MESSAGE = OF_THE_ACCOUNT | {Course.PAUSE_CONVERSATION}

#: The first wait, where neither Meta nor its code says another.
_FIRST_S = {Course.PAUSE_ACCOUNT: 60.0, Course.STOP_ACCOUNT: 60.0}
_USUAL_FIRST_S = 4.0
#: "Back off 4^n seconds" [WA docs: throughput, pair rate limit]; the account's waits double.
_GROWTH, _USUAL_GROWTH = {Course.PAUSE_CONVERSATION: 4.0}, 2.0
_LONGEST_S, _USUAL_LONGEST_S = {Course.PAUSE_CONVERSATION: 3600.0}, 900.0


def wait_s(course: Course, *, asked_s: float | None = None, last_s: float = 0.0) -> float:
    """How long it waits this time. `asked_s`: what Meta asks for, at least; `last_s`: how long it waited last time."""
    first_s = _FIRST_S.get(course, _USUAL_FIRST_S) if asked_s is None else asked_s
    longer_s = min(last_s * _GROWTH.get(course, _USUAL_GROWTH), _LONGEST_S.get(course, _USUAL_LONGEST_S))
    return max(first_s, longer_s)
