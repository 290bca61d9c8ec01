"""Starting, stopping, dying, starting again: nothing is left running, nothing accepted is lost or answered twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.acceptance import odd_project
from tests.acceptance.product import ACCOUNT, Product, Start, ask, free_port, processes_of, until


def all_gone(product: Product, *, within: float) -> None:
    try:
        until(lambda: not processes_of(str(product.home)), "all its processes ended", within=within)
    except AssertionError as failure:
        raise AssertionError(f"{failure}; still there: {processes_of(str(product.home))}") from None


def test_ctrl_c_ends_everything_and_says_so(start: Start) -> None:
    product = start().answering()
    assert len(product.others()) == 3, product.others()

    assert product.interrupt() == 0

    assert "Stopped. Everything accepted is kept." in product.lines.text
    assert "Traceback" not in product.lines.text
    all_gone(product, within=1)


def test_ctrl_c_in_the_middle_of_a_training_ends_everything(start: Start, tmp_path: Path) -> None:
    product = start("--project", str(odd_project.write(tmp_path / "odd"))).accepting()
    product.saying("training now")
    until(lambda: any("rasa train" in line for line in product.others().values()), "the training")

    assert product.interrupt() == 0

    assert "Traceback" not in product.lines.text
    all_gone(product, within=1)


def test_a_training_ends_with_its_parent_too(start: Start, tmp_path: Path) -> None:
    product = start("--project", str(odd_project.write(tmp_path / "odd"))).accepting()
    until(lambda: any("rasa train" in line for line in product.others().values()), "the training")
    product.kill()
    all_gone(product, within=15)


@pytest.mark.parametrize("name", ["PORT", "EMULATOR_PORT"])
def test_a_port_that_is_taken_is_told_in_one_sentence(start: Start, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        product = start(**{name: str(port)})
        assert product.ended() == 1
    (line,) = product.lines.said
    assert str(port) in line
    assert name in line


def test_after_a_kill_the_children_end_and_a_new_run_goes_on_where_it_was(
    start: Start, customer: str, another: str
) -> None:
    # given an answered conversation, one a person has, and a message that nobody has looked at yet
    first = start().answering()
    token = first.token
    first.ask_and_hear(customer, "hello there")
    first.ask_and_hear(another, "oi, tudo bem?")
    theirs = first.conversation(another)["id"]
    first.order(theirs, "take")
    worker = first.pid_of("worker")
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    waiting = first.say(customer, "send me the menu please")["id"]

    # when the parent is killed
    first.kill()

    # then nothing of it stays
    all_gone(first, within=15)

    # and a new run accepts at once, knows all, and answers what waited, once
    began = time.monotonic()
    second = start(home=first.home, PORT=str(first.port), EMULATOR_PORT=str(first.emulator_port)).accepting()
    assert time.monotonic() - began < 15
    for who in (customer, another):  # the stand-in forgot with its process that they had written
        second.emulator("POST", "window", {"account": ACCOUNT, "customer": who, "open": True})
    second._token = token
    assert "Your login" not in second.lines.text
    assert second.conversation(another)["state"] == "human"
    second.say(another, "alô?")
    second.answering()
    assert second.decided(customer, waiting)["verdict"] == "ANSWER"
    texts = [m["text"] for m in second.messages(customer) if m["author"] == "bot"]
    assert [text.split()[0] for text in texts] == ["Hello!", "Our"]
    assert [text.split()[0] for text in second.answered(customer, 1)] == ["Our"], "the phone was told once"
    until(lambda: second.messages(another)[-1]["reason"] == "human_owns", "what was written to the person")
    second.order(theirs, "release")
    (address,) = second.ask_and_hear(another, "qual o endereço de vocês?")
    assert address.startswith("A assistente virtual está de volta.\n\nEstamos em")
    assert second.ask_and_hear(customer, "where are you located?")[0].startswith("We are at")
    assert second.interrupt() == 0
    assert "Traceback" not in second.lines.text


# --- parts of it killed


@pytest.fixture(scope="module")
def lingering(tree: Path, odd_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("lingering")
    odd_project.give_model(folder / "state", odd_model)
    project = odd_project.write(folder / "odd")
    mark = str(folder / "lingered")
    product = Product(tree, folder / "state", "--project", str(project), LINGER_MARK=mark)
    try:
        yield product.answering()
    finally:
        product.end()


def test_a_worker_killed_in_the_middle_of_a_turn_answers_once_after_all(lingering: Product, customer: str) -> None:
    told = lingering.say(customer, "linger")
    until(Path(lingering.env["LINGER_MARK"]).exists, "the turn under way", within=20)
    worker = lingering.pid_of("worker")
    assert worker is not None

    os.kill(worker, signal.SIGKILL)
    lingering.say(customer, "hello")

    assert lingering.answered(customer, 2) == ["Here I am.", "Hello yourself."]
    assert lingering.decided(customer, told["id"])["verdict"] == "ANSWER"
    assert lingering.ask_and_hear(customer, "count") == ["That makes 1."]
    assert len(lingering.answers(customer)) == 3
    assert lingering.pid_of("worker") != worker


def test_a_restart_while_a_person_has_it_changes_nothing(lingering: Product, customer: str) -> None:
    # given a conversation that a person has
    lingering.ask_and_hear(customer, "hello")
    conversation = lingering.conversation(customer)["id"]
    lingering.order(conversation, "take")
    # when everything that thinks, sends and listens is started anew
    for name in ("worker", "gateway"):
        pid = lingering.pid_of(name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda name=name, pid=pid: lingering.pid_of(name) not in (None, pid), f"another {name}")  # type: ignore[misc]
    lingering.accepting()
    # then the assistant is as silent as before, whatever the customer types
    for typed in ("hello", "/restart", "/session_start", "count"):
        message = lingering.handled(customer, typed)
        assert (message["verdict"], message["reason"]) == ("RECORD", "human_owns"), typed
    assert len(lingering.answers(customer)) == 1
    # and answers again when it has the conversation
    lingering.order(conversation, "release")
    (said,) = lingering.ask_and_hear(customer, "count")
    assert said.endswith("That makes 1.")


def test_what_waited_while_a_person_had_it_counts_as_seen(lingering: Product, customer: str) -> None:
    # given a message that nobody has looked at, as the worker is gone
    lingering.ask_and_hear(customer, "hello")
    conversation = lingering.conversation(customer)["id"]
    worker = lingering.pid_of("worker")
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    waiting = lingering.say(customer, "count")["id"]
    # when a person takes the conversation and gives it back
    lingering.order(conversation, "take")
    lingering.order(conversation, "release")
    # then it is not answered after all, and the next one is
    message = lingering.decided(customer, waiting)
    assert (message["verdict"], message["reason"]) == ("RECORD", "seen_by_person")
    (said,) = lingering.ask_and_hear(customer, "count")
    assert said.endswith("That makes 1.")
    assert len(lingering.answers(customer)) == 2


def test_webhooks_that_come_while_the_gateway_is_dead_are_accepted_when_it_is_back(lingering: Product) -> None:
    secret = json.loads((lingering.home / "secrets.json").read_text())["app_secret"]
    people = [str(5511960000000 + n) for n in range(5)]
    raw = {
        phone: lingering.emulator(
            "POST", "say", {"account": ACCOUNT, "customer": phone, "text": "hello", "deliver": False}
        )["body"].encode()
        for phone in people
    }

    def post(phone: str) -> int:
        signature = hmac.new(secret.encode(), raw[phone], hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}"}
        return ask("POST", f"{lingering.url}/webhooks/whatsapp/webhook", raw=raw[phone], headers=headers)[0]

    gateway = lingering.pid_of("gateway")
    assert gateway is not None
    os.kill(gateway, signal.SIGKILL)
    until(lambda: lingering.pid_of("gateway") != gateway, "its end", within=5)

    with ThreadPoolExecutor(5) as posting:
        assert list(posting.map(post, people)) == [200] * 5

    assert [lingering.answered(phone, 1) for phone in people] == [["Hello yourself."]] * 5
    assert lingering.pid_of("gateway") not in (None, gateway)


def test_a_run_without_emulator_starts_none(start: Start) -> None:
    port = free_port()
    product = start("--no-emulator", EMULATOR_PORT=str(port)).accepting()
    assert product.pid_of("emulator") is None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert product.interrupt() == 0
