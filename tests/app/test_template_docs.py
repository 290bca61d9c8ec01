"""What docs/templates.md shows is there, in both languages: its commands are read, its limits are ours."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from app import cli
from app.settings import ROOT
from connectors import whatsapp_news
from conversation.business_profile import LONGEST

page = pytest.mark.parametrize(
    "page", [ROOT / "docs" / name for name in ("templates.md", "templates.pt-BR.md")], ids=lambda path: path.name
)


@page
def test_its_commands_fields_and_limits_are_those_there_are(page: Path) -> None:
    text = page.read_text()
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    commands = [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]
    assert len(commands) == 11
    for words in commands:
        assert cli.parser(words[0]).parse_args(words).word == words[1]
    for name in (*whatsapp_news.FIELDS, *LONGEST):
        assert f"`{name}`" in text, name
    for most in LONGEST.values():
        assert str(most) in text
