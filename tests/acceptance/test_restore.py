"""A backup is made of a running product and brought back into it, while customers go on writing."""

from __future__ import annotations

import os
import signal
import stat
import threading
from pathlib import Path

import pytest

from tests.acceptance.product import ACCOUNT, Product, Start, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def parked(product: Product) -> list[str]:
    return [line["text"] for line in product.cli("mail", "list")]


def statuses(product: Product, customer: str) -> list[str]:
    return [m["status"] for m in product.messages(customer) if m["author"] == "bot"]


def test_a_backup_of_a_running_product_is_brought_back_into_it(start: Start, tmp_path: Path) -> None:
    answered, taken, waiting, sending, later, taken_later, after, during = (str(5511985000000 + n) for n in range(8))
    product = start(BATON_WITNESS_S="1").answering(within=500)

    # given a conversation that was answered, one a person has, …
    product.ask_and_hear(answered, "hello there")
    product.ask_and_hear(taken_later, "hello there")
    product.ask_and_hear(taken, "hello there")
    product.order(product.conversation(taken)["id"], "take")
    # … an answer on its way, and a message nobody has looked at
    product.emulator("PUT", "faults", {"hold": True})
    product.say(sending, "hello there")
    until(lambda: statuses(product, sending) == ["sending"], "the answer on its way")
    worker = product.pid_of("worker")
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)
    product.say(waiting, "hello there")

    # when a backup is made, and everything goes on
    file = tmp_path / "baton.tar"
    made = product.run_cli("backup", str(file))
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    os.kill(worker, signal.SIGCONT)
    product.emulator("PUT", "faults", {"hold": False})
    for who in (sending, waiting):
        assert len(product.answered(who, 1)) == 1
    product.ask_and_hear(later, "hello there")
    product.order(product.conversation(taken_later)["id"], "take")

    # and is brought back while somebody writes
    before = {name: product.pid_of(name) for name in ("gateway", "worker", "emulator")}
    stop, said, statuses_seen = threading.Event(), [0], set[int]()

    def write() -> None:
        while not stop.is_set():
            what = {"account": ACCOUNT, "customer": during, "text": f"hello {said[0]}"}
            statuses_seen.add(product.emulator("POST", "say", what)["status"])
            said[0] += 1

    writing = threading.Thread(target=write)
    writing.start()
    try:
        restored = product.run_cli("restore", str(file))
        until(lambda n=said[0]: said[0] > n + 2, "webhooks after it")  # type: ignore[misc]
    finally:
        stop.set()
        writing.join()
    assert restored.returncode == 0, restored.stderr
    assert statuses_seen <= {200, 503}, "what is not accepted says so, and is repeated"

    # then what was accepted before the backup is there, what came after it is not
    assert product.find(later) is None
    assert product.messages(answered)[0]["text"] == "hello there"
    # who had it then has it, and who took it since has it still
    assert [product.conversation(who)["state"] for who in (taken, taken_later, answered)] == ["human", "human", "bot"]
    # what was open then is shown, and left to people
    assert parked(product) == ["hello there"]
    assert statuses(product, sending) == ["unknown"]
    assert "1 message(s) waited to be sent then" in restored.stdout
    assert "1 message(s) of customers waited for an answer then" in restored.stdout
    # gateway and worker are others, and the phones go on as they were
    product.saying("Restored.")
    until(lambda: product.pid_of("worker") not in (None, before["worker"]), "another worker")
    assert product.pid_of("gateway") != before["gateway"]
    assert product.pid_of("emulator") == before["emulator"]

    # everybody is answered, in the conversations of then too, and nothing is sent a second time
    product.ask_and_hear(after, "hello there")
    product.ask_and_hear(answered, "where are you located?")
    product.ask_and_hear(sending, "where are you located?")
    until(lambda: not product.cli("mail", "list") or parked(product) == ["hello there"], "no other mail parked")
    for who, count in ((sending, 2), (waiting, 1), (taken, 1), (taken_later, 1), (answered, 2)):
        assert len(product.answers(who)) == count, product.chat(who)
    assert product.interrupt() == 0
    assert "Traceback" not in product.lines.text
