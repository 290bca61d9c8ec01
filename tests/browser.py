"""A real browser for the tests of pages; nothing may go wrong in its console.

Where a page lets no string run as a script, `wait_for_function` with an expression works only if it holds at once:
there, wait for what a locator finds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

DEADLINE_MS = 30_000
#: What Chromium writes for any answer that is not a success, and for a server that is away: both are part of a test.
_EXPECTED = ("Failed to load resource", "WebSocket connection to")


@contextlib.contextmanager
def opened() -> Iterator[Any]:
    """Chromium, with the means to open windows; skips where there is none, and fails where there must be one."""
    with _api("sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(**_how())
        try:
            yield browser
        finally:
            browser.close()


@contextlib.asynccontextmanager
async def opened_beside() -> AsyncIterator[Any]:
    """As `opened`, for a test that serves the page from its own loop."""
    async with _api("async_api").async_playwright() as playwright:
        browser = await playwright.chromium.launch(**_how())
        try:
            yield browser
        finally:
            await browser.close()


def _api(name: str) -> Any:
    if os.environ.get("BATON_NO_BROWSER") == "1":
        pytest.skip("left out: BATON_NO_BROWSER=1")
    return pytest.importorskip(f"playwright.{name}")


def _how() -> dict[str, Any]:
    chromium = os.environ.get("BATON_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("there is no browser: set BATON_CHROMIUM")
        pytest.skip("there is no browser here: set BATON_CHROMIUM")
    return {"executable_path": chromium, "args": ["--no-sandbox"]}


def watched(page: Any, wrong: list[str], *, expected: tuple[str, ...] = _EXPECTED) -> Any:
    """The page; what goes wrong in it is added to the list: errors in its console that do not begin as expected, and
    those nobody caught."""

    def heard(message: Any) -> None:
        if message.type == "error" and not message.text.startswith(expected):
            wrong.append(message.text)

    page.set_default_timeout(DEADLINE_MS)
    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page
