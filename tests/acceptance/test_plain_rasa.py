"""Rasa's own commands, as its documentation has them, with our credentials.yml and endpoints.yml."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.acceptance.product import ACCOUNT, Product, Program, ask, environment, free_port, until


class Plain(Product):
    """`rasa run` with everything in its one process, and the emulator beside it: no parent of ours."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.tree, self.home = tree, folder / "state"
        self.port, self.emulator_port = free_port(), free_port()
        ports = {"PORT": str(self.port), "EMULATOR_PORT": str(self.emulator_port)}
        self.env = environment(self.home, **ports, BATON_OPEN_DOORS="api,rest")
        self.cli("account", "add", "--channel", "whatsapp", "--id", ACCOUNT)
        (made,) = self.cli("operator", "add", "marina", "--role", "admin")
        self._token = made["token"]
        (folder / "credentials.yml").write_text((tree / "credentials.yml").read_text() + "\nrest:\n")
        command = ["-m", "rasa", "run", "--enable-api", "--port", str(self.port), "-i", "127.0.0.1"]
        Program.__init__(
            self,
            [sys.executable, *command, "--credentials", str(folder / "credentials.yml")],
            cwd=tree,
            env=self.env,
        )
        self.desk = Program([sys.executable, "-m", "emulator", *self._emulator(folder)], cwd=tree, env=self.env)

    def _emulator(self, folder: Path) -> list[str]:
        secrets = json.loads((self.home / "secrets.json").read_text())
        told = {
            "webhook_base": self.url,
            "app_secret": secrets["app_secret"],
            "verify_token": secrets["verify_token"],
            "accounts": [{"id": ACCOUNT, "name": "Cantina"}],
        }
        (folder / "emulator.json").write_text(json.dumps(told))
        return ["--port", str(self.emulator_port), "--settings", str(folder / "emulator.json")]


