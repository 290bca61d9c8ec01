"""Rests a language model that keeps failing: nobody waits in vain for it, and it is asked again in a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.agent import Agent, AgentId
from runtime.clock import Clock
from runtime.llm.provider import LlmFailed, Outcome

#: So many in a row, and it rests for so long, unless it says itself for how long.
FAILURES = 3
REST_S = 30.0
_LONGEST_REST_S = 600.0
#: Of the model's own health; a refusal or a garbled answer says nothing of the next one.
_COUNTED = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.FAILED, Outcome.RATE_LIMITED})
_SAYS_NOTHING = frozenset({Outcome.CANCELLED})


@dataclass
class _State:
    version: int
    failures: int = 0
    rests_until: datetime | None = None
    tried_by_one: bool = False


class Breaker:
    """One for all agents of a process. An agent that was changed begins anew: its fault may be mended."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._states: dict[AgentId, _State] = {}

    def enter(self, agent: Agent) -> None:
        """Raises `LlmFailed` while it rests. After that one tries, and the others wait for what comes of it."""
        state = self._state(agent)
        if state.rests_until is None:
            return
        if state.tried_by_one or self._clock.now() < state.rests_until:
            raise LlmFailed(Outcome.RESTING)
        state.tried_by_one = True

    def leave(self, agent: Agent, outcome: Outcome, retry_after_s: float | None = None) -> None:
        """What came of a request that was let in; of one from before a change of the agent, nothing follows now."""
        state = self._states.get(agent.id)
        if state is None or state.version != agent.version:
            return
        state.tried_by_one = False
        if outcome in _SAYS_NOTHING:
            return
        if outcome not in _COUNTED:
            state.failures, state.rests_until = 0, None
            return
        state.failures += 1
        if retry_after_s is not None:
            self._rest(state, min(retry_after_s, _LONGEST_REST_S))
        elif state.failures >= FAILURES:
            self._rest(state, REST_S)

    def _rest(self, state: _State, for_s: float) -> None:
        until = self._clock.now() + timedelta(seconds=for_s)
        state.rests_until = max(until, state.rests_until or until)

    def _state(self, agent: Agent) -> _State:
        state = self._states.get(agent.id)
        if state is None or state.version != agent.version:
            state = self._states[agent.id] = _State(version=agent.version)
        return state
