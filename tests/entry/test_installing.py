"""./baton makes .venv once, keeps it in line with uv.lock, repairs it, or says what is wrong."""

from __future__ import annotations

import os
import signal

import pytest

from tests.entry.machine import Machine, wait_for


def test_the_first_run_installs_from_the_lock_and_the_second_does_not_call_uv(machine: Machine) -> None:
    first = machine.baton("migrate")
    calls_of_first = machine.calls()
    second = machine.baton("migrate")

    assert first.returncode == second.returncode == 0, first.stderr
    assert [call.split(" --python")[0] for call in calls_of_first] == ["sync --frozen --inexact"]
    assert machine.calls() == calls_of_first
    assert second.stderr == ""


@pytest.mark.parametrize("file", ["uv.lock", "pyproject.toml"])
def test_a_changed_file_brings_the_environment_in_line(machine: Machine, file: str) -> None:
    machine.baton("migrate")
    with (machine.project / file).open("a") as changed:
        changed.write("# changed\n")

    machine.baton("migrate")

    assert len(machine.calls("sync")) == 2


def test_development_tools_come_with_the_first_command_that_needs_them_and_stay(machine: Machine) -> None:
    machine.baton("run")
    machine.baton("bench", "leaks")
    machine.baton("check")
    machine.baton("run")

    without, with_tools = machine.calls("sync")
    assert without.endswith("--no-dev")
    assert with_tools.endswith("--group dev")
    assert "--inexact" in without, "a later plain installation must not remove the tools"


def test_neither_the_users_index_nor_their_options_reach_uv(machine: Machine) -> None:
    machine.baton("migrate", UV_INDEX_URL="https://elsewhere.example/simple", UV_FIND_LINKS="/wheels", UV_LOCKED="1")

    environment = machine.uv_environment()
    assert not {"UV_INDEX_URL", "UV_FIND_LINKS", "UV_LOCKED"} & environment.keys()
    assert environment["UV_NO_CONFIG"] == "1"


def test_a_broken_interpreter_is_repaired_by_the_next_run(machine: Machine) -> None:
    machine.baton("migrate")
    interpreter = machine.project / ".venv/bin/python"
    interpreter.unlink()
    interpreter.symlink_to("/nowhere/python3.10")

    repaired = machine.baton("migrate")

    assert repaired.returncode == 0
    assert "making it anew" in repaired.stderr


def test_an_environment_that_was_moved_with_its_folder_is_made_anew(machine: Machine) -> None:
    machine.baton("migrate")
    (machine.project / ".venv/left-behind").touch()
    machine.project = machine.project.rename(machine.project.with_name("moved"))

    moved = machine.baton("migrate")

    assert "moved or copied" in moved.stderr
    assert not (machine.project / ".venv/left-behind").exists()


def test_an_installation_that_was_killed_is_made_anew(machine: Machine) -> None:
    go_on = machine.home / "go-on"
    killed = machine.start("migrate", FAKE_SYNC_WAITS_FOR=str(go_on))
    wait_for((machine.home / "go-on.reached").exists)
    (machine.project / ".venv/half-a-package").touch()
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()

    repaired = machine.baton("migrate")

    assert repaired.returncode == 0
    assert "not finished" in repaired.stderr
    assert not (machine.project / ".venv/half-a-package").exists()


def test_ctrl_c_stops_the_installation_and_the_next_run_takes_it_up(machine: Machine) -> None:
    go_on = machine.home / "go-on"
    stopped = machine.start("migrate", FAKE_SYNC_WAITS_FOR=str(go_on))
    wait_for((machine.home / "go-on.reached").exists)
    os.killpg(stopped.pid, signal.SIGINT)
    output, errors = stopped.communicate()

    assert stopped.returncode == 130
    assert "takes it up again" in errors
    assert output == ""
    assert len(machine.calls("sync")) == 1, "it is not tried a second time"
    assert machine.baton("migrate").returncode == 0


def test_of_two_at_once_one_installs_and_the_other_waits_and_says_so(machine: Machine) -> None:
    go_on = machine.home / "go-on"
    first = machine.start("migrate", FAKE_SYNC_WAITS_FOR=str(go_on))
    wait_for((machine.home / "go-on.reached").exists)
    second = machine.start("migrate")
    assert second.stderr
    assert "waiting until it is done" in second.stderr.readline()
    go_on.touch()

    outputs = [first.communicate()[0], second.communicate()[0]]

    assert [first.returncode, second.returncode] == [0, 0]
    assert all('"command": "-m app.cli migrate"' in output for output in outputs)
    assert len(machine.calls("sync")) == 1


@pytest.mark.parametrize(
    ("words_of_uv", "sentence"),
    [
        ("error: Failed to fetch: dns error: Name or service not known", "cannot reach the package index"),
        ("error: operation timed out", "cannot reach the package index"),
        ("error: invalid peer certificate: UnknownIssuer", "set SSL_CERT_FILE"),
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("error: failed to open: Permission denied (os error 13)", "no permission"),
        ("error: something never seen", "uv says above why"),
    ],
)
def test_a_failed_installation_ends_in_a_clear_sentence(machine: Machine, words_of_uv: str, sentence: str) -> None:
    failed = machine.baton("migrate", FAKE_SYNC_ERROR=words_of_uv)

    assert failed.returncode == 1
    assert words_of_uv in failed.stderr
    assert sentence in failed.stderr.splitlines()[-1]
    assert failed.stdout == ""
    assert machine.baton("migrate").returncode == 0, "a second run repairs"


def test_without_a_network_an_environment_that_worked_is_left_as_it_was(machine: Machine) -> None:
    machine.baton("migrate")
    (machine.project / ".venv/still-here").touch()
    (machine.project / "uv.lock").write_text("changed\n")

    machine.baton("migrate", FAKE_SYNC_ERROR="error: dns error")
    machine.baton("migrate")

    assert (machine.project / ".venv/still-here").exists()


def test_a_folder_that_cannot_be_written_is_named(machine: Machine) -> None:
    (machine.project / ".tools").touch()

    refused = machine.baton("migrate")

    assert refused.returncode == 1
    assert f"cannot write to {machine.project}" in refused.stderr


@pytest.mark.parametrize("missing", ["uv.lock", "pyproject.toml"])
def test_a_missing_file_of_the_project_is_named(machine: Machine, missing: str) -> None:
    (machine.project / missing).unlink()

    refused = machine.baton("migrate")

    assert refused.returncode == 1
    assert f"{missing} is missing" in refused.stderr


@pytest.mark.parametrize(("system", "processor"), [("Linux", "riscv64"), ("FreeBSD", "amd64")])
def test_a_platform_without_tensorflow_is_refused(machine: Machine, system: str, processor: str) -> None:
    (machine.programs / "uname").unlink()
    machine.has_program("uname", f'[ "$1" = -s ] && echo {system} || echo {processor}')

    refused = machine.baton("migrate")

    assert refused.returncode == 1
    assert f"this platform ({system} {processor}) is not supported" in refused.stderr
