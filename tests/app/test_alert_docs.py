"""What docs/alerts.md shows is done here as it stands there: its commands, its body, its check of a signature."""

from __future__ import annotations

import json
import re
import shlex
import time
from pathlib import Path
from typing import Any

import pytest

from app.settings import ROOT
from handover.alert_schemas import NewRuleBody
from runtime.alert_signature import signature
from tests.app.test_cli import Shell, shell  # noqa: F401

PAGES = [ROOT / "docs" / name for name in ("alerts.md", "alerts.pt-BR.md")]
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.DOTALL)


@page
def test_its_python_knows_our_signature_and_nobody_elses(page: Path) -> None:
    (code,) = blocks(page, "python")
    names: dict[str, Any] = {}
    exec(code, names)
    check, now, body = names["is_from_baton"], int(time.time()), '{"contact": "João"}'.encode()
    assert check("bs_one", signature("bs_one", body, now), body)
    assert not check("bs_two", signature("bs_one", body, now), body)
    assert not check("bs_one", signature("bs_one", body, now), body + b" ")
    assert not check("bs_one", signature("bs_one", body, now - 3600), body)  # an old one, sent once more
    assert not check("bs_one", f"t={now},v1=" + signature("bs_one", body, now - 1)[-64:], body)


@page
def test_its_commands_do_what_they_say(page: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("SMTP_URL", "smtps://user:password@mail.example.com:465")
    monkeypatch.setenv("SMTP_FROM", "Cantina <baton@example.com>")
    telegram = "https://api.telegram.org/bot1:x/sendMessage\n"
    monkeypatch.setattr("sys.stdin.readline", lambda: telegram, raising=False)
    for words in (("operator", "add", "ana"), ("operator", "add", "ben"), ("team", "add", "Sales")):
        assert shell.run(*words)[0] == 0
    commands = [line for block in blocks(page, "sh") for line in block.splitlines() if " add " in line]
    assert len(commands) == 8
    for line in commands:
        code, out, err = shell.run(*shlex.split(line)[1:])
        assert code == 0, err
        assert "tells" in out
    assert len(shell.lines("alert", "list")) == len(commands)


@page
def test_the_body_it_shows_is_one_that_the_api_takes(page: Path) -> None:
    import msgspec

    *_, last = blocks(page, "json")
    made = msgspec.json.decode(last, type=NewRuleBody)
    assert made.given_settings()["shape"] == "ntfy"
    assert json.loads(last)["means"] == made.means.value


def test_both_languages_show_the_same() -> None:
    english, portuguese = ([len(blocks(page, kind)) for kind in ("sh", "json", "python")] for page in PAGES)
    assert english == portuguese
    headings = [len(re.findall("^## ", page.read_text(), re.MULTILINE)) for page in PAGES]
    assert headings[0] == headings[1]
