"""What an operator tries on an agent: a worker answers it, whatever becomes of either, and nothing is left of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conversation.agent import Agent, AgentStatus
from conversation.errors import BadInput, NotFound, Unavailable
from conversation.said import in_language, say
from runtime.actors import stop
from runtime.bus import LocalBus
from runtime.llm.provider import LlmFailed, Outcome
from runtime.trying_out import ASKED, Tried, TryingOut, serve
from store import agents, operators, people, tables, trials
from store.operators import Role
from tests import services
from tests.house import Stage, eventually


class Assistant:
    """Says what it was told, or what `answers` says."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.may_know: list[Any] = []
        self.answers: Callable[[], Awaitable[Tried]] | None = None

    async def try_out(self, agent: Agent, session: str, text: str, account_ids: Any = None) -> Tried:
        self.asked.append((agent.name, session, text))
        self.may_know.append(account_ids)
        if self.answers is not None:
            return await self.answers()
        return Tried(texts=(f"Você disse: {text}", "Mais?"), tokens=7, ms=12, by="m-1")


class Bench:
    """Both ends, each with a bus of its own, so that neither hears the other; or on one."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.bus, self.assistant = stage, LocalBus(), Assistant()
        self.trying = TryingOut(stage.db, self.bus, stage.clock, patience_s=5)

    @contextlib.asynccontextmanager
    async def worker(self, assistant: Assistant | None = None, **given: Any) -> AsyncIterator[None]:
        given = {"bus": self.bus, "look_again_s": 5, **given}
        task = asyncio.create_task(
            serve(self.stage.db, clock=self.stage.clock, dialogue=assistant or self.assistant, **given)
        )
        try:
            yield
        finally:
            await stop(task)

    async def rows(self) -> list[Any]:
        return await self.stage.rows(tables.trials)


@pytest.fixture
def bench(stage: Stage) -> Bench:
    return Bench(stage)


async def test_a_worker_answers_it_and_nothing_is_left(bench: Bench) -> None:
    async with bench.worker():
        answered = await bench.trying.ask("assistant", "oi", by="ana")
    assert answered.tried == Tried(texts=("Você disse: oi", "Mais?"), tokens=7, ms=12, by="m-1")
    assert await bench.rows() == []
    assert await bench.stage.rows(tables.messages) == []
    assert await bench.stage.outbox() == []


async def test_it_goes_on_in_a_session_that_is_nobody_elses(bench: Bench) -> None:
    async with bench.worker():
        first = await bench.trying.ask("assistant", "oi", by="ana")
        await bench.trying.ask("assistant", "e hoje?", by="ana", session=first.session)
        await bench.trying.ask("assistant", "e eu?", by="ben", session=first.session)
    one, two, others = [session for _, session, _ in bench.assistant.asked]
    assert one == two != others


@services.sqlite_only
async def test_no_name_and_session_make_those_of_another(bench: Bench) -> None:
    async with bench.worker():
        await bench.trying.ask("assistant", "oi", by="ana", session="maria/um")
        await bench.trying.ask("assistant", "oi", by="ana/maria", session="um")
    one, other = [session for _, session, _ in bench.assistant.asked]
    assert one != other


@services.sqlite_only
async def test_of_the_accounts_it_may_know_those_that_whoever_tries_it_sees(bench: Bench) -> None:
    stage = bench.stage
    for name in ("sonia", "chefe"):
        await stage.db.write(operators.add, name, Role.SUPERVISOR, stage.clock.now())
    await stage.db.write(people.set_accounts, "sonia", [stage.account.id])
    async with bench.worker():
        for name in ("sonia", "chefe", "gone", operators.COMMAND_LINE):
            await bench.trying.ask("assistant", "oi", by=name)
    hers, all_, nobodys, whole = bench.assistant.may_know
    assert (list(hers), all_, list(nobodys), whole) == ([stage.account.id], None, [], None)


@services.sqlite_only
async def test_a_word_lost_between_them_costs_a_moment(bench: Bench) -> None:
    async with bench.worker(bus=LocalBus(), look_again_s=0.01):
        answered = await bench.trying.ask("assistant", "oi", by="ana")
    assert answered.tried.by == "m-1"


@services.sqlite_only
async def test_an_agent_that_is_off_is_tried_all_the_same(bench: Bench) -> None:
    await bench.stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
    async with bench.worker():
        assert (await bench.trying.ask("assistant", "oi", by="ana")).tried.texts
        with pytest.raises(NotFound):
            await bench.trying.ask("nenhuma", "oi", by="ana")
    assert await bench.rows() == []


@services.sqlite_only
@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "x" * 4_001}, {"text": "oi", "session": "s" * 81}])
async def test_what_can_t_be_tried_is_refused(bench: Bench, wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        await bench.trying.ask("assistant", by="ana", **wrong)


async def _hangs() -> Tried:
    await asyncio.Event().wait()
    raise AssertionError


def _raises(error: Exception) -> Callable[[], Awaitable[Tried]]:
    async def fail() -> Tried:
        raise error

    return fail


FAILURES = {
    "it fails": (_raises(RuntimeError("x")), "Something failed", "Algo falhou"),
    "its model does not answer": (_raises(LlmFailed(Outcome.TIMEOUT)), "did not answer: timeout", "não respondeu"),
    "it says why not": (
        _raises(Unavailable(say("The assistant did not answer within {seconds} s.", seconds=7))),
        "within 7 s",
        "em 7 s",
    ),
    "it hangs": (_hangs, "did not answer within", "não respondeu em"),
}


@services.sqlite_only
@pytest.mark.parametrize("how", FAILURES)
async def test_a_failure_is_told_in_their_language_and_the_next_one_is_answered(bench: Bench, how: str) -> None:
    answers, english, portuguese = FAILURES[how]
    async with bench.worker(answers_within_s=0.05):
        bench.assistant.answers = answers
        with pytest.raises(Unavailable, match=english) as refused:
            await bench.trying.ask("assistant", "oi", by="ana")
        assert portuguese in in_language(refused.value.args[0], "pt")
        bench.assistant.answers = None
        assert (await bench.trying.ask("assistant", "oi", by="ana")).tried.by == "m-1"
    assert await bench.rows() == []


@services.sqlite_only
async def test_without_a_worker_it_is_told_so_and_with_a_slow_one_too(bench: Bench) -> None:
    trying = TryingOut(bench.stage.db, bench.bus, bench.stage.clock, patience_s=0.05)
    with pytest.raises(Unavailable, match="No worker took it"):
        await trying.ask("assistant", "oi", by="ana")
    bench.assistant.answers = _hangs
    async with bench.worker():
        with pytest.raises(Unavailable, match="did not answer within"):
            await TryingOut(bench.stage.db, bench.bus, bench.stage.clock, patience_s=0.5).ask(
                "assistant", "oi", by="ana"
            )
    assert await bench.rows() == []


async def test_of_several_workers_one_answers_each(bench: Bench) -> None:
    others = [Assistant(), Assistant()]
    async with bench.worker(), bench.worker(others[0]), bench.worker(others[1]):
        answered = await asyncio.gather(*(bench.trying.ask("assistant", str(n), by="ana") for n in range(6)))
    asked = [text for each in (bench.assistant, *others) for _, _, text in each.asked]
    assert sorted(asked) == [str(n) for n in range(6)]
    assert [each.tried.texts[0] for each in answered] == [f"Você disse: {n}" for n in range(6)]


@services.sqlite_only
@pytest.mark.parametrize("steps", range(8))
async def test_a_worker_that_is_rung_as_it_is_told_to_end_ends(bench: Bench, steps: int) -> None:
    serving = serve(bench.stage.db, bench.bus, bench.stage.clock, bench.assistant, look_again_s=60)
    task = asyncio.create_task(serving)
    await asyncio.sleep(0.1)  # it sleeps
    await bench.bus.say(ASKED, {})
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()


@services.postgresql_only
async def test_what_a_worker_is_taking_no_other_takes_nor_waits_for(bench: Bench) -> None:
    db, now = bench.stage.db, bench.stage.clock.now()
    agent = await db.read(agents.get, "assistant")
    await db.write(trials.add, agent.id, "ses_1", "oi", by="ana", now=now)
    with db.engine.begin() as one, db.engine.begin() as other:
        other.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
        assert trials.claim(one, now) is not None
        assert trials.claim(other, now) is None


@services.sqlite_only
async def test_what_nobody_waits_for_any_more_is_not_begun_and_is_gone_within_the_hour(bench: Bench) -> None:
    db, clock = bench.stage.db, bench.stage.clock
    agent = await db.read(agents.get, "assistant")
    await db.write(trials.add, agent.id, "ses_1", "segredo", by="ana", now=clock.now())
    clock.wind(31)
    async with bench.worker():
        await bench.trying.ask("assistant", "oi", by="ben")
        assert [text for _, _, text in bench.assistant.asked] == ["oi"]
        assert len(await bench.rows()) == 1
    clock.wind(timedelta(hours=1).total_seconds())
    async with bench.worker(look_again_s=0.01):
        await eventually(lambda: db.read_now(_none), "it is gone")


def _none(tx: Any) -> bool:
    return tx.execute(tables.trials.select()).first() is None
