"""A build of an existing dashboard is used in a browser, on the running product, by somebody who waits for facts.

    ./baton bench dashboard-pages --pages http://127.0.0.1:4173

The pages are not part of this project. In a folder of your own:

    git clone https://github.com/caiogn-dev/pastita-dash && cd pastita-dash && git checkout REVISION
    npm ci
    VITE_API_URL=http://127.0.0.1:18080/api/v1 npm run build
    npx vite preview --host 127.0.0.1 --port 4173 --strictPort

The whole product runs on its own state at --port (18080), which the build has baked in; the pages' own address may ask
it (BATON_CORS_ORIGINS). Chromium does what the steps in bench/walks/ say: somebody signs in, reads, answers, presses
Humano and Bot, approves and rejects, switches agents and accounts, while customers write through the emulator. A step
waits for what a person would see, for what reached the customer, or for the assistant's silence.

  steps        walked: `passed`, and `failed` with what was missing and a picture of the page
  http_errors  our answers of 400 and more, or none at all; those that belong to a step are not counted
  page_errors  errors in the console and on the page, and pages that broke
  not_yet      refused with 501: listed in docs/dashboard.md
  beyond       refused with 404: asked of other systems, or by later revisions of the pages

Breaks (exit 1) unless all steps pass, with no error of ours and none of the page. Groups of steps: sign-in, WhatsApp
inbox, all channels, handover queue, agents, WhatsApp accounts, connections, Instagram, Messenger, earlier pages. --only
TEXT walks those groups with this in their name, --without TEXT leaves groups out that a revision has no pages for.
--earlier-at PATH says where Instagram and Messenger of the first generation are; without it they are left out.
--sabotage plants a fault of `./baton bench dashboard`, and the run must break. BATON_CHROMIUM names the browser."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bench.dashboards.given import PASSWORD, Scene
from bench.dashboards.page import Page
from bench.harness import entry, product, sabotage, state
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options
from bench.harness.state import Cast
from bench.walks import accounts, agents, all_channels, earlier, instagram, messenger, queue, sign_in, whatsapp_inbox
from bench.walks.group import Group, Step
from bench.walks.walk import WAIT_MS, NotSo, Walk, signed_in
from bench.walks.watch import Watch
from conversation.channel_settings import ChannelSettings

_GROUPS = (
    sign_in.GROUP,
    whatsapp_inbox.GROUP,
    all_channels.GROUP,
    queue.GROUP,
    agents.GROUP,
    accounts.NUMBERS,
    accounts.CONNECTIONS,
    instagram.GROUP,
    messenger.GROUP,
    earlier.GROUP,
)
#: The sign-in page takes only what looks like an e-mail address; an operator's name may look so.
_OPERATOR = "ana@shop.example"
#: What a person would miss; a token in an answer is on no page.
_SABOTAGES = tuple(name for name in sabotage.OF_DASHBOARDS if name != "token-shown")
_APP_SECRET = "bench-app-secret-of-the-installation"
_BUSINESS = "300000000000001"
_BROKEN_PAGE = "[data-error-boundary]"
_SIZE = {"width": 1400, "height": 900}


@dataclass(kw_only=True)
class Walked:
    passed: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)


async def measure(chosen: argparse.Namespace) -> Result:
    groups = _wanted(chosen)
    origin = await _served_at(chosen.pages)
    screens = _folder(chosen.screens)
    options = Options(
        cast=Cast(numbers=_numbers()),
        dialogue=chosen.dialogue,
        points=False,
        port=chosen.port,
        sabotage=chosen.sabotage,
        emulated_by_token=True,
        # Accounts with a token of their own want the secret of an app.
        environment={"BATON_CORS_ORIGINS": origin, "META_APP_SECRET": _APP_SECRET},
        emulator={"delivered_after_ms": 300},
    )
    async with _browser(headed=chosen.headed) as browser, product.running(options) as running:
        page = Page(http=running.http, address=running.address, token=running.operators.token)
        scene = Scene(product=running, page=page)
        await scene.begin()
        await scene.own("POST", "operators", {"name": _OPERATOR, "role": "admin", "password": PASSWORD})
        await _has_templates(scene)
        watch = Watch(running.address)
        walking = Walking(chosen=chosen, scene=scene, watch=watch, browser=browser, screens=screens)
        for group in groups:
            await _walk(group, walking)
        walked = walking.walked
        if watch.elsewhere and not (walked.passed or watch.http_errors):
            raise CannotMeasure(
                f"The pages ask {', '.join(sorted(watch.elsewhere))}, not {running.address}. "
                f"Build them with VITE_API_URL={running.address}/api/v1"
            )
    return _result(chosen, walked, watch)


@dataclass(frozen=True, kw_only=True)
class Walking:
    chosen: argparse.Namespace
    scene: Scene
    watch: Watch
    browser: Any
    screens: Path
    walked: Walked = field(default_factory=Walked)


async def _walk(group: Group, walking: Walking) -> None:
    """In a window of its own, as on a computer nobody used before."""
    context = await walking.browser.new_context(viewport=_SIZE, locale="pt-BR")
    try:
        token = ""
        if group.signed_in:
            token = await _sign_in(walking.scene)
            await context.add_init_script(signed_in(token, _OPERATOR))
        shown = await context.new_page()
        shown.set_default_timeout(WAIT_MS)
        walking.watch.on(shown)
        walk = Walk(
            scene=walking.scene,
            page=shown,
            pages=str(walking.chosen.pages).rstrip("/"),
            watch=walking.watch,
            operator=_OPERATOR,
            password=PASSWORD,
            queue_at=walking.chosen.queue_at,
            earlier_at=(walking.chosen.earlier_at or "").rstrip("/"),
        )
        for number, step in enumerate(group.steps, 1):
            await _one(group, number, step, walk, walking)
        await walk.leave()
    finally:
        await context.close()


async def _one(group: Group, number: int, step: Step, walk: Walk, walking: Walking) -> None:
    from playwright.async_api import Error

    label = walking.watch.during = group.label(step)
    picture = walking.screens / f"{group.name.replace(' ', '-')}-{number:02}-{step.__name__}.png"
    wrong: str | None = None
    try:
        await step(walk)
    except (NotSo, CannotMeasure, Error, RuntimeError, KeyError, TypeError) as error:
        wrong = f"{type(error).__name__}: {error}"
    if await walk.page.locator(_BROKEN_PAGE).count():
        told = await walk.page.locator(_BROKEN_PAGE).first.inner_text()
        walking.watch.page_errors.append(f"{label}: the page broke: {told[:300]}")
    if wrong is not None or walking.chosen.screens:
        with contextlib.suppress(Error):
            await walk.page.screenshot(path=str(picture))
    if wrong is None:
        walking.walked.passed.append(label)
        say(f"ok    {label}")
        return
    walking.walked.failed.append({"step": label, "missing": wrong, "picture": str(picture)})
    say(f"FAIL  {label}\n      {wrong.splitlines()[0]}\n      {picture}")


async def _has_templates(scene: Scene) -> None:
    """The emulator's number is of the business that our account says it is of."""
    known = {"channel": "whatsapp", "id": scene.accounts["whatsapp"][1], "business_id": _BUSINESS}
    await scene.product.emulator.ask("POST", "accounts", known)


