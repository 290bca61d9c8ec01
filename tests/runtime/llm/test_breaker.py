"""A language model that keeps failing is left alone for a while, then tried by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation.agent import Agent, AgentId, AgentStatus, Provider
from runtime.llm.breaker import FAILURES, REST_S, Breaker
from runtime.llm.provider import LlmFailed, Outcome
from tests.house import WoundClock

AGENT = Agent(id=AgentId("agt_1"), name="Bia", status=AgentStatus.ACTIVE, activation=0, provider=Provider.OPENAI)
COUNTED = [Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.FAILED, Outcome.RATE_LIMITED]


@pytest.fixture
def breaker(clock: WoundClock) -> Breaker:
    return Breaker(clock)


def fail(breaker: Breaker, outcome: Outcome = Outcome.FAILED, times: int = FAILURES) -> None:
    for _ in range(times):
        breaker.enter(AGENT)
        breaker.leave(AGENT, outcome)


def rests(breaker: Breaker, agent: Agent = AGENT) -> bool:
    try:
        breaker.enter(agent)
    except LlmFailed as failed:
        return failed.outcome is Outcome.RESTING
    return False


@pytest.mark.parametrize("outcome", list(Outcome))
def test_some_failures_are_its_own_and_others_say_nothing_of_it(breaker: Breaker, outcome: Outcome) -> None:
    fail(breaker, outcome)
    assert rests(breaker) is (outcome in COUNTED)


def test_an_answer_between_them_begins_the_count_anew_and_a_cancelled_one_does_not(breaker: Breaker) -> None:
    fail(breaker, times=FAILURES - 1)
    fail(breaker, Outcome.ANSWERED, times=1)
    fail(breaker, times=FAILURES - 1)
    fail(breaker, Outcome.CANCELLED, times=1)
    assert not rests(breaker)
    breaker.leave(AGENT, Outcome.FAILED)
    assert rests(breaker)


def test_after_its_rest_one_tries_and_the_others_wait_for_what_comes_of_it(breaker: Breaker, clock: WoundClock) -> None:
    fail(breaker)
    clock.wind(REST_S - 1)
    assert rests(breaker)
    clock.wind(1)
    assert [rests(breaker) for _ in range(3)] == [False, True, True]
    breaker.leave(AGENT, Outcome.FAILED)
    assert rests(breaker)
    clock.wind(REST_S)
    assert not rests(breaker)
    breaker.leave(AGENT, Outcome.ANSWERED)
    assert [rests(breaker) for _ in range(3)] == [False, False, False]


def test_one_that_was_given_up_lets_the_next_try(breaker: Breaker, clock: WoundClock) -> None:
    fail(breaker)
    clock.wind(REST_S)
    assert not rests(breaker)
    breaker.leave(AGENT, Outcome.CANCELLED)
    assert not rests(breaker)


def test_it_says_itself_for_how_long_and_is_believed_within_reason(breaker: Breaker, clock: WoundClock) -> None:
    breaker.enter(AGENT)
    breaker.leave(AGENT, Outcome.RATE_LIMITED, 90)
    clock.wind(89)
    assert rests(breaker)
    clock.wind(1)
    assert not rests(breaker)
    breaker.leave(AGENT, Outcome.RATE_LIMITED, 1e9)
    clock.wind(600)
    assert not rests(breaker)


def test_an_agent_that_was_changed_is_asked_at_once_and_others_always_were(breaker: Breaker) -> None:
    fail(breaker)
    assert not rests(breaker, replace(AGENT, id=AgentId("agt_2")))
    assert not rests(breaker, replace(AGENT, version=2))


def test_what_was_asked_before_a_change_says_nothing_of_the_agent_as_it_is_now(breaker: Breaker) -> None:
    changed = replace(AGENT, version=AGENT.version + 1)
    breaker.enter(AGENT)
    for _ in range(FAILURES):
        breaker.enter(changed)
        breaker.leave(changed, Outcome.FAILED)
    breaker.leave(AGENT, Outcome.ANSWERED)
    assert rests(breaker, changed)
