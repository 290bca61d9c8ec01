"""The bus between the processes that share a state folder: each has a socket in it, and says it to all others.

For SQLite, whose gateway and worker are on one machine. Nobody else gets into the folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import socket
import stat
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog

from runtime.bus import BACK, LocalBus, until

log = structlog.get_logger()

#: A socket's path may have about 104 bytes on some systems; a name in the folder takes some of them.
_LONGEST_FOLDER = 80
_LONGEST_WORD = 100_000
#: Who can't take a word now gets it a little later; who does not take so many loses the oldest.
_AGAIN_S = 0.005
_MOST_WORDS = 1_000


class FolderBus(LocalBus):
    def __init__(self, home: Path) -> None:
        super().__init__()
        self._folder = _short(home / "bus")
        self._own = f"{os.getpid()}.{secrets.token_hex(3)}"
        self._waiting: dict[str, deque[bytes]] = {}
        self._retry: asyncio.TimerHandle | None = None
        self._reaches = False

    @property
    def reaches(self) -> bool:
        return self._reaches

    def tell(self, topic: str, facts: Mapping[str, Any]) -> None:
        word = json.dumps([topic, facts]).encode()
        if len(word) > _LONGEST_WORD:
            log.error("bus_word_too_long", topic=topic)
            return
        for name in self._others():
            self._waiting.setdefault(name, deque(maxlen=_MOST_WORDS)).append(word)
        if self._retry is None:
            self._send()

    async def settled(self) -> None:
        await until(lambda: not self._waiting)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            with self._ears() as ears:
                loop.add_reader(ears.fileno(), self._hear, ears)
                self._reaches = True
                self.heard(BACK, {})
                try:
                    await asyncio.Event().wait()
                finally:
                    loop.remove_reader(ears.fileno())
        except OSError as error:
            log.warning("bus_folder_unusable", error=type(error).__name__)
            await asyncio.Event().wait()  # alone, then
        finally:
            self._reaches = False
            if self._retry is not None:
                self._retry.cancel()

    @contextlib.contextmanager
    def _ears(self) -> Iterator[socket.socket]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self._folder.lstat()
        if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077:
            raise PermissionError("it is not ours alone")
        path = self._folder / self._own
        with _socket() as ears:
            ears.bind(str(path))
            try:
                yield ears
            finally:
                path.unlink(missing_ok=True)
                if self._folder.parent == Path(tempfile.gettempdir()):
                    with contextlib.suppress(OSError):  # the last one takes it away
                        self._folder.rmdir()

    def _hear(self, ears: socket.socket) -> None:
        while True:
            try:
                topic, facts = json.loads(ears.recv(_LONGEST_WORD))
            except OSError:  # no more for now
                return
            except ValueError:  # of another version of ours
                continue
            self.heard(topic, facts)

    def _others(self) -> list[str]:
        try:
            return [name for name in os.listdir(self._folder) if name != self._own]
        except OSError:
            return []

    def _send(self) -> None:
        self._retry = None
        with _socket() as voice:
            for name, words in list(self._waiting.items()):
                if _sent(voice, str(self._folder / name), words):
                    del self._waiting[name]
        if self._waiting:
            self._retry = asyncio.get_running_loop().call_later(_AGAIN_S, self._send)


def _sent(voice: socket.socket, path: str, words: deque[bytes]) -> bool:
    """Whether all is said, or nobody is there."""
    while words:
        try:
            voice.sendto(words[0], path)
        except BlockingIOError:
            return False
        except (ConnectionRefusedError, FileNotFoundError):  # its process ended without saying so
            with contextlib.suppress(OSError):
                os.unlink(path)
            return True
        except OSError:
            return True
        words.popleft()
    return True


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made


def _short(folder: Path) -> Path:
    if len(os.fsencode(folder)) <= _LONGEST_FOLDER:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"baton-{os.geteuid()}-{name}"
