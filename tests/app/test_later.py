"""Modules that run when something of them is asked for: not before, once, and as ever."""

from __future__ import annotations

import importlib
import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app import later
from app.settings import ROOT

Make = Callable[[str], ModuleType]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A package that waits, imported: its own lines, and `part` below it, which knows 1."""
    numbers, made = itertools.count(1), list[str]()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    later.install()

    def write(lines: str) -> ModuleType:
        name = f"waits_{tmp_path.name}_{next(numbers)}"
        made.append(name)
        (tmp_path / name).mkdir()
        (tmp_path / name / "part.py").write_text("known = 1\n")
        (tmp_path / name / "__init__.py").write_text(lines.format(name=name))
        monkeypatch.setattr(later, "_LATER", {name})
        return importlib.import_module(name)

    yield write
    for module in [each for each in sys.modules if each.partition(".")[0] in made]:
        del sys.modules[module]


LINES = "from {name}.part import known\nimport {name} as me\nhad = hasattr(me, 'later')\nlater = 2\n"


def test_a_gateway_has_neither_the_clients_of_other_channels_nor_the_questions_of_a_command_line() -> None:
    code = "import app.gateway, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "rasa.core.channels.channel" in done.stdout.split(), done.stderr
    assert not {"socketio", "aiogram", "slack_sdk", "twilio", "questionary", "scipy"} & set(done.stdout.split())


def test_what_is_below_it_is_there_before_it_runs(make: Make) -> None:
    package = make("raise RuntimeError('it ran')")
    assert importlib.import_module(f"{package.__name__}.part").known == 1
    assert not hasattr(package, "__nowhere__")
    assert package.part.known == 1


def test_who_asks_for_something_gets_it(make: Make) -> None:
    package = make(LINES)
    assert (package.known, package.later) == (1, 2)
    assert type(package) is ModuleType
    assert not package.had, "while it runs it has what was written so far"
    assert not hasattr(package, "nowhere")


def test_to_import_a_name_from_it_is_to_ask(make: Make) -> None:
    package = make(LINES)
    found: dict[str, int] = {}
    exec(f"from {package.__name__} import part, later", found)
    assert found["later"] == 2


def test_what_fails_is_told_and_tried_again(make: Make) -> None:
    package = make("import os\nif 'TRIED' not in os.environ: raise RuntimeError('not yet')\nknown = 3\n")
    with pytest.raises(RuntimeError):
        _ = package.known
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TRIED", "1")
        assert package.known == 3
