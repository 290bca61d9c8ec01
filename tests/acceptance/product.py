"""The product as its user has it: `python -m app.cli run` as a process, seen through its public doors only."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "100000000000001"  # the number a first run makes
#: Generous: the machine may be training something else. What must be quick says so where it is asserted.
PATIENCE_S = 90.0
#: What a project's copy does without: what was made here, and what the product does not run on.
_LEFT_OUT = (".*", "__pycache__", "var", "models", "results", "tests", "docs", "bench", "*.egg-info")
_SETTINGS = ("PORT", "HOST", "EMULATOR_PORT", "DATABASE_URL", "REDIS_URL", "LOG_LEVEL", "LOG_FORMAT", "PYTHONPATH")

T = TypeVar("T")
Json = dict[str, Any]


def until(fact: Callable[[], T | None], what: str, *, within: float = PATIENCE_S, step: float = 0.05) -> T:
    """The first truthy value of `fact`; an assertion that says what was awaited when it does not come."""
    deadline = time.monotonic() + within
    while True:
        value = fact()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(step)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, **more: str) -> dict[str, str]:
    """As `./baton` makes it, with nothing of ours or of the machine's settings left in it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _SETTINGS and not name.startswith(("BATON_", "META_", "GRAPH_", "PYTHONDONTWRITE", "PYTEST_"))
    }
    ours = {"BATON_HOME": str(home), "PYTHONUNBUFFERED": "1", "RASA_TELEMETRY_ENABLED": "false", "ORDERS_URL": ""}
    # The page with the phones asks about every phone there is, as one operator; in a long session these are many.
    ours |= {"BATON_API_PER_S": "1000", "BATON_API_BURST": "1000"}
    return {**kept, **ours, "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3", **more}


