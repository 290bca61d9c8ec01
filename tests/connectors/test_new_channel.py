"""docs/new-channel.md: with its file, its payloads, its block and its line, and nothing else, Pombo is a channel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOY = ROOT / "docs" / "new-channel"
PAGES = [ROOT / "docs" / "new-channel.md", ROOT / "docs" / "new-channel.pt-BR.md"]
#: Where the page's block and its line go: after this.
BLOCK_AFTER = ("credentials.yml", "connectors.instagram.Instagram:\n")
LINE_AFTER = ("conversation/account.py", '    MESSENGER = "messenger"\n')
_FOLDERS = (
    "actions",
    "app",
    "bench",
    "connectors",
    "conversation",
    "emulator",
    "handover",
    "runtime",
    "store",
    "tests",
)
_FILES = ("pyproject.toml", "credentials.yml", "domain.yml", "config.yml", "endpoints.yml", "shop.yml")


def fenced(page: Path, language: str) -> str:
    """The page's one example in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, and in it what the page says to add."""
    made = tmp_path_factory.mktemp("project")
    leave_out = shutil.ignore_patterns("__pycache__", ".*", "results")
    for folder in _FOLDERS:
        shutil.copytree(ROOT / folder, made / folder, ignore=leave_out)
    for name in _FILES:
        shutil.copy2(ROOT / name, made / name)
    shutil.copytree(TOY, made, dirs_exist_ok=True, ignore=leave_out)
    insert(made, BLOCK_AFTER, fenced(PAGES[0], "yaml"))
    insert(made, LINE_AFTER, fenced(PAGES[0], "python"))
    return made


def insert(tree: Path, after: tuple[str, str], what: str) -> None:
    file, text = tree / after[0], (tree / after[0]).read_text()
    assert text.count(after[1]) == 1
    file.write_text(text.replace(after[1], after[1] + what))


def run(tree: Path, *command: str) -> str:
    """With the interpreter of this project, on the other tree alone."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "BATON_", "PYTHON"))}
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]], cwd=tree, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_it_is_one_file_one_block_payloads_and_one_line(tree: Path) -> None:
    added = sorted(str(file.relative_to(TOY)) for file in TOY.rglob("*") if file.is_file())
    (code,) = [name for name in added if not name.startswith("tests/connectors/payloads/pombo/")]
    assert code == "connectors/pombo.py" and len(added) > 3
    assert not any((ROOT / name).exists() for name in added), "the toy is no part of the product"
    changed = {
        name: new_lines(ROOT / name, tree / name)
        for name in (str(file.relative_to(tree)) for file in tree.rglob("*") if file.is_file())
        if name not in added and (tree / name).read_bytes() != (ROOT / name).read_bytes()
    }
    assert changed == {
        "credentials.yml": ["connectors.pombo.Pombo:"],
        "conversation/account.py": ['    POMBO = "pombo"'],
    }


def new_lines(before: Path, after: Path) -> list[str]:
    """What was put in; all that was there still is, in its order."""
    old, new = before.read_text().splitlines(), after.read_text().splitlines()
    put_in = [line for line in new if line not in old]
    assert [line for line in new if line in old] == old
    return put_in


def test_the_contract_suite_passes_for_it_and_a_conversation_runs(tree: Path) -> None:
    tests = sorted(str(file.relative_to(tree)) for file in (tree / "tests/connectors").glob("test_contract_*.py"))
    told = run(tree, "python", "-m", "pytest", *tests, "-k", "pombo", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    passed = re.search(r"(\d+) passed", told)
    assert passed and int(passed[1]) > 60 and "skipped" not in told, told[-500:]


def test_it_is_as_tidy_as_the_rest(tree: Path) -> None:
    run(tree, "ruff", "check", "connectors/pombo.py", "conversation/account.py")
    run(tree, "ruff", "format", "--check", "connectors/pombo.py", "conversation/account.py")
    run(tree, "lint-imports", "--no-cache")


def test_its_types_are_right(tree: Path) -> None:
    run(tree, "mypy", "--cache-dir", str(tree / ".types"), "connectors/pombo.py")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_page_says_the_same_to_do(page: Path) -> None:
    for language in ("yaml", "python"):
        assert fenced(page, language) == fenced(PAGES[0], language)
    assert "connectors/pombo.py" in page.read_text()
