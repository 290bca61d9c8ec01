"""`bench dashboard-pages`: what it needs is told, and its watch over a real browser misses nothing that is ours."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bench import dashboard_pages
from bench.walks.watch import Watch

ADDRESS, PAGES = "http://product.example:18080", "http://pages.example"
ASKED = {
    "auth/login/": 401,
    "conversations/": 500,
    "conversations/cnv_1/": 404,
    "whatsapp/accounts/acc_1/qr/": 501,
    "conversations/cnv_1/contexto-do-bot/": 404,
    "stores/stores/": 404,
    "agents/": 200,
}


@pytest.mark.parametrize("pages", [(), ("--pages", "http://127.0.0.1:9/")])
def test_without_pages_it_tells_what_it_needs(pages: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert dashboard_pages.main(pages) == 1
    told = json.loads(capsys.readouterr().out)["error"]
    assert "--help tells" in told if not pages else "Nothing is served at http://127.0.0.1:9/" in told
    assert "npm run build" in str(dashboard_pages.__doc__)


def test_each_step_of_each_group_is_called_by_a_name_of_its_own() -> None:
    labels = [group.label(step) for group in dashboard_pages._GROUPS for step in group.steps]
    assert len(set(labels)) == len(labels) > 80


async def test_what_is_ours_and_refused_is_an_error_and_what_is_not_is_not() -> None:
    async with _browser() as browser:
        page = await browser.new_page()
        watch = Watch(ADDRESS)
        watch.on(page)
        watch.during = "here"
        await page.route("**/*", _answer)
        await page.goto(f"{PAGES}/")
        with watch.expecting("401 POST auth/login/"):
            await _asks(page, "POST", "auth/login/")
        for path in ASKED:
            await _asks(page, "POST" if path.startswith("auth") else "GET", path)
        await _asks(page, "GET", "cut/")
        async with page.expect_event("pageerror"):
            await page.evaluate(
                "() => { console.error('the page is at a loss'); setTimeout(() => { throw Error('x') }) }"
            )

    assert watch.http_errors == [
        "here: 401 POST auth/login/",
        "here: 500 GET conversations/",
        "here: 404 GET conversations/cnv_1/",
        "here: GET cut/ failed, net::ERR_FAILED",
    ]
    assert watch.not_yet == {"GET whatsapp/accounts/{id}/qr/"}
    assert watch.beyond == {"GET conversations/{id}/contexto-do-bot/", "GET stores/stores/"}
    assert watch.page_errors == ["here: console: the page is at a loss", "here: uncaught: x"]


async def _asks(page: Any, method: str, path: str) -> None:
    ask = "([url, method]) => fetch(url, {method}).then(answer => answer.text(), () => null)"
    await page.evaluate(ask, [f"{ADDRESS}/api/v1/{path}", method])


async def _answer(route: Any) -> None:
    """The pages themselves, or the product of this test."""
    if not route.request.url.startswith(ADDRESS):
        return await route.fulfill(status=200, content_type="text/html", body="<p>pages</p>")
    path = route.request.url.partition("/api/v1/")[2]
    if path not in ASKED:
        return await route.abort()
    await route.fulfill(status=ASKED[path], headers={"Access-Control-Allow-Origin": PAGES}, body="{}")


@contextlib.asynccontextmanager
async def _browser() -> AsyncIterator[Any]:
    if os.environ.get("BATON_NO_BROWSER") == "1":
        pytest.skip("left out: BATON_NO_BROWSER=1")
    if not (os.environ.get("BATON_CHROMIUM") or shutil.which("chromium")):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no browser: set BATON_CHROMIUM")
    async with dashboard_pages._browser(headed=False) as browser:
        yield browser
