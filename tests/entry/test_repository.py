"""What the repository must hold, or must not, for a fresh clone to install anywhere."""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest

from tests.entry.machine import ROOT

SCRIPTS = ["baton", "tools/install.sh", "tools/browser.sh"]


def test_the_lock_names_one_index_that_everybody_can_reach() -> None:
    lock = (ROOT / "uv.lock").read_text()

    registries = set(re.findall(r'registry = "([^"]*)"', lock))
    hosts = {urlsplit(url).hostname or "" for url in re.findall(r'"(\w+:/[^"]*)"', lock)}

    assert len(registries) == 1
    assert len(hosts) == 2, "the index, and where it keeps its files"
    assert all(is_public(host) for host in hosts), hosts
    assert not re.search(r'\b(?:path|directory|editable|git) = "', lock)
    assert "file:" not in lock
    assert not re.search(r'"http://', lock)


def is_public(host: str) -> bool:
    """A name with a dot that is neither a number nor reserved for inside use."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".lan", ".test", ".invalid"))
    return False


def test_no_python_version_file_is_committed() -> None:
    """Pyenv would read it and break a shimmed uv."""
    listed = subprocess.run(
        ["git", "ls-files", "--", ".python-version", "**/.python-version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert listed.stdout == ""


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_are_read_by_every_shell(shell: str, script: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")

    subprocess.run([shell, "-n", script], cwd=ROOT, check=True, timeout=20)


def test_the_scripts_can_be_started() -> None:
    assert all((ROOT / script).stat().st_mode & 0o111 for script in ["baton", ".ci/run"])


def test_what_ci_runs_is_what_everybody_runs() -> None:
    last_line = (ROOT / ".ci/run").read_text().splitlines()[-1]

    assert last_line == "exec ./baton test"
