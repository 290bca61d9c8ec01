"""./baton test gets a browser from where it can, and never leaves the browser tests out in silence."""

from __future__ import annotations

import json

from tests.entry.machine import FAKES, Machine


def be_root(machine: Machine, yes: bool) -> None:
    (machine.programs / "id").unlink()
    machine.has_program("id", f"echo {0 if yes else 1000}")


def test_a_browser_on_path_is_taken_and_named_to_the_tests(machine: Machine) -> None:
    browser = machine.has("browser", called="google-chrome")

    result = machine.baton("test", "tests/handover", "-k", "take and not echo")

    assert json.loads(result.stdout)["command"] == "-m pytest tests/handover -k take and not echo"
    assert machine.command_environment()["BATON_CHROMIUM"] == str(browser)


def test_a_browser_that_only_pretends_is_passed_over(machine: Machine) -> None:
    machine.has_program("chromium-browser", 'echo "install the snap" >&2; exit 1')
    be_root(machine, yes=False)
    fetched = machine.home / "fetched"

    result = machine.baton("test", FAKE_PLAYWRIGHT_BROWSER=str(fetched))

    assert result.returncode == 0, result.stderr
    assert machine.command_environment()["BATON_CHROMIUM"] == str(fetched)


def test_root_gets_debians_browser_with_apt(machine: Machine) -> None:
    be_root(machine, yes=True)
    machine.has("apt-get")
    installed = machine.programs / "chromium"

    result = machine.baton("test", FAKE_APT_PUTS_BROWSER=str(installed))

    assert "installing Debian's with apt-get" in result.stderr
    assert machine.calls("apt-get install") == ["apt-get install -y -qq chromium"]
    assert machine.command_environment()["BATON_CHROMIUM"] == str(installed)
    assert "apt-get talks" not in result.stdout


def test_a_user_who_may_not_install_gets_playwrights_browser_once(machine: Machine) -> None:
    be_root(machine, yes=False)
    machine.has("apt-get")
    machine.has_program("sudo", "exit 1")
    fetched = str(machine.home / "fetched")

    machine.baton("test", FAKE_PLAYWRIGHT_BROWSER=fetched)
    machine.baton("test", FAKE_PLAYWRIGHT_BROWSER=fetched)

    assert machine.calls("playwright") == ["playwright install chromium"]
    assert not machine.calls("apt-get")


def test_where_no_browser_can_be_had_it_is_an_error_with_advice(machine: Machine) -> None:
    be_root(machine, yes=True)
    machine.has("apt-get")

    refused = machine.baton("test", CI="true")

    assert refused.returncode == 1
    assert "./baton test --no-browser" in refused.stderr.splitlines()[-1]
    assert refused.stdout == "", "no test ran"


def test_no_browser_leaves_them_out_says_so_and_tells_the_tests(machine: Machine) -> None:
    result = machine.baton("test", "-x", "--no-browser", "tests/store")

    assert json.loads(result.stdout)["command"] == "-m pytest -x tests/store"
    assert "are left out" in result.stderr
    assert machine.command_environment()["BATON_NO_BROWSER"] == "1"


def test_the_whole_suite_runs_in_two_processes(machine: Machine) -> None:
    result = machine.baton("test", "--no-browser")

    assert json.loads(result.stdout)["command"] == "-m pytest -n 2 --dist loadfile --no-loadscope-reorder"


def test_a_named_browser_is_taken_and_one_that_does_not_run_refused(machine: Machine) -> None:
    taken = machine.baton("test", BATON_CHROMIUM=str(FAKES / "browser"))
    refused = machine.baton("test", BATON_CHROMIUM="/nowhere/chromium")

    assert taken.returncode == 0
    assert refused.returncode == 1
    assert "BATON_CHROMIUM=/nowhere/chromium does not run" in refused.stderr
