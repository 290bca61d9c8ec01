"""A part of Graph API beside sending: it looks at a request, and answers it or leaves it to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.fields import Json
from emulator.people import Account


@dataclass(frozen=True, kw_only=True)
class GraphRequest:
    """A request whose body has been read. `account` is set when the path starts with one of ours."""

    method: str
    path: list[str]  # without the version
    query: Mapping[str, str]
    body: Any = None  # of JSON or of a form; a multipart body is in `raw` alone
    account: Account | None = None
    token: str = field(default="", repr=False)  # what came after Bearer
    token_ok: bool = False
    raw: bytes = field(default=b"", repr=False)
    content_type: str = ""  # the whole header, with a multipart body's boundary
    origin: str = ""  # where this emulator was asked: http://127.0.0.1:5006


class GraphPath(Protocol):
    """One such part. `name` is the kind its requests have in the journal; it refuses by GraphError."""

    name: str

    def answer(self, request: GraphRequest) -> Json | None:
        """None: not one of mine. Whether the token is good enough is asked here too."""
        ...
