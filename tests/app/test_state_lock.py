"""One runtime on a state folder: who is refused, and that the command line never is."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import settings, state_lock, update
from app.processes import HOUSE_VARIABLE
from app.settings import ROOT, Settings
from app.state_lock import PART, RASA_RUN, RUN, AlreadyRunning
from conversation.errors import BadInput
from store import migrations
from store.database import Database


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv(HOUSE_VARIABLE, raising=False)
    return settings.read({"BATON_HOME": str(tmp_path)})


def test_a_second_runtime_is_refused_until_the_first_is_gone(chosen: Settings) -> None:
    first = state_lock.take(chosen.home, RUN)
    for what in (RUN, RASA_RUN):
        with pytest.raises(AlreadyRunning, match="already running"):
            state_lock.take(chosen.home, what)
    running = state_lock.running(chosen.home)
    assert running is not None
    assert (running.what, running.pid, running.is_this_process) == (RUN, os.getpid(), True)
    first.close()
    assert state_lock.running(chosen.home) is None
    state_lock.take(chosen.home, RASA_RUN).close()


def test_parts_by_hand_share_the_folder_with_each_other_and_not_with_a_runtime(chosen: Settings) -> None:
    with state_lock.shared(chosen), state_lock.shared(chosen):
        with pytest.raises(AlreadyRunning):
            state_lock.take(chosen.home, RUN)
        running = state_lock.running(chosen.home)
        assert running is not None
        assert running.what == PART
    with (
        contextlib.closing(state_lock.take(chosen.home, RUN)),
        pytest.raises(AlreadyRunning),
        state_lock.shared(chosen),
    ):
        pass


def test_the_children_of_who_holds_it_need_no_lock(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOUSE_VARIABLE, "ours")
    with contextlib.closing(state_lock.take(chosen.home, RUN)), state_lock.shared(chosen):
        pass


def test_on_postgresql_any_number_of_parts_may_run_beside_one(chosen: Settings) -> None:
    elsewhere = dataclasses.replace(chosen, database_url="postgresql:///baton")
    with contextlib.closing(state_lock.take(chosen.home, RUN)), state_lock.shared(elsewhere):
        pass


def test_who_looks_does_not_get_into_the_way_of_who_starts(chosen: Settings) -> None:
    (chosen.home / state_lock.NAME).touch()
    looking = subprocess.Popen(
        [sys.executable, "-c", LOOK.format(home=str(chosen.home))],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert looking.stdout is not None
    looking.stdout.readline()
    try:
        for _ in range(50):
            state_lock.take(chosen.home, RUN).close()
    finally:
        looking.kill()
        looking.communicate()


LOOK = """
import pathlib
from app import state_lock
print("looking", flush=True)
while True:
    state_lock.running(pathlib.Path({home!r}))
"""


@pytest.mark.parametrize("part", ["app.gateway", "app.worker"])
def test_a_part_started_by_hand_beside_a_runtime_is_told_in_one_sentence(
    chosen: Settings, part: str, sqlite_template: Path
) -> None:
    (chosen.home / "baton.db").write_bytes(sqlite_template.read_bytes())
    with contextlib.closing(state_lock.take(chosen.home, RUN)):
        second = subprocess.run(
            [sys.executable, "-m", part],
            cwd=ROOT,
            env={**os.environ, "BATON_HOME": str(chosen.home), "PORT": "1"},
            text=True,
            capture_output=True,
            timeout=120,
        )
    assert second.returncode == 1
    assert second.stderr.startswith("Baton is already running with the state in")
    assert second.stderr.count("\n") == 1


class TestUpdating:
    def test_under_an_old_version_that_runs_the_database_is_left_alone(self, chosen: Settings) -> None:
        database = Database(chosen.database_url)
        migrations.upgrade(database)
        migrations.downgrade(database, "0001")
        other = subprocess.Popen(
            [sys.executable, "-c", HOLD.format(home=str(chosen.home))],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert other.stdout is not None
        other.stdout.readline()
        try:
            with pytest.raises(BadInput, match="was updated while it runs"):
                update.bring_up_to_date(database, chosen)
            assert migrations.current(database) == "0001"
        finally:
            other.kill()
            other.communicate()
        update.bring_up_to_date(database, chosen)
        assert migrations.current(database) == migrations.head()
        database.close()


HOLD = """
import pathlib, time
from app import state_lock
lock = state_lock.take(pathlib.Path({home!r}), state_lock.RUN)
print("held", flush=True)
time.sleep(60)
"""
