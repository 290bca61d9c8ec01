"""Beside a running product on the same state folder: another runtime is refused in one sentence, orders are not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.acceptance.product import Product, free_port

RASA_RUN = ("-m", "rasa", "run", "--credentials", "credentials.yml", "--endpoints", "endpoints.yml")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "command", [RASA_RUN, ("-m", "app.gateway"), ("-m", "app.worker")], ids=["rasa run", "a gateway", "a worker"]
)
def test_another_runtime_is_refused_in_one_sentence(shared: Product, customer: str, command: tuple[str, ...]) -> None:
    more = ("--port", str(free_port())) if command == RASA_RUN else ()
    second = subprocess.run(
        [sys.executable, *command, *more],
        cwd=shared.tree,
        env={**shared.env, "PORT": str(free_port())},
        text=True,
        capture_output=True,
        timeout=200,
    )
    assert second.returncode == 1
    said = second.stdout + second.stderr
    assert [line for line in said.splitlines() if "Baton is already running with the state in" in line], said
    assert "Traceback" not in said
    assert len(shared.ask_and_hear(customer, "hello there")) == 1, "the first one goes on"


def test_the_command_line_works_beside_it(shared: Product, customer: str) -> None:
    shared.ask_and_hear(customer, "hello there")
    conversation = shared.conversation(customer)["id"]
    (taken,) = shared.cli("conversation", "take", conversation, "--as", "maria")
    assert taken["state"] == "human"
    assert [line["answering"] for line in shared.cli("model", "list")].count(True) == 1
    assert all(line["sealed"] >= 0 for line in shared.cli("keys", "list"))
    shared.cli("conversation", "release", conversation, "--as", "maria")


def test_a_key_is_exchanged_under_it(shared: Product, customer: str, another: str) -> None:
    """Webhooks are checked with the account's secret, sends made with its token: both are sealed anew."""
    number = "100000000000077"
    shared.run_cli("account", "add", "--channel", "whatsapp", "--id", number, "--app-secret", "a-secret-of-its-own")
    assert len(shared.ask_and_hear(customer, "hello there", account=number)) == 1
    gateway, worker = shared.pid_of("gateway"), shared.pid_of("worker")
    (rotated,) = shared.cli("keys", "rotate")
    assert (rotated["keys"], rotated["values"] >= 1) == (1, True)
    assert len(shared.ask_and_hear(another, "hello there", account=number)) == 1
    assert len(shared.ask_and_hear(customer, "where are you located?", account=number)) == 1
    assert (shared.pid_of("gateway"), shared.pid_of("worker")) == (gateway, worker)
    assert len(shared.cli("keys", "list")) == 1


def test_a_second_run_on_the_same_state_is_told_in_one_sentence(shared: Product, customer: str) -> None:
    env = {**shared.env, "PORT": str(free_port()), "EMULATOR_PORT": str(free_port())}
    second = subprocess.run(
        [sys.executable, "-m", "app.cli", "run"],
        cwd=shared.tree,
        env=env,
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert second.stderr.startswith("Baton is already running with the state in")
    assert (second.stdout, second.stderr.count("\n")) == ("", 1)
    assert len(shared.ask_and_hear(customer, "hello there")) == 1, "the first one goes on"


def test_a_file_that_is_no_backup_changes_nothing_under_a_running_product(shared: Product, customer: str) -> None:
    before = {name: shared.pid_of(name) for name in ("gateway", "worker")}
    (shared.home / "holiday.jpg").write_bytes(b"\xff\xd8")
    refused = shared.run_cli("restore", str(shared.home / "holiday.jpg"))
    assert refused.returncode == 1
    assert "is not a backup" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert {name: shared.pid_of(name) for name in ("gateway", "worker")} == before
    assert len(shared.ask_and_hear(customer, "hello there")) == 1
