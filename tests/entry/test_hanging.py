"""A test that no signal reaches ends its process, is named, and the others are run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SETUP = """
from tests import hanging
pytest_plugins = ["tests.hanging", "tests.longest_first"]
hanging._AFTER_S = 2
"""
_BRIEF = """
def test_brief():
    pass
"""
_OTHERWISE_EACH_TIME = """
import os, pytest
@pytest.mark.parametrize("number", [os.getpid()])
def test_is_another(number):
    pass
"""
_DEAF = """
import signal, time
def test_hears_nothing():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)
"""
_ON_A_LOOP = """
import aiogram, asyncio
def test_waits_on_a_loop():
    asyncio.run(asyncio.Event().wait())
"""
_UNTIDY = """
import pytest, time
@pytest.fixture
def untidy():
    yield "not"
    try:
        time.sleep(60)
    finally:
        time.sleep(60)
def test_hangs_twice(untidy):
    assert untidy
"""


def run(folder: Path, processes: int, **files: str) -> str:
    """What a parallel run of these said; each test has a second."""
    (folder / "conftest.py").write_text(_SETUP)
    for name, tests in files.items():
        (folder / f"test_{name}.py").write_text(tests)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "BATON_"))}
    how = f"-n {processes} --dist loadfile --timeout 1 -p no:cacheprovider -p no:schemathesis -p no:anyio"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *how.split(), str(folder)],
        cwd=folder,
        env={**ours, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=100,
    )
    assert done.returncode == 1, done.stdout
    return done.stdout


def test_it_is_named_with_where_it_stood_and_the_others_of_its_file_are_run(tmp_path: Path) -> None:
    failing = _UNTIDY.replace("assert untidy", "assert not untidy")

    said = run(tmp_path, 3, deaf=_DEAF + _BRIEF, untidy=_UNTIDY + _BRIEF, failing=failing + _BRIEF)

    for name in ("deaf.py::test_hears_nothing", "untidy.py::test_hangs_twice", "failing.py::test_hangs_twice"):
        assert f"crashed while running 'test_{name}'" in said, said
    assert said.count("Timeout (0:00:03)!") == 3
    for file, line in (("deaf", 5), ("untidy", 9), ("failing", 7)):  # of who has failed pytest-timeout lets go
        assert f'test_{file}.py", line {line} in' in said, said
    assert "4 failed, 4 passed" in said, said  # one of them had failed, and one passed, before it hung


def test_the_process_that_takes_its_place_goes_on_with_one_test_after_another(tmp_path: Path) -> None:
    said = run(tmp_path, 1, a=_BRIEF, b=_DEAF, c=_BRIEF, d=_DEAF, e=_BRIEF)

    assert said.count("Timeout (0:00:03)!") == 2
    assert "2 failed, 3 passed" in said, said


def test_on_a_loop_a_test_hears_its_limit_whatever_was_imported(tmp_path: Path) -> None:
    said = run(tmp_path, 2, loop=_ON_A_LOOP, b=_BRIEF)

    assert "Failed: Timeout (>1.0s)" in said, said
    assert "crashed while running" not in said


def test_where_it_stood_is_said_at_the_end_too(tmp_path: Path) -> None:
    said = run(tmp_path, 2, deaf=_DEAF + _BRIEF, b=_BRIEF)

    at_the_end = said.split("where it hung")[1]
    assert "gw" in at_the_end
    assert 'test_deaf.py", line 5 in test_hears_nothing' in at_the_end, said


def test_a_process_that_finds_other_tests_than_the_one_before_ends_the_run(tmp_path: Path) -> None:
    """It would be given none, and wait."""
    said = run(tmp_path, 1, a=_DEAF, b=_OTHERWISE_EACH_TIME)

    assert "found other tests than the one whose place it took" in said, said
    assert "test_b.py::test_is_another[" in said
    assert said.count("Timeout (0:00:03)!") == 1
