"""A project that is only read has nothing beside its modules when they were run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import leaving_alone
from app.settings import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    (folder / "actions").mkdir(parents=True)
    (folder / "actions" / "__init__.py").write_text("")
    (folder / "actions" / "deep.py").write_text("SAID = 'deep'\n")
    return folder


def ran(command: list[str], cwd: Path, **env: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, *command], cwd=cwd, env={**kept, **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix == ".pyc"]


def test_modules_of_the_folder_leave_nothing_and_others_do(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "other.py").write_text("")
    code = (
        f"import sys; sys.path[:0] = [{str(project)!r}, {str(ROOT)!r}, {str(elsewhere)!r}]\n"
        "from pathlib import Path; from app import leaving_alone\n"
        f"leaving_alone.install(Path({str(project)!r}))\n"
        "import actions.deep, other; print(actions.deep.SAID)"
    )
    assert ran(["-c", code], tmp_path) == "deep\n"
    assert leftovers(project) == []
    assert len(leftovers(elsewhere)) == 1


def test_a_module_that_is_started_for_the_folder_leaves_nothing_there(project: Path) -> None:
    script = str(ROOT / "app" / "lifeline.py")
    told = {leaving_alone.VARIABLE: str(project)}
    assert ran([script, "actions.deep"], project, **told) == ""
    assert leftovers(project) == []
    assert ran([script, "actions.deep"], project) == ""
    assert leftovers(project) != [], "without it Python keeps them"
