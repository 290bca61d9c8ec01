"""docs/dashboard.md, in both languages: its requests are made, its commands read, its rows refused, its names known."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from app import cli, settings
from app.settings import ROOT
from connectors import whatsapp_render
from handover import documented
from handover.dashboard.sockets import DashboardSockets
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.handover.test_api_docs import Reader, blocks
from tests.house import START, Stage
from tests.whatsapp_bodies import body_with, comes, wrote

PAGES = [ROOT / "docs" / name for name in ("dashboard.md", "dashboard.pt-BR.md")]
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)

#: What a name in capitals stands for from then on: as in `test_api_docs`.
NAMES = {
    "TOKEN": ("POST /auth/login/", ("token",)),
    "CONVERSATION": ("GET /conversations/", ("results", 0, "id")),
    "ACCOUNT": ("GET /conversations/", ("results", 0, "account")),
    "PHONE": ("GET /conversations/", ("results", 0, "phone_number")),
}


def words(page: Path) -> str:
    return page.read_text()


def parts(page: Path, kind: str) -> list[str]:
    """Blocks that stand in a list are indented."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^\1```$", words(page), re.DOTALL | re.MULTILINE)
    return [block for _, block in found]


@page
@services.sqlite_only
async def test_every_request_it_shows_is_answered_so(page: Path, stage: Stage, api: Api, tmp_path: Path) -> None:
    stage.channel.render = whatsapp_render.render  # type: ignore[method-assign]
    await comes(stage, body_with(wrote("A pizza veio errada.", "w1", at=int(START.timestamp()))))
    conversation_id = (await api.get("/conversations"))[1]["items"][0]["id"]
    await stage.all_turns(conversation_id)
    maria = {"name": "maria", "role": "operator", "password": "correct horse battery"}
    assert (await api.post("/operators", by="chefe", body=maria))[0] == 200
    reader = Reader(stage, api, tmp_path, NAMES)
    run = 0
    for kind, block in blocks(page):
        if kind == "json" or (kind == "sh" and re.match("curl|# ", block)):
            await getattr(reader, kind)(block)
            run += 1
    assert run == 12


@page
def test_its_commands_are_words_that_the_command_line_knows(page: Path) -> None:
    lines = [line for block in parts(page, "sh") for line in block.splitlines() if line.strip().startswith("./baton")]
    assert len(lines) == 3
    for line in lines:
        cli.parser().parse_args(shlex.split(line)[1:])


@page
def test_the_settings_it_shows_are_taken(page: Path) -> None:
    (line,) = [line for block in parts(page, "sh") for line in block.splitlines() if line.strip()[:6] == "BATON_"]
    given = dict(word.split("=", 1) for word in line.split() if "=" in word)
    chosen = settings.read(given)
    assert chosen.public_url == given["BATON_PUBLIC_URL"]
    assert chosen.cors_origins == (given["BATON_CORS_ORIGINS"],)
    (block,) = parts(page, "yaml")
    ((name, credentials),) = yaml.safe_load(block).items()
    assert name in yaml.safe_load((ROOT / "credentials.yml").read_text())
    assert vars(DashboardSockets.from_credentials(credentials)) != vars(DashboardSockets.from_credentials(None))


@page
@services.sqlite_only
async def test_what_it_lists_as_not_served_yet_is_refused_as_that(page: Path, stage: Stage, dash: Dashboard) -> None:
    rows = [line for line in words(page).splitlines() if re.match(r"\| `(POST|GET|/mess)", line)]
    assert len(rows) == 5
    asked = [
        (found[1] or "GET", found[2].replace("ID", str(stage.account.id)))
        for row in rows
        for found in re.finditer(r"`(?:(POST|GET) )?(/[\w/]+)`", row.split("|")[1])
    ]
    assert len(asked) == 7
    for method, path in asked:
        status, body = await dash.call(method, path, {} if method == "POST" else None)
        assert (status, bool(body["detail"])) == (501, True), path


@page
@services.sqlite_only
async def test_every_socket_it_names_is_there(page: Path, api: Api) -> None:
    named = set(re.findall(r"`(/ws/[\w/]+/)`", words(page)))
    found = [known for route in api.app.router.routes if (known := documented.of(route.handler)) is not None]
    ways = [re.sub("<[^>]+>", r"\\w+", known.path) for known in found if known.path.startswith("/ws/")]
    assert len(named) == 5
    for path in named:
        assert any(re.fullmatch(way, path) for way in ways), path


def test_both_languages_show_the_same() -> None:
    english, portuguese = (words(page) for page in PAGES)
    for kind in ("sh", "json", "yaml"):
        assert parts(PAGES[0], kind) == parts(PAGES[1], kind)
    for lines in ("^## .", r"^\| .", "^- ", r"^\d\. "):
        assert len(re.findall(lines, english, re.MULTILINE)) == len(re.findall(lines, portuguese, re.MULTILINE)), lines


def test_its_roles_are_those_there_are() -> None:
    assert {each.value for each in Role} == set(re.findall(r"^\| `(\w+)` \|", words(PAGES[0]), re.MULTILINE))
