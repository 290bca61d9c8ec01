"""A copy of ./baton in a folder of its own, and a PATH with the basic tools and some fakes."""

from __future__ import annotations

import pathlib
import shutil
import signal
import subprocess
import time
from collections.abc import Callable

ROOT = pathlib.Path(__file__).parents[2]
FAKES = pathlib.Path(__file__).parent / "fakes"
BASIC_TOOLS = "sh cat cksum cp env flock grep id mkdir readlink rm sleep sort tail uname"
DEADLINE_S = 20.0


class Machine:
    """A folder with the project, a home, and the programs on PATH."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.project = folder / "project"
        self.home = folder / "home"
        self.programs = folder / "programs"
        self.calls_file = folder / "calls"
        self.command_environment_file = folder / "command-environment"
        self.uv_environment_file = folder / "uv-environment"
        for made in (self.project, self.home, self.programs):
            made.mkdir()
        shutil.copy(ROOT / "baton", self.project)
        shutil.copytree(ROOT / "tools", self.project / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (self.project / "uv.lock").write_text('source = { registry = "http://127.0.0.1:9/simple" }\n')
        (self.project / "pyproject.toml").write_text("[project]\n")
        for tool in BASIC_TOOLS.split():
            if found := shutil.which(tool):
                (self.programs / tool).symlink_to(found)

    def has(self, fake: str, *, called: str | None = None) -> pathlib.Path:
        """Puts a fake on PATH, under its own or another name."""
        return pathlib.Path(shutil.copy(FAKES / fake, self.programs / (called or fake)))

    def has_program(self, name: str, script: str) -> None:
        """Puts a script written for one test on PATH."""
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)

    def environment(self, **extra: str) -> dict[str, str]:
        """What the script finds in its environment."""
        return {
            "PATH": str(self.programs),
            "HOME": str(self.home),
            "FAKES": str(FAKES),
            "FAKE_CALLS": str(self.calls_file),
            "FAKE_COMMAND_ENVIRONMENT": str(self.command_environment_file),
            "FAKE_UV_ENVIRONMENT": str(self.uv_environment_file),
            "FAKE_MANAGED_PYTHON": str(self.home / "managed-python"),
            **extra,
        }

    def baton(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Runs ./baton to its end."""
        return subprocess.run(
            [self.project / "baton", *arguments],
            env=self.environment(**extra),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """Starts ./baton in a process group of its own, as a terminal does."""
        return subprocess.Popen(
            [self.project / "baton", *arguments],
            env=self.environment(**extra),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        )

    def calls(self, start: str = "") -> list[str]:
        """What the fakes were asked to do, in order."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        return [line for line in lines if line.startswith(start)]

    def command_environment(self) -> dict[str, str]:
        """The environment that the command was handed."""
        return _read_environment(self.command_environment_file)

    def uv_environment(self) -> dict[str, str]:
        """The environment in which uv installed."""
        return _read_environment(self.uv_environment_file)


def _read_environment(file: pathlib.Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def wait_for(fact: Callable[[], bool]) -> None:
    """Waits until it is so, for a limited time."""
    deadline = time.monotonic() + DEADLINE_S
    while not fact():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)