@pytest.fixture(scope="module")
def plain(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    product = Plain(tree, tmp_path_factory.mktemp("plain"))
    try:
        until(lambda: _listens(f"{product.url}/api/v1/health", product), "rasa run to be up")
        until(lambda: _listens(f"{product.emulator_url}/emulator/health", product.desk), "the emulator")
        yield product
    finally:
        product.end()
        product.desk.end()


def _listens(url: str, program: Program) -> bool:
    assert program.process.poll() is None, program.lines.text
    try:
        return ask("GET", url)[0] == 200
    except OSError:
        return False


def rest_channel(product: Product, sender: str, text: str) -> list[str]:
    status, answer = ask("POST", f"{product.url}/webhooks/rest/webhook", {"sender": sender, "message": text})
    assert status == 200, answer
    return [each["text"] for each in answer]


def test_the_feed_is_told_there_too(plain: Plain, customer: str) -> None:
    async def follow() -> dict[str, Any]:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{plain.url}/ws") as socket:
            await socket.send_json({"type": "auth", "token": plain.token})
            assert (await socket.receive_json(timeout=10))["type"] == "ready"
            await asyncio.to_thread(plain.say, customer, "quero ser seguida")
            while True:
                told: dict[str, Any] = await socket.receive_json(timeout=20)
                if told["type"] == "event" and told["kind"] == "message":
                    return told

    assert asyncio.run(follow())["message"]["text"] == "quero ser seguida"


def test_one_process_of_rasas_answers_and_falls_silent_on_take(plain: Plain, customer: str) -> None:
    (said,) = plain.ask_and_hear(customer, "hello there")
    assert said.startswith("Hello!")
    conversation = plain.conversation(customer)["id"]
    assert plain.order(conversation, "take")["in_flight"] == 0
    assert plain.handled(customer, "where are you located?")["reason"] == "human_owns"
    plain.order(conversation, "reply", {"text": "Marina here."})
    assert plain.answered(customer, 2)[1] == "This is Marina from the team.\n\nMarina here."
    plain.order(conversation, "release")
    (menu,) = plain.ask_and_hear(customer, "send me the menu please")
    assert menu.startswith("The virtual assistant is back.\n\nOur menu")

    status, tracker = ask("GET", f"{plain.url}/conversations/{conversation}/tracker?include_events=ALL")
    assert status == 200
    said_by_customer = [event["text"] for event in tracker["events"] if event["event"] == "user"]
    assert said_by_customer == ["hello there", "where are you located?", "send me the menu please"]


def test_rasas_own_channels_ask_the_same_gate(plain: Plain) -> None:
    assert rest_channel(plain, "somebody", "thanks!") == ["You're welcome! 😊 If you need anything else, just write."]
    (agent,) = plain.cli("agent", "list")
    try:
        plain.cli("agent", "set", agent["name"], "--status", "inactive")
        assert rest_channel(plain, "somebody", "thanks!") == []
        assert rest_channel(plain, "somebody new", "thanks!") == []
    finally:
        plain.cli("agent", "set", agent["name"], "--status", "active")
    assert len(rest_channel(plain, "somebody", "bye")) == 1
    status, tracker = ask("GET", f"{plain.url}/conversations/somebody/tracker?include_events=ALL")
    assert status == 200
    assert [e["text"] for e in tracker["events"] if e["event"] == "user"] == ["thanks!", "thanks!", "bye"]


# --- rasa shell, with rasa run actions in another terminal


@dataclass
class Terminal:
    """A terminal with `rasa shell` in it: what stands on the screen, without its colours."""

    keyboard: int
    screen: list[str] = field(default_factory=list)

    def read(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                seen = os.read(self.keyboard, 65536)
            except OSError:  # the program has ended
                return
            self.screen.append(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode(errors="replace")))

    @property
    def text(self) -> str:
        return "".join(self.screen)

    def type(self, line: str) -> str:
        """Types a line; what came on the screen by the time the next prompt stands there."""
        before = len(self.text)

        def echoed() -> bool:
            """What is typed in the moment in which the prompt is drawn is thrown away by it: then again."""
            if line not in self.text[before:]:
                os.write(self.keyboard, line.encode())
            return line in self.text[before:]

        until(echoed, f"{line!r} on the screen", within=30, step=2.0)
        os.write(self.keyboard, b"\r")
        # The line itself is drawn again behind its own prompt; the next prompt begins a line.
        try:
            until(lambda: "\nYour input" in self.text[before:], "the next prompt", within=30)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; on the screen: {self.text}") from None
        return self.text[before:]


@pytest.mark.slow
def test_rasa_shell_answers_while_the_agent_is_active_and_only_then(tree: Path, tmp_path: Path) -> None:
    # given the actions behind a URL, and a shell
    port = free_port()
    product = _Commands(tree, tmp_path / "state")
    (agent,) = product.cli("agent", "list")
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text((tree / "endpoints.yml").read_text().replace("5055", str(port)))
    server = Program([sys.executable, "-m", "rasa", "run", "actions", "--port", str(port)], cwd=tree, env=product.env)
    master, slave = pty.openpty()
    terminal = Terminal(master)
    process = subprocess.Popen(
        [sys.executable, "-m", "rasa", "shell", "--port", str(free_port()), "--endpoints", str(endpoints)],
        cwd=tree,
        env={**product.env, "TERM": "dumb"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    terminal.read()
    try:
        until(lambda: _listens(f"http://127.0.0.1:{port}/health", server), "the action server")
        until(lambda: "Your input" in terminal.text, "the prompt")

        # while the agent is active it answers, by our actions too (an answer with buttons would open a menu here)
        assert "We deliver to" in terminal.type("where do you deliver?")
        # while it is not, it says nothing
        product.cli("agent", "set", agent["name"], "--status", "inactive")
        assert "Our menu" not in terminal.type("send me the menu please")
        # and again when it is
        product.cli("agent", "set", agent["name"], "--status", "active")
        assert "We are at" in terminal.type("where are you located?")
        assert "Our menu" not in terminal.text
    finally:
        process.kill()
        process.wait(timeout=10)
        os.close(master)
        server.end()


class _Commands(Product):
    """Only the command line of a state folder: nothing runs."""

    def __init__(self, tree: Path, home: Path) -> None:
        self.tree, self.home, self.env = tree, home, environment(home)


def test_check_agent_is_silent_behind_rasas_action_server(tree: Path, tmp_path: Path) -> None:
    port = free_port()
    server = Program(
        [sys.executable, "-m", "rasa", "run", "actions", "--port", str(port)],
        cwd=tree,
        env=environment(tmp_path / "state"),
    )
    try:
        until(lambda: _listens(f"http://127.0.0.1:{port}/health", server), "the action server")

        def call(verdict: str) -> list[dict[str, object]]:
            message = {"text": "x", "metadata": {"verdict": verdict, "reason": "agent_inactive"}}
            tracker = {"sender_id": "x", "slots": {}, "latest_message": message, "events": [], "paused": False}
            body = {"next_action": "check_agent", "sender_id": "x", "tracker": tracker, "domain": {}}
            status, answer = ask("POST", f"http://127.0.0.1:{port}/webhook", body)
            assert (status, answer["responses"]) == (200, [])
            return list(answer["events"])

        assert call("ANSWER") == []
        assert [(e["event"], e["name"]) for e in call("RECORD")] == [
            ("slot", "agent_verdict"),
            ("followup", "action_listen"),
        ]
    finally:
        server.end()
