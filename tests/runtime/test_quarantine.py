"""A mail that a process ended on is tried alone, and nobody waits for that for ever."""

from __future__ import annotations

from conversation.conversation import ConversationId
from runtime.quarantine import Quarantine
from store.mailbox import Waiting


def calm(name: str) -> Waiting:
    return Waiting(conversation_id=ConversationId(name), suspect=False)


def suspect(name: str) -> Waiting:
    return Waiting(conversation_id=ConversationId(name), suspect=True)


A, B, X, Y = calm("a"), calm("b"), suspect("x"), suspect("y")


def test_without_a_suspect_all_begin() -> None:
    assert Quarantine(10).choose([A, B], busy=True, now=0) == [A, B]


def test_a_suspect_waits_until_the_others_have_ended_and_begins_alone() -> None:
    quarantine = Quarantine(10)
    assert quarantine.choose([A, X], busy=True, now=0) == []
    assert quarantine.choose([A, X], busy=False, now=1) == [X]
    assert quarantine.holds(X.conversation_id)
    assert quarantine.choose([A], busy=True, now=2) == []
    quarantine.ended(X.conversation_id)
    assert quarantine.choose([A], busy=False, now=3) == [A]


def test_suspects_are_tried_one_after_the_other() -> None:
    quarantine = Quarantine(10)
    assert quarantine.choose([X, Y], busy=False, now=0) == [X]
    assert quarantine.choose([Y], busy=True, now=1) == []
    quarantine.ended(X.conversation_id)
    assert quarantine.choose([Y], busy=False, now=1) == [Y]


def test_it_waits_for_the_others_no_longer_than_the_patience() -> None:
    quarantine = Quarantine(10)
    assert quarantine.choose([A, X], busy=True, now=0) == []
    assert quarantine.choose([A, X], busy=True, now=9) == []
    assert quarantine.choose([A, X], busy=True, now=10) == [X, A]


def test_the_others_wait_for_it_no_longer_either() -> None:
    quarantine = Quarantine(10)
    quarantine.choose([X], busy=False, now=0)
    assert quarantine.choose([A], busy=True, now=9) == []
    assert quarantine.choose([A], busy=True, now=10) == [A]


def test_a_suspect_that_is_gone_leaves_no_wait_behind() -> None:
    quarantine = Quarantine(10)
    assert quarantine.choose([A, X], busy=True, now=0) == []
    assert quarantine.choose([A], busy=True, now=1) == [A]
    assert quarantine.choose([X], busy=True, now=100) == []  # its patience begins anew
