"""./baton finds uv and a Python 3.10 or 3.11 wherever they are, or says how to get them."""

from __future__ import annotations

import pathlib
import shutil

import pytest

from tests.entry.machine import FAKES, Machine


def put_interpreter(place: pathlib.Path) -> pathlib.Path:
    place.parent.mkdir(parents=True)
    return pathlib.Path(shutil.copy(FAKES / "python", place))


def python_given_to_uv(machine: Machine) -> str:
    (call,) = machine.calls("sync")
    return call.split("--python ")[1].split()[0]


def test_pyenvs_interpreter_is_found_though_its_shim_fails(bare_machine: Machine) -> None:
    bare_machine.has("uv")
    bare_machine.has_program("python3.10", 'echo "pyenv: python3.10: command not found" >&2; exit 127')
    interpreter = put_interpreter(bare_machine.home / "pyenv root/versions/3.10.13/bin/python")

    result = bare_machine.baton("migrate", PYENV_ROOT=str(bare_machine.home / "pyenv root"))

    assert result.returncode == 0, result.stderr
    assert bare_machine.calls("sync")[0].endswith(f"--python {interpreter} --no-dev")


def test_pyenv_in_the_home_is_found_without_its_variable(bare_machine: Machine) -> None:
    bare_machine.has("uv")
    interpreter = put_interpreter(bare_machine.home / ".pyenv/versions/3.10.4/bin/python")

    bare_machine.baton("migrate")

    assert python_given_to_uv(bare_machine) == str(interpreter)


def test_a_python_3_10_that_is_called_python3_is_found(bare_machine: Machine) -> None:
    bare_machine.has("uv")
    interpreter = bare_machine.has("python", called="python3")

    bare_machine.baton("migrate")

    assert python_given_to_uv(bare_machine) == str(interpreter)


def test_uv_python_is_taken_before_all_others(machine: Machine) -> None:
    chosen = put_interpreter(machine.home / "chosen/python")

    machine.baton("migrate", UV_PYTHON=str(chosen))

    assert python_given_to_uv(machine) == str(chosen)


def test_another_uv_python_than_the_last_time_is_noticed_and_none_is_not(machine: Machine) -> None:
    machine.baton("migrate")
    chosen = put_interpreter(machine.home / "chosen/python")

    machine.baton("migrate", UV_PYTHON=str(chosen))
    machine.baton("migrate", UV_PYTHON=str(chosen))
    machine.baton("migrate")

    assert len(machine.calls("sync")) == 2


def test_a_uv_python_that_does_not_run_is_named_and_another_one_found(machine: Machine) -> None:
    result = machine.baton("migrate", UV_PYTHON="/nowhere/python")

    assert result.returncode == 0
    assert "UV_PYTHON=/nowhere/python is not a Python 3.10 or 3.11" in result.stderr


def test_uvs_own_3_10_is_fetched_before_3_11_is_taken(bare_machine: Machine) -> None:
    bare_machine.has("uv")
    bare_machine.has_program("python3.11", '[ "$3" = 3.11 ] && echo "$0"')

    bare_machine.baton("migrate", FAKE_MANAGED_VERSION="3.10")

    assert bare_machine.calls("python install") == ["python install 3.10"]
    assert python_given_to_uv(bare_machine) == str(bare_machine.home / "managed-python")


def test_3_11_is_taken_where_no_3_10_can_be_had(bare_machine: Machine) -> None:
    bare_machine.has("uv")
    interpreter = bare_machine.has("python", called="python3.11")

    bare_machine.baton("migrate", FAKE_PYTHON_VERSION="3.11")

    assert python_given_to_uv(bare_machine) == str(interpreter)


def test_no_python_that_fits_is_said_with_what_to_do(bare_machine: Machine) -> None:
    bare_machine.has("uv")
    bare_machine.has("python", called="python3")

    refused = bare_machine.baton("migrate", FAKE_PYTHON_VERSION="3.13")

    assert refused.returncode == 1
    assert "no Python that fits: Baton needs 3.10 or 3.11" in refused.stderr
    assert "apt-get install python3.11" in refused.stderr
    assert "UV_PYTHON=" in refused.stderr
    assert not bare_machine.calls("sync")


def test_neither_uv_nor_any_python_is_said_with_what_to_do(bare_machine: Machine) -> None:
    refused = bare_machine.baton("migrate")

    assert refused.returncode == 1
    assert "apt-get install python3" in refused.stderr


@pytest.mark.parametrize("place", ["project/.tools/bin/uv", "home/.local/bin/uv"])
def test_uv_is_found_where_installers_put_it(bare_machine: Machine, place: str) -> None:
    bare_machine.has("python", called="python3.10")
    uv = bare_machine.home.parent / place
    uv.parent.mkdir(parents=True)
    shutil.copy(FAKES / "uv", uv)

    assert bare_machine.baton("migrate").returncode == 0


def test_a_uv_that_does_not_run_or_is_too_old_is_passed_over(bare_machine: Machine) -> None:
    bare_machine.has("python", called="python3.10")
    bare_machine.has_program("uv", 'echo "uv 0.4.30"')
    newer = bare_machine.project / ".tools/bin/uv"
    newer.parent.mkdir(parents=True)
    shutil.copy(FAKES / "uv", newer)

    assert bare_machine.baton("migrate").returncode == 0


def test_uv_is_fetched_with_pip_where_there_is_pip(bare_machine: Machine) -> None:
    bare_machine.has("python", called="python3.10")
    bare_machine.has_program(
        "python3",
        """[ "$1" = -c ] && exit
echo "$*" >>"$FAKE_CALLS"
mkdir -p .tools/bin && cp "$FAKES/uv" .tools/bin/uv""",
    )

    result = bare_machine.baton("migrate")

    assert result.returncode == 0, result.stderr
    (pip_call,) = bare_machine.calls("-m pip install")
    assert "--target .tools uv>=0.5,<1" in pip_call
