"""What one process says on the bus all hear, whatever carries it; what is away keeps nobody waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import settings, sharing
from bench.services import redis_server
from runtime.bus import BACK, LOST, Bus, LocalBus, running
from runtime.folder_bus import FolderBus
from runtime.limits import Rate
from runtime.redis_bus import RedisBus
from runtime.wake import Wake
from store import line, notices
from store.database import Database
from tests.house import START, eventually
from tests.services import postgresql_only

USUAL = Rate(burst=10, per_s=10)


@contextlib.asynccontextmanager
async def process(
    db_url: str, home: Path, redis_url: str | None, *, patient: bool = True
) -> AsyncIterator[sharing.Sharing]:
    """What a process of ours has, on the loop of this one."""
    chosen = replace(settings.read({"BATON_HOME": str(home)}), database_url=db_url, redis_url=redis_url)
    db = Database(db_url)
    shared = sharing.made(chosen, db, USUAL)
    async with shared.wake.watching(), running(shared.bus):
        if patient:
            await eventually(lambda: shared.bus.reaches, "the bus reaches others")
        yield shared
    await shared.limits.close()
    db.close()


@pytest.fixture
def carrier(request: pytest.FixtureRequest) -> str | None:
    """The URL of Redis; None: PostgreSQL or the state folder carries."""
    return str(request.getfixturevalue("redis_url")) if request.param == "redis" else None


@pytest.mark.parametrize(
    ("kind", "carrier"),
    [("sqlite", "database"), ("postgresql", "database"), ("postgresql", "redis"), ("sqlite", "redis")],
    indirect=True,
)
async def test_what_one_process_says_is_heard_in_all_once_and_in_order(
    db_url: str, carrier: str | None, tmp_path: Path
) -> None:
    heard: dict[str, list[int]] = {"one": [], "other": []}
    async with process(db_url, tmp_path, carrier) as one, process(db_url, tmp_path, carrier) as other:
        with (
            one.bus.listening("typing", lambda facts: heard["one"].append(facts["n"])),
            other.bus.listening("typing", lambda facts: heard["other"].append(facts["n"])),
            other.bus.listening("presence", lambda facts: heard["other"].append(-1)),
        ):
            for n in [1, 2, 2, *range(3, 60)]:
                await one.bus.say("typing", {"n": n})
            assert heard["one"] == [1, 2, 2, *range(3, 60)]  # without waiting for anybody
            await eventually(lambda: len(heard["other"]) >= 60, "all is heard")
            await other.bus.say("typing", {"n": 100})
            await eventually(lambda: 100 in heard["one"], "the way back")
    assert heard["other"] == [1, 2, 2, *range(3, 60), 100]
    assert heard["one"][60:] == [100]


@postgresql_only
async def test_what_is_too_long_for_postgresql_is_heard_here_and_breaks_nothing(db_url: str, tmp_path: Path) -> None:
    heard: list[Any] = []
    async with process(db_url, tmp_path, None) as one, process(db_url, tmp_path, None) as other:
        with one.bus.listening("typing", heard.append), other.bus.listening("typing", heard.append):
            await one.bus.say("typing", {"long": "x" * 8000})
            assert len(heard) == 1
            await one.bus.say("typing", {"n": 1})
            await eventually(lambda: len(heard) == 3, "what came after it")


async def test_two_installations_on_one_redis_do_not_hear_each_other(redis_url: str) -> None:
    heard: list[Any] = []
    ours, theirs = RedisBus(redis_url, "baton:a"), RedisBus(redis_url, "baton:b")
    second = RedisBus(redis_url, "baton:a")
    async with running(ours), running(theirs), running(second):
        await eventually(lambda: ours.reaches and theirs.reaches and second.reaches)
        with theirs.listening("typing", heard.append), second.listening("typing", lambda _: heard.append("second")):
            await ours.say("typing", {})
            await eventually(lambda: heard, "the second of ours")
            await theirs.say("typing", {"own": True})
    assert heard == ["second", {"own": True}]


async def test_who_ended_without_saying_so_is_in_nobodys_way(tmp_path: Path) -> None:
    home, gone = tmp_path, FolderBus(tmp_path)
    heard: list[Any] = []
    with gone._ears() as ears:
        left = gone._folder / gone._own
        ears.close()
        one, other = FolderBus(home), FolderBus(home)
        async with running(one), running(other):
            await eventually(lambda: one.reaches and other.reaches)
            with other.listening("typing", heard.append):
                await one.say("typing", {"n": 1})
                await eventually(lambda: heard == [{"n": 1}])
        assert not left.exists()


async def test_a_folder_that_others_may_enter_is_not_used(tmp_path: Path) -> None:
    bus = FolderBus(tmp_path)
    bus._folder.mkdir()
    bus._folder.chmod(0o755)
    async with running(bus):
        await asyncio.sleep(0)
        assert not bus.reaches
    assert list(bus._folder.iterdir()) == []
    bus._folder.rmdir()


@pytest.mark.parametrize(
    ("kind", "carrier"),
    [("sqlite", "database"), ("postgresql", "database"), ("sqlite", "redis")],
    indirect=True,
)
async def test_what_a_command_says_last_has_left_when_it_ends(db_url: str, carrier: str | None, tmp_path: Path) -> None:
    heard: list[int] = []
    async with process(db_url, tmp_path, carrier) as one:
        with one.bus.listening("erased", lambda facts: heard.append(facts["n"])):
            async with process(db_url, tmp_path, carrier, patient=False) as command:
                await command.bus.say("erased", {"n": 1})
            await eventually(lambda: heard == [1], "its last word")


async def test_redis_killed_and_back_is_told_and_words_go_on(own_redis: redis_server.Server) -> None:
    one, other = RedisBus(own_redis.url, "baton:x"), RedisBus(own_redis.url, "baton:x")
    told: list[str] = []
    heard: list[Mapping[str, Any]] = []
    async with running(one), running(other):
        await eventually(lambda: one.reaches and other.reaches)
        with (
            one.listening(BACK, lambda _: told.append(BACK)),
            one.listening(LOST, lambda _: told.append(LOST)),
            one.listening("typing", heard.append),
            other.listening("typing", heard.append),
        ):
            own_redis.kill()
            await eventually(lambda: not one.reaches and not other.reaches, "the loss")
            await one.say("typing", {"n": 1})
            assert heard == [{"n": 1}]  # here at once, elsewhere never
            own_redis.start()
            await eventually(lambda: one.reaches and other.reaches, "both are back")
            await one.say("typing", {"n": 2})
            await eventually(lambda: heard == [{"n": 1}, {"n": 2}, {"n": 2}], "the other hears again")
    assert told == [LOST, BACK]


async def test_a_redis_that_answers_nothing_is_found_out_and_keeps_nobody_waiting(
    own_redis: redis_server.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.redis_bus._TIMEOUT_S", 0.2)
    bus = RedisBus(own_redis.url, "baton:x")
    heard: list[Mapping[str, Any]] = []
    async with running(bus):
        await eventually(lambda: bus.reaches)
        with bus.listening("typing", heard.append):
            own_redis.freeze()
            try:
                saying = asyncio.create_task(_say_much(bus))
                await asyncio.sleep(0)
                assert saying.done()  # it never gave way to the loop: nobody was waited for
                assert len(heard) == 2_000
                await eventually(lambda: not bus.reaches, "it is found out")
            finally:
                own_redis.thaw()
        await eventually(lambda: bus.reaches, "it is back")


async def _say_much(bus: Bus) -> None:
    for n in range(2_000):
        await bus.say("typing", {"n": n})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
async def test_while_redis_is_away_words_go_without_it(
    db_url: str, own_redis: redis_server.Server, tmp_path: Path
) -> None:
    heard: list[int] = []
    async with process(db_url, tmp_path, own_redis.url) as one, process(db_url, tmp_path, own_redis.url) as other:
        with other.bus.listening("revoked", lambda facts: heard.append(facts["n"])):
            await one.bus.say("revoked", {"n": 1})
            await eventually(lambda: heard == [1], "by Redis, and by it alone")
            own_redis.kill()
            await eventually(lambda: not one.bus.reaches)
            await one.bus.say("revoked", {"n": 2})
            await eventually(lambda: heard == [1, 2], "by what is beneath")
            own_redis.start()
            await eventually(lambda: one.bus.reaches and other.bus.reaches)
            await one.bus.say("revoked", {"n": 3})
            await eventually(lambda: heard == [1, 2, 3], "by Redis again")


@postgresql_only
async def test_commits_ring_other_processes_by_redis_and_without_it(
    db: Database, own_redis: redis_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.wake._DEAF_STEP_S", 60)  # who can't hear Redis would look for itself
    notified: list[bool] = []
    really = line._notify

    def notify(connection: object, changed: bool, words: list[str]) -> None:
        notified.append(changed)
        really(connection, changed, words)

    monkeypatch.setattr(line, "_notify", notify)
    url = db.engine.url.render_as_string(hide_password=False)
    async with process(url, tmp_path, own_redis.url) as one, process(url, tmp_path, own_redis.url) as other:
        bell = other.wake.listen()
        committing = _database(one.wake)
        await _quiet(bell)
        notified.clear()
        await committing.write(notices.add, "x", None, {}, START)
        await asyncio.wait_for(bell.wait(), 5)
        assert notified == []  # PostgreSQL was spared
        own_redis.kill()
        await eventually(lambda: not one.bus.reaches and not other.bus.reaches)
        await _quiet(bell)
        notified.clear()
        await committing.write(notices.add, "x", None, {}, START)
        await asyncio.wait_for(bell.wait(), 5)
        await eventually(lambda: notified == [True], "PostgreSQL tells")


def _database(wake: Wake) -> Database:
    return wake._db


async def _quiet(bell: asyncio.Event) -> None:
    while bell.is_set():
        bell.clear()
        await asyncio.sleep(0.1)


async def test_what_is_said_is_heard_by_all_who_listen_to_the_topic_and_by_nobody_else() -> None:
    bus = LocalBus()
    heard: list[tuple[str, Mapping[str, Any]]] = []
    with (
        bus.listening("typing", lambda facts: heard.append(("one", facts))),
        bus.listening("typing", lambda facts: heard.append(("two", facts))),
        bus.listening("presence", lambda facts: heard.append(("three", facts))),
    ):
        await bus.say("typing", {"operator": "ana"})
    await bus.say("typing", {"operator": "ben"})
    assert heard == [("one", {"operator": "ana"}), ("two", {"operator": "ana"})]


async def test_a_listener_that_fails_keeps_it_from_no_other() -> None:
    bus = LocalBus()
    heard: list[Mapping[str, Any]] = []

    def fails(facts: Mapping[str, Any]) -> None:
        raise RuntimeError("broken")

    with bus.listening("typing", fails), bus.listening("typing", heard.append):
        await bus.say("typing", {"operator": "ana"})
    assert heard == [{"operator": "ana"}]
