"""What docs/privacy.md shows is done here as it stands there, in both languages; its table names what is kept."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from app.settings import ROOT
from conversation.retention_settings import DEFAULTS
from store import personal
from tests.app.test_alert_docs import blocks
from tests.app.test_cli import Shell, shell  # noqa: F401
from tests.app.test_cli_of_contacts import contact  # noqa: F401

PAGES = [ROOT / "docs" / name for name in ("privacy.md", "privacy.pt-BR.md")]
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


@page
def test_its_commands_do_what_they_say(
    page: Path,
    shell: Shell,  # noqa: F811
    contact: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BATON_CALLER_DIR", str(shell.home.parent))
    said = {}
    for line in (line for block in blocks(page, "sh") for line in block.splitlines()):
        words = shlex.split(line, comments=True)
        if words[0] == "rm":
            (shell.home.parent / words[1]).unlink()
            continue
        code, out, err = shell.run(*words[1:])
        assert code == (1 if "--save" in words else 0), (line, out, err)
        said[line] = out
    assert len(said) == 17
    after = next(out for line, out in said.items() if "--from" in line)
    assert after.endswith("No traces.\n")
    shown = [out for line, out in said.items() if "account privacy" in line][-1]
    assert "says_assistant: true" in shown
    assert "atender você" in shown
    assert "llm_sees_contact: true" in shown


@page
def test_its_table_names_what_is_kept_of_people(page: Path) -> None:
    named = set(re.findall(r"`(\w+)`", "".join(line for line in page.read_text().splitlines() if line[:1] == "|")))
    of_moments = {"held_echoes", "buttons", "timers", "deadlines", "leases", "idempotency_keys"}  # gone within days
    own_way = {"contacts", "addresses", "media", "webhooks", "webhook_events"}
    assert (set(personal.OF_CONVERSATION) - of_moments) | own_way <= named


@page
def test_the_days_it_tells_are_those_of_the_settings(page: Path) -> None:
    days = {name: f"{DEFAULTS[name]} " for name in ("webhooks", "notices", "alerts", "mailbox", "outbox", "llm_calls")}
    for name, count in days.items():
        (line,) = [line for line in page.read_text().splitlines() if line[:1] == "|" and f"`{name}`" in line]
        assert count in line


def test_both_languages_show_the_same() -> None:
    english, portuguese = (page.read_text() for page in PAGES)
    assert len(blocks(PAGES[0], "sh")) == len(blocks(PAGES[1], "sh"))
    assert len(re.findall("^## ", english, re.MULTILINE)) == len(re.findall("^## ", portuguese, re.MULTILINE))
    assert len(re.findall(r"^\| ", english, re.MULTILINE)) == len(re.findall(r"^\| ", portuguese, re.MULTILINE))
