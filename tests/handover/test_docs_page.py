"""/api/v1/docs: every operation can be read and tried there, with nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import browser, services
from tests.handover.conftest import Api

PAGE = Path(__file__).resolve().parents[2] / "handover" / "docs_page"


@services.sqlite_only
async def test_it_is_made_of_our_own_files_and_may_load_no_others(api: Api) -> None:
    async with api.session.get(f"{api.address}/api/v1/docs") as page:
        assert page.status == 200 and page.content_type == "text/html"
        policy, text = page.headers["Content-Security-Policy"], await page.text()
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    parts = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert not [part for part in parts if "//" in part] and "<script>" not in text
    for part in ("docs/docs.js", "docs/docs.css"):
        assert part in parts
        async with api.session.get(f"{api.address}/api/v1/{part}") as answer:
            assert answer.status == 200 and answer.headers["X-Content-Type-Options"] == "nosniff"


@services.sqlite_only
@pytest.mark.parametrize("name", ["..%2fopenapi.py", "%2e%2e", "nothing.js", "..%2f..%2fbaton"])
async def test_nothing_else_can_be_had_there(api: Api, name: str) -> None:
    async with api.session.get(f"{api.address}/api/v1/docs/{name}") as answer:
        assert answer.status == 404


@services.sqlite_only
@pytest.mark.browser
async def test_an_operation_is_found_and_tried(api: Api) -> None:
    wrong: list[str] = []
    async with browser.opened_beside() as chromium:
        page = browser.watched(await chromium.new_page(), wrong, expected=())
        await page.goto(f"{api.address}/api/v1/docs")
        await page.locator("#add_canned").wait_for()
        await page.fill("#token", api.tokens["chefe"])
        await page.fill("#find", "add_canned")
        await page.locator("details:visible").nth(1).wait_for()
        assert await page.locator("#operations details:visible").count() == 1

        await page.click("#add_canned summary")
        body = '{"shortcut": "oi", "language": "pt", "text": "Oi, tudo bem?"}'
        await page.fill("#add_canned textarea", body)
        await page.click("#add_canned button")
        await page.locator("#add_canned .status").wait_for()

        assert await page.locator("#add_canned .status").inner_text() == "200"
        assert "tudo bem" in await page.locator("#add_canned pre").inner_text()
    assert wrong == []
    assert (await api.get("/canned"))[1]["items"][0]["text"] == "Oi, tudo bem?"


def test_what_the_description_says_is_never_markup() -> None:
    script = (PAGE / "docs.js").read_text("utf-8")

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|localStorage", script)
