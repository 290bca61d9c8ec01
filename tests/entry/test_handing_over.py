"""./baton hands over: what the command gets, what it prints, and what the script does itself."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.entry.machine import Machine

HANDED_OVER = ["run", "account", "agent", "operator", "conversation", "migrate", "emulator", "bench"]


@pytest.mark.parametrize("command", HANDED_OVER)
def test_a_command_gets_its_arguments_and_its_exit_is_ours(machine: Machine, command: str) -> None:
    result = machine.baton(command, "a word", "--json", FAKE_EXIT="7")

    assert result.returncode == 7
    assert json.loads(result.stdout)["command"] == f"-m app.cli {command} a word --json"


def test_stdout_is_the_commands_alone_even_while_installing(machine: Machine) -> None:
    result = machine.baton("conversation", "list", "--json")

    assert "installing the environment" in result.stderr
    assert "Installed 3 packages" in result.stderr
    assert [json.loads(line)["command"] for line in result.stdout.splitlines()] == [
        "-m app.cli conversation list --json"
    ]


def test_a_command_runs_in_the_project_and_is_told_where_it_was_called(machine: Machine) -> None:
    result = machine.baton("run", "--project", ".")

    assert json.loads(result.stdout)["in"] == str(machine.project)
    assert machine.command_environment()["BATON_CALLER_DIR"] == str(machine.home)


def test_a_link_to_the_script_works(machine: Machine) -> None:
    link = machine.home / "baton"
    link.symlink_to("../project/baton")

    result = subprocess.run(
        ["./baton", "migrate"],
        env=machine.environment(),
        cwd=machine.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert json.loads(result.stdout)["in"] == str(machine.project)


def test_the_old_stack_is_kept_quiet_fast_and_at_home(machine: Machine) -> None:
    machine.baton("migrate", PYTHONDONTWRITEBYTECODE="1", PYTHONHOME="/usr", RASA_TELEMETRY_ENABLED="true")

    environment = machine.command_environment()
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert not {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME"} & environment.keys()
    assert environment["PYTHONUNBUFFERED"] == environment["SQLALCHEMY_SILENCE_UBER_WARNING"] == "1"
    assert environment["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_rasas_own_command_line_gets_all_that_follows(machine: Machine) -> None:
    assert machine.baton("rasa", "train", "--debug").stdout == "rasa was asked: train --debug\n"


def test_check_runs_everything_and_ends_well(machine: Machine) -> None:
    result = machine.baton("check")

    assert result.returncode == 0
    assert result.stdout.splitlines() == [
        "ok    ruff check .",
        "ok    ruff format --check .",
        "ok    mypy",
        "ok    lint-imports",
        "ok    rasa data validate",
    ]


def test_check_goes_on_after_a_failure_shows_it_and_ends_with_1(machine: Machine) -> None:
    result = machine.baton("check", FAKE_FAILING_TOOL="mypy")

    assert result.returncode == 1
    assert "FAIL  mypy\nmypy was asked: " in result.stdout
    assert "ok    rasa data validate" in result.stdout


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",), ("-h",)])
def test_help_is_one_screen_and_needs_nothing(bare_machine: Machine, arguments: tuple[str, ...]) -> None:
    result = bare_machine.baton(*arguments)

    lines = result.stdout.splitlines()
    assert result.returncode == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 120
    assert all(f"./baton {command} " in result.stdout for command in [*HANDED_OVER, "test", "check", "rasa"])


def test_an_unknown_command_is_named_and_installs_nothing(machine: Machine) -> None:
    result = machine.baton("conversatoin", "list")

    assert result.returncode == 2
    assert "there is no command 'conversatoin'" in result.stderr
    assert "./baton conversation" in result.stderr
    assert result.stdout == ""
    assert not machine.calls()
