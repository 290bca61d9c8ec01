"""What a browser shows nobody: answers that refuse, requests that never came back, errors in the console."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_API = "/api/v1/"
#: What is asked of the six systems; all else is another product's, and 404 is its right answer.
_OURS = re.compile(r"^(auth|whatsapp|conversations|handover|agents|instagram|messenger|messaging/messenger)/")
#: Asked by later revisions of the pages than the ones we were made for. Whatever is refused there is no fault.
_LATER = re.compile(
    r"^conversations/(fila-humana/|[^/]+/(assumir|devolver-ao-bot|contexto-do-bot)/)"
    r"|^(notifications|stores|automation|instagram/(media|insights|stories|scheduled))"
)
#: Chromium's own line for each answer that is no success: those are told better as answers.
_SAID_TWICE = ("Failed to load resource",)
#: A page that is left takes its requests back.
_LEFT = ("net::ERR_ABORTED",)


class Watch:
    """`during`: the step that is being walked; it stands in each line, so that a reader finds the place."""

    def __init__(self, address: str) -> None:
        self._address, self._expected = address, set[str]()
        self.during = ""
        self.http_errors: list[str] = []
        self.page_errors: list[str] = []
        self.not_yet: set[str] = set()
        self.beyond: set[str] = set()
        #: Whom the pages ask instead of us: they were built for another address.
        self.elsewhere: set[str] = set()
        self._answered_beyond = False

    def on(self, page: Any) -> None:
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)
        page.on("console", self._told)
        page.on("pageerror", lambda error: self._wrong(f"uncaught: {error}"))

    @contextlib.contextmanager
    def expecting(self, *what: str) -> Iterator[None]:
        """A refusal that belongs to the step: "401 POST auth/login/". What the page logs of it too."""
        self._expected |= set(what)
        try:
            yield
        finally:
            self._expected -= set(what)

    def _answered(self, response: Any) -> None:
        request, status = response.request, response.status
        path = self._path(request.url)
        if path is None or request.method == "OPTIONS":
            if request.resource_type in ("xhr", "fetch") and path is None:
                self.elsewhere.add(_origin(request.url))
            return
        if status < 400:
            return
        line = f"{status} {request.method} {path}"
        if line in self._expected:
            return
        if status == 501:
            self.not_yet.add(f"{request.method} {_nameless(path)}")
        elif _LATER.match(path) or not _OURS.match(path):
            self.beyond.add(f"{request.method} {_nameless(path)}")
            self._answered_beyond = True
        else:
            self.http_errors.append(f"{self.during}: {line}")

    def _failed(self, request: Any) -> None:
        """No answer, or one that the browser keeps from the page (CORS)."""
        path, why = self._path(request.url), request.failure or ""
        if path is not None and not why.startswith(_LEFT):
            self.http_errors.append(f"{self.during}: {request.method} {path} failed, {why}")
        elif path is None and request.resource_type in ("xhr", "fetch"):
            self.elsewhere.add(_origin(request.url))

    def _told(self, message: Any) -> None:
        text = message.text
        if message.type != "error" or text.startswith(_SAID_TWICE) or self._expected:
            return
        # What the pages say of what they asked of another product is not about us.
        if self._answered_beyond and "404" in text:
            return
        self._wrong(f"console: {text}")

    def _wrong(self, what: str) -> None:
        self.page_errors.append(f"{self.during}: {what[:500]}")

    def _path(self, url: str) -> str | None:
        return url[len(self._address + _API) :].partition("?")[0] if url.startswith(self._address + _API) else None


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _nameless(path: str) -> str:
    """With whatever names one thing left out."""
    parts = [("{id}" if re.search(r"\d", part) else part) for part in path.split("/")]
    return "/".join(parts)
