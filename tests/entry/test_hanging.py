"""A test that no signal reaches ends its process, is named, and the others are run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SETUP = """
from tests import hanging
pytest_plugins = ["tests.hanging", "tests.longest_first"]
hanging._AFTER_S = 0.5
"""
_DEAF = """
import signal, time
def test_deaf():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)
def test_brief():
    pass
"""
_ALONE = """
import signal, time
def test_deaf():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)
"""
_PUTTING_AWAY = """
import pytest, time
@pytest.fixture
def untidy():
    yield
    try:
        time.sleep(60)
    finally:
        time.sleep(60)
def test_untidy(untidy):
    pass
def test_brief():
    pass
"""


@pytest.mark.parametrize(
    ("tests", "hangs", "passed"),
    [
        pytest.param(_DEAF, "test_deaf", 1, id="no signal reaches it"),
        pytest.param(_ALONE, "test_deaf", 0, id="no other is in its file"),
        pytest.param(_PUTTING_AWAY, "test_untidy", 2, id="it hangs once more in what it left"),
    ],
)
def test_it_is_named_with_where_it_stood_and_the_others_are_run(
    tmp_path: Path, tests: str, hangs: str, passed: int
) -> None:
    (tmp_path / "conftest.py").write_text(_SETUP)
    (tmp_path / "test_it.py").write_text(tests)
    for name in "ab":  # a file with one test each
        (tmp_path / f"test_{name}.py").write_text(f"def test_{name}():\n    pass\n")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "BATON_"))}
    command = "-m pytest -n 1 --dist loadfile -p no:cacheprovider -p no:schemathesis -p no:anyio --timeout 0.5"

    done = subprocess.run(
        [sys.executable, *command.split(), str(tmp_path)],
        cwd=tmp_path,
        env={**ours, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=50,
    )

    assert done.returncode == 1
    assert f"crashed while running 'test_it.py::{hangs}'" in done.stdout, done.stdout
    assert "Timeout (0:00:01)" in done.stdout and f"line {_line_of_the_last('sleep', tests)} in" in done.stdout
    assert re.search(f"1 failed, {passed + 2} passed", done.stdout), done.stdout


def _line_of_the_last(word: str, text: str) -> int:
    return max(number for number, line in enumerate(text.splitlines(), 1) if word in line)