def copy_of_the_project(to: Path) -> Path:
    """The whole project without what was made in it, times kept: as good as a fresh clone."""
    shutil.copytree(ROOT, to, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
    return to


def train(project: Path) -> None:
    """As `./baton rasa train` does it."""
    _trained([sys.executable, "-m", "rasa", "train"], project)


#: `rasa train` in each of these folders: to bring in Rasa takes as long as a small training.
_TRAIN_ALL = """
import os, sys
from rasa.__main__ import main
projects, sys.argv = sys.argv[1:], ["rasa", "train"]
for project in projects:
    os.chdir(project)
    main()
"""


def train_all(projects: Sequence[Path]) -> None:
    """Each as `train` would, in one process."""
    _trained([sys.executable, "-c", _TRAIN_ALL, *map(str, projects)], projects[0])


def _trained(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder / "var"),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def ask(
    method: str, url: str, body: Any = None, *, headers: dict[str, str] | None = None, raw: bytes | None = None
) -> tuple[int, Any]:
    """Status and answer, as JSON where it is JSON."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, text


@dataclass
class Lines:
    """What a process wrote, both streams as they came, read by a thread."""

    said: list[str] = field(default_factory=list)

    def read(self, stream: Any) -> threading.Thread:
        thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        thread.start()
        return thread

    def _read(self, stream: Any) -> None:
        with stream:
            for line in stream:
                self.said.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "\n".join(self.said)


class Program:
    """A process of the product with its output; ended with everything it started."""

    def __init__(self, command: list[str], *, cwd: Path, env: dict[str, str], stdin: str | None = None) -> None:
        self.lines = Lines()
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            text=True,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = self.lines.read(self.process.stdout)
        self._mark = env["BATON_HOME"]
        if stdin is not None and self.process.stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.close()

    def saying(self, words: str, *, within: float = PATIENCE_S) -> str:
        """The line that has these words, once it was written; fails at once when the process ends without it."""

        def found() -> str | None:
            line = next((line for line in list(self.lines.said) if words in line), None)
            assert line or self.process.poll() is None, f"ended without saying {words!r}:\n{self.lines.text}"
            return line

        try:
            return until(found, f"a line with {words!r}", within=within)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; it said:\n{self.lines.text}") from None

    def ended(self, *, within: float = 30.0) -> int:
        """Its exit code, all its output read."""
        code = self.process.wait(timeout=within)
        self._reader.join(timeout=5)
        return code

    def interrupt(self, *, within: float = 30.0) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.ended(within=within)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)

    def others(self) -> dict[int, str]:
        """The processes that belong to this state folder, besides the first: pid and command line."""
        return {pid: line for pid, line in processes_of(self._mark).items() if pid != self.process.pid}

    def end(self) -> None:
        """However a test went, nothing stays behind."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=25)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=10)
        for pid in processes_of(self._mark):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._reader.join(timeout=5)


def processes_of(home: str) -> dict[int, str]:
    """Running processes whose environment names this state folder."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"BATON_HOME={home}".encode() not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (OSError, PermissionError):
            continue
        if line:  # a zombie has none
            found[int(folder.name)] = line
    return found


class Product(Program):
    """`./baton run` on ports and a state folder of its own.

    As on a small machine, with BATON_LIGHT, which takes less time to start; `whole`: with TensorFlow.
    """

    def __init__(self, tree: Path, home: Path, *arguments: str, whole: bool = False, **env: str) -> None:
        self.tree, self.home = tree, home
        self.port = int(env.pop("PORT", 0) or free_port())
        self.emulator_port = int(env.pop("EMULATOR_PORT", 0) or free_port())
        if not whole:
            env = {"BATON_LIGHT": "1", **env}
        self.env = environment(home, PORT=str(self.port), EMULATOR_PORT=str(self.emulator_port), **env)
        self._token: str | None = None
        super().__init__([sys.executable, "-m", "app.cli", "run", *arguments], cwd=tree, env=self.env)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def emulator_url(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port}"

    def accepting(self) -> Product:
        self.saying("Accepting webhooks at")
        if "--no-emulator" not in self.process.args:  # type: ignore[operator]
            self.saying("Phones to try it on")
        return self

    def answering(self, *, within: float = 240) -> Product:
        self.accepting().saying("The assistant answers.", within=within)
        return self

    def pid_of(self, name: str) -> int | None:
        """The process of this name: gateway, worker, emulator."""
        return next(
            (pid for pid, line in self.others().items() if re.search(rf"(-m app\.|lifeline\.py ){name}\b", line)), None
        )

    # --- the command line

    def run_cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=self.tree,
            env=self.env,
            text=True,
            capture_output=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def cli(self, *arguments: str) -> list[Json]:
        """What a command prints with `--json`, a line each; it must succeed."""
        done = self.run_cli(*arguments, "--json")
        assert done.returncode == 0, f"{arguments} exited {done.returncode}: {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    # --- REST

    @property
    def token(self) -> str:
        """The first operator's, as a person reads it from the screen."""
        if self._token is None:
            self._token = self.saying("Your login").rpartition(" ")[2]
        return self._token

    def rest(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return ask(method, f"{self.url}/api/v1{path}", body, headers=headers)

    def order(self, conversation: str, command: str, body: Any = None) -> Json:
        """take, release or reply by REST; it must succeed."""
        status, answer = self.rest("POST", f"/conversations/{conversation}/{command}", body or {})
        assert status == 200, (command, status, answer)
        return dict(answer)

    # --- the emulator: customers and their phones

    def emulator(self, method: str, path: str, body: Any = None) -> Json:
        status, answer = ask(method, f"{self.emulator_url}/emulator/{path}", body)
        assert status == 200, (path, status, answer)
        return dict(answer)

    def say(self, customer: str, text: str | None = None, *, account: str = ACCOUNT, **what: Any) -> Json:
        """A customer writes; the webhook must be accepted. Answers with the message's id."""
        said = {"text": text} if text is not None else {}
        told = self.emulator("POST", "say", {"account": account, "customer": customer, **said, **what})
        assert told["status"] in (200, [200] * what.get("times", 1)), told
        return told

    def chat(self, customer: str) -> list[Json]:
        """What the phone shows, reactions and reads left out."""
        items = self.emulator("GET", f"chat?customer={customer}")["items"]
        return [item for item in items if item["kind"] != "reaction"]

    def answers(self, customer: str) -> list[str]:
        """What the business wrote to this phone, oldest first."""
        return [item["text"] for item in self.chat(customer) if item["by"] == "business"]

    def answered(self, customer: str, count: int, *, within: float = PATIENCE_S) -> list[str]:
        """The business's messages once there are this many."""
        try:
            until(lambda: len(self.answers(customer)) >= count, f"{count} answers", within=within)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; the phone shows {self.chat(customer)}") from None
        return self.answers(customer)

    def ask_and_hear(
        self, customer: str, text: str | None, *, count: int = 1, after: int = 0, **what: Any
    ) -> list[str]:
        """Writes and waits for that many new messages; what is new. `after`: so many are there, or still come."""
        before = len(self.answered(customer, after))
        self.say(customer, text, **what)
        return self.answered(customer, before + count)[before:]

    # --- conversations as operators see them

    def find(self, customer: str) -> Json | None:
        status, answer = self.rest("GET", f"/conversations?address={quote(customer)}")
        assert status == 200, answer
        return answer["items"][0] if answer["items"] else None

    def conversation(self, customer: str) -> Json:
        return until(lambda: self.find(customer), f"a conversation with {customer}", within=10)

    def messages(self, customer: str) -> list[Json]:
        status, answer = self.rest("GET", f"/conversations/{self.conversation(customer)['id']}/messages?limit=200")
        assert status == 200, answer
        return list(answer["items"])

    def decided(self, customer: str, provider_id: str, *, within: float = PATIENCE_S) -> Json:
        """The customer's message, once its verdict is known."""

        def found() -> Json | None:
            ours = (m for m in self.messages(customer) if m["provider_id"] == provider_id)
            return next((m for m in ours if m["verdict"]), None)

        return until(found, f"a verdict on {provider_id}", within=within)

    def handled(self, customer: str, text: str, **what: Any) -> Json:
        """A customer writes; the message as it stands once the runtime is through with it."""
        return self.decided(customer, self.say(customer, text, **what)["id"])


#: The fixture `start`: starts a product for one test.
Start = Callable[..., Product]


def unused_number() -> Iterator[str]:
    """Phone numbers nobody has used in this run."""
    number = 5511970000000
    while True:
        number += 1
        yield str(number)