def _folder(wanted: str | None) -> Path:
    found = Path(wanted or tempfile.mkdtemp(prefix="baton-pages-"))
    found.mkdir(parents=True, exist_ok=True)
    return found


async def _sign_in(scene: Scene) -> str:
    asked = {"email": _OPERATOR, "password": PASSWORD}
    answer = await scene.page.signed_out().ask("POST", "/auth/login/", asked)
    if answer.status != 200:
        raise CannotMeasure(f"Nobody can sign in: {answer}")
    return str(answer.body["token"])


def _numbers() -> list[state.Number]:
    waba = ChannelSettings(waba_id=_BUSINESS)
    return [
        *state.many(1, channel_settings=waba),
        *state.many(1, channel="messenger"),
        *state.many(1, channel="instagram"),
    ]


def _wanted(chosen: argparse.Namespace) -> list[Group]:
    found = [
        group
        for group in _GROUPS
        if chosen.only.lower() in group.name.lower()
        and not any(text.lower() in group.name.lower() for text in chosen.without)
        and not (group.earlier and chosen.earlier_at is None)
    ]
    if not found:
        raise CannotMeasure(f"There is no such group. There are: {', '.join(group.name for group in _GROUPS)}.")
    return found


async def _served_at(pages: str | None) -> str:
    """The pages' origin, once it is sure that something is served there."""
    if pages is None:
        raise CannotMeasure(
            "--pages says where a build of the dashboard is served. The pages are not part of this project; "
            "./baton bench dashboard-pages --help tells how they are built and served."
        )
    split = urlsplit(pages)
    try:
        async with aiohttp.ClientSession() as http, http.get(pages) as response:
            is_page = response.status == 200 and "text/html" in response.headers.get("Content-Type", "")
    except (aiohttp.ClientError, ValueError) as error:
        raise CannotMeasure(f"Nothing is served at {pages}: {error}") from error
    if not is_page:
        raise CannotMeasure(f"What is served at {pages} is no page.")
    return f"{split.scheme}://{split.netloc}"


@contextlib.asynccontextmanager
async def _browser(*, headed: bool) -> AsyncIterator[Any]:
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise CannotMeasure("Playwright is not installed: ./baton test installs it.") from error
    chromium = os.environ.get("BATON_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise CannotMeasure("There is no Chromium here: BATON_CHROMIUM names one.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, headless=not headed, args=["--no-sandbox"], slow_mo=300 if headed else 0
        )
        try:
            yield browser
        finally:
            await browser.close()


def _result(chosen: argparse.Namespace, walked: Walked, watch: Watch) -> Result:
    for told in (*watch.http_errors, *watch.page_errors):
        say(f"      {told}")
    figures = {
        "bench": "dashboard-pages",
        "sabotage": chosen.sabotage,
        "steps": len(walked.passed) + len(walked.failed),
        "passed": len(walked.passed),
        "failed": walked.failed,
        "http_errors": watch.http_errors,
        "page_errors": watch.page_errors,
        "not_yet": sorted(watch.not_yet),
        "beyond": sorted(watch.beyond),
    }
    broken = {
        "steps failed": len(walked.failed),
        "answers were errors": len(watch.http_errors),
        "errors are on the pages": len(watch.page_errors),
    }
    return Result(figures=figures, broken=[f"{count} {what}" for what, count in broken.items() if count])


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench dashboard-pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--pages", metavar="URL", help="where the build is served")
    made.add_argument("--port", type=int, default=18080, help="where the product is to be: as in the build")
    made.add_argument("--only", default="", metavar="TEXT")
    made.add_argument("--without", action="append", default=[], metavar="TEXT")
    made.add_argument("--queue-at", default="/whatsapp/handover", metavar="PATH", help="the page of those who wait")
    made.add_argument("--earlier-at", metavar="PATH", help='/ for a build of that time; "/x" where they are under it')
    made.add_argument("--sabotage", choices=_SABOTAGES)
    made.add_argument("--dialogue", choices=("scripted", "rasa"), default="scripted")
    made.add_argument("--screens", metavar="DIR", help="a picture after each step, not only of those that failed")
    made.add_argument("--headed", action="store_true", help="in a window one can look at, slowly")
    return entry.run(measure(made.parse_args(argv)))
