"""What docs/connecting.md shows is there: its commands are read, its addresses answered, in both languages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from app import cli
from app.settings import ROOT
from connectors.instagram_login import SCOPES

PAGES = [ROOT / "docs" / name for name in ("connecting.md", "connecting.pt-BR.md")]
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def commands(page: Path) -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("./baton")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


@page
def test_its_commands_are_words_that_the_command_line_knows(page: Path) -> None:
    found = commands(page)
    assert len(found) == 4
    for words in found:
        assert cli.parser().parse_args(words).command == "account"


@page
def test_its_addresses_are_those_of_what_runs(page: Path) -> None:
    text, running = page.read_text(), yaml.safe_load((ROOT / "credentials.yml").read_text())
    for name in ("whatsapp", "messenger", "instagram"):
        assert f"`/webhooks/{name}/webhook`" in text
        assert any(path.startswith(f"connectors.{name}.") for path in running)
    for address, registered in (
        ("/meta/deauthorize", "handover.meta_callbacks.MetaCallbacks"),
        ("/meta/data-deletion", "handover.meta_callbacks.MetaCallbacks"),
        ("/connect/instagram/callback", "handover.instagram_connect.InstagramConnect"),
    ):
        assert address in text
        assert registered in running


@page
def test_its_permissions_are_those_that_are_asked_for(page: Path) -> None:
    assert all(f"`{scope}`" in page.read_text() for scope in SCOPES)


def test_both_languages_say_the_same() -> None:
    english, portuguese = ((commands(p), len(re.findall("^(## |[|])", p.read_text(), re.MULTILINE))) for p in PAGES)
    assert english == portuguese
