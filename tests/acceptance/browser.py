"""A real browser for the tests of pages; nothing may go wrong in its console."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

DEADLINE_MS = 30_000
#: What Chromium writes for any answer that is not a success, and for a server that is away: both are part of a test.
_EXPECTED = ("Failed to load resource", "WebSocket connection to")


@contextlib.contextmanager
def opened() -> Iterator[Any]:
    """Chromium, with the means to open windows; skips where there is none, and fails where there must be one."""
    if os.environ.get("BATON_NO_BROWSER") == "1":
        pytest.skip("left out: BATON_NO_BROWSER=1")
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = os.environ.get("BATON_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("there is no browser: set BATON_CHROMIUM")
        pytest.skip("there is no browser here: set BATON_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def watched(page: Any, wrong: list[str]) -> Any:
    """The page; what goes wrong in it is added to the list: errors in its console, and those nobody caught."""

    def heard(message: Any) -> None:
        if message.type == "error" and not message.text.startswith(_EXPECTED):
            wrong.append(message.text)

    page.set_default_timeout(DEADLINE_MS)
    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page
