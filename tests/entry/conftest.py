"""The machines of fakes that ./baton is tried on."""

from __future__ import annotations

import pathlib

import pytest

from tests.entry.machine import Machine


@pytest.fixture
def bare_machine(tmp_path: pathlib.Path) -> Machine:
    """Neither uv nor a Python."""
    return Machine(tmp_path)


@pytest.fixture
def machine(bare_machine: Machine) -> Machine:
    """uv and Python 3.10 on PATH: the installation succeeds."""
    bare_machine.has("uv")
    bare_machine.has("python", called="python3.10")
    return bare_machine
