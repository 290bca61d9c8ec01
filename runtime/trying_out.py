"""What an operator tries on an agent: asked for in one process, answered by a worker in another, through a row.

The bus tells each of the other at once; both look by themselves too, so that a word lost costs a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from conversation.agent import Agent
from conversation.errors import BadInput, BatonError, Unavailable
from conversation.ids import new_id
from conversation.said import Said, say
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.llm.provider import LlmFailed
from runtime.outage import Outage
from runtime.wake import wait
from runtime.within import within
from store import agents, trials
from store.database import Database
from store.deeds import doing
from store.trials import Trial

log = structlog.get_logger()

#: Said on the bus: there is something to try; this one is answered.
ASKED, ANSWERED = "trial asked", "trial answered"
#: Whoever asks over HTTP gives up after 15 s; a worker a little before we do, so that it is told why.
_PATIENCE_S, _ANSWERS_WITHIN_S = 14.0, 13.0
_LOOK_AGAIN_S = 1.0
_LONGEST_TEXT, _LONGEST_SESSION = 4_000, 80


@dataclass(frozen=True, kw_only=True)
class Tried:
    """`by`: `rasa`, or the name of the model that these words are of. `tokens` None: no model was asked for any."""

    texts: tuple[str, ...] = field(repr=False)
    tokens: int | None
    ms: int
    by: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """`session`: what is tried under it next goes on from here."""

    tried: Tried
    session: str


class Tryable(Protocol):
    async def try_out(self, agent: Agent, session: str, text: str, account_ids: Collection[str] | None = None) -> Tried:
        """As it would answer a customer, whatever its status; nothing is kept of it, and nobody is sent anything.

        `account_ids`: of these accounts it may know what it tells customers; None: of all."""
        ...


class TryingOut:
    """Where it is asked for."""

    def __init__(self, db: Database, bus: Bus, clock: Clock, *, patience_s: float = _PATIENCE_S) -> None:
        self._db, self._bus, self._clock, self._patience_s = db, bus, clock, patience_s

    async def ask(self, name: str, text: str, *, by: str, session: str | None = None) -> Answered:
        """The agent's answer, or `Unavailable` that says why there is none."""
        agent = await self._db.read(agents.get, name)
        session = _checked(text, session)
        answered = asyncio.Event()
        trial_id = await self._db.write(trials.add, agent.id, session, text, by=by, now=self._clock.now())
        try:
            with self._bus.listening(ANSWERED, lambda facts: _ring(answered, facts, trial_id)):
                await self._bus.say(ASKED, {"trial": trial_id})
                answer = await self._until_answered(trial_id, answered)
        finally:
            with doing(None):  # whoever tried it is in the audit log already
                await self._db.write(trials.remove, trial_id)
        return Answered(tried=_read(answer), session=session)

    async def _until_answered(self, trial_id: str, answered: asyncio.Event) -> Mapping[str, Any]:
        deadline = time.monotonic() + self._patience_s
        while True:
            standing = await self._db.read(trials.standing, trial_id)
            if standing.answer is not None:
                return standing.answer
            left = deadline - time.monotonic()
            if left <= 0:
                raise _nobody_answered(standing.taken, self._patience_s)
            await wait(answered, min(left, _LOOK_AGAIN_S))


async def serve(
    db: Database,
    bus: Bus,
    clock: Clock,
    dialogue: Tryable,
    *,
    answers_within_s: float = _ANSWERS_WITHIN_S,
    look_again_s: float = _LOOK_AGAIN_S,
) -> None:
    """Until cancelled: answers what is tried, one after the other. A failure is told to who asked, and ends nothing."""
    asked, outage = asyncio.Event(), Outage()
    with bus.listening(ASKED, lambda facts: asked.set()):
        while True:
            async with outage.survived():
                while await db.read(trials.waiting, clock.now()):
                    trial = await db.write(trials.claim, clock.now())
                    if trial is None:
                        break  # another worker has it
                    answer = await _answer(db, dialogue, trial, answers_within_s)
                    await db.write(trials.finish, trial.id, answer)
                    await bus.say(ANSWERED, {"trial": trial.id})
            await wait(asked, look_again_s)


async def _answer(db: Database, dialogue: Tryable, trial: Trial, within_s: float) -> dict[str, Any]:
    try:
        agent = await db.read(agents.get, trial.agent_id)
        tried = await within(within_s, dialogue.try_out(agent, trial.session, trial.text, trial.account_ids))
    except asyncio.TimeoutError:
        return _refused(say("The assistant did not answer within {seconds} s.", seconds=int(within_s)))
    except LlmFailed as failed:
        return _refused(say("The language model did not answer: {why}.", why=failed.outcome.value))
    except BatonError as error:
        return _refused(error.args[0] if error.args else error.code)
    except Exception as error:
        log.error("trial_failed", agent=trial.agent_id, error=type(error).__name__, exc_info=error)
        return _refused(say("Something failed in the assistant; the log says what."))
    return {"texts": list(tried.texts), "tokens": tried.tokens, "ms": tried.ms, "by": tried.by}


def _refused(words: str) -> dict[str, Any]:
    """As it can be kept, and said in another language where it is read."""
    if not isinstance(words, Said):
        return {"refused": words, "facts": {}}
    plain = {name: each if isinstance(each, (int, float)) else str(each) for name, each in words.facts.items()}
    return {"refused": words.template, "facts": plain}


def _read(answer: Mapping[str, Any]) -> Tried:
    if "refused" in answer:
        words = Said(answer["refused"], answer["facts"])
        raise Unavailable(words)
    return Tried(texts=tuple(answer["texts"]), tokens=answer["tokens"], ms=answer["ms"], by=answer["by"])


def _nobody_answered(taken: bool, seconds: float) -> Unavailable:
    if taken:
        return Unavailable(say("The assistant did not answer within {seconds} s.", seconds=int(seconds)))
    return Unavailable(
        say(
            "No worker took it within {seconds} s: none runs, or its model is still being loaded.", seconds=int(seconds)
        )
    )


def _checked(text: str, session: str | None) -> str:
    if not text.strip() or len(text) > _LONGEST_TEXT:
        raise BadInput(say("What is tried has from 1 to {most} characters.", most=_LONGEST_TEXT))
    if session and (len(session) > _LONGEST_SESSION or not session.isprintable()):
        raise BadInput(say("A session's name is at most {most} characters.", most=_LONGEST_SESSION))
    return session or new_id("ses")


def _ring(answered: asyncio.Event, facts: Mapping[str, Any], trial_id: str) -> None:
    if facts.get("trial") == trial_id:
        answered.set()
