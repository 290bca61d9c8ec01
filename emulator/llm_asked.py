"""A request to the stand-in for language models, as it was read, and as its journal keeps it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from emulator.fields import Json

_KEPT = 200


class Refused(Exception):
    """A request that its API would not take."""

    def __init__(
        self, message: str, *, status: int = 400, code: str = "", param: str | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param
        self.headers = {"Retry-After": str(retry_after_s)} if retry_after_s else {}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`parameters`: all but model, messages and system."""

    model: str
    messages: list[Json]
    system: str
    parameters: Json
    stream: bool

    @property
    def last(self) -> str:
        """What the customer said."""
        return next((_words(m.get("content")) for m in reversed(self.messages) if m.get("role") == "user"), "")

    @property
    def all_words(self) -> str:
        return self.system + "".join(_words(message.get("content")) for message in self.messages)


def read(body: Any) -> Asked:
    if not isinstance(body, dict):
        raise Refused("We could not parse the JSON body of your request.")
    model, messages = body.get("model"), body.get("messages")
    if not isinstance(model, str) or not model:
        raise Refused("you must provide a model parameter", param="model")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise Refused("messages must be a list of messages", param="messages")
    known = ("model", "messages", "system", "stream")
    return Asked(
        model=model,
        messages=messages,
        system=_words(body.get("system")),
        parameters={key: value for key, value in body.items() if key not in known},
        stream=body.get("stream") is True,
    )


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "".join(str(block.get("text", "")) for block in blocks if isinstance(block, dict))


@dataclass(kw_only=True)
class Entry:
    """One request. The key is not kept, of the headers only the names."""

    n: int = 0
    at_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    received_ns: int = field(default_factory=time.monotonic_ns)
    ended_ns: int | None = None
    path: str
    headers: list[str]
    authorized: bool
    model: str | None = None
    system: str = ""
    messages: list[Json] = field(default_factory=list)
    parameters: Json = field(default_factory=dict)
    stream: bool = False
    did: str = ""
    status: int | None = None
    bytes: int = 0  # of the answer, given to the connection
    cut: str | None = None  # "fault": we cut it; "caller": the caller had gone

    def shown(self) -> Json:
        return dict(self.__dict__)


class Journal:
    """The newest requests, numbered as they came."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self.last = 0

    def add(self, entry: Entry) -> None:
        self.last += 1
        entry.n = self.last
        self._entries.append(entry)

    def after(self, n: int) -> list[Entry]:
        return [entry for entry in self._entries if entry.n > n]

    def clear(self) -> None:
        self._entries.clear()
