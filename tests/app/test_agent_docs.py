"""docs/agents.md, in both languages: its commands are run, its tables are those of the code."""

from __future__ import annotations

import argparse
import io
import re
import shlex
from pathlib import Path

import pytest

from app import cli
from app.commands import agent_facts
from app.settings import ROOT
from conversation import agent_model
from conversation.agent import Provider
from conversation.agent_model import AgentModel
from conversation.providers import KNOWN
from runtime.llm import breaker, lines, waiting
from runtime.llm.provider import Outcome
from tests.app.test_alert_docs import blocks
from tests.app.test_cli import Shell, shell

__all__ = ["shell"]

PAGES = [ROOT / "docs" / name for name in ("agents.md", "agents.pt-BR.md")]
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def rows(page: Path, of: str) -> list[list[str]]:
    """The cells of the table whose first word is `of`."""
    table = re.search(rf"^\| [^|]*{of}[^|]* \|.*\n\|.*\n((?:\|.*\n)+)", page.read_text(), re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


@page
def test_its_commands_do_what_they_say(page: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shell.home.parent
    monkeypatch.setenv("BATON_CALLER_DIR", str(folder))
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-of-the-provider\n"))
    (folder / "clara.txt").write_text("Você é a Clara.")
    (folder / "facts.txt").write_text("Entregamos no centro.")
    shell.line("account", "add", "--channel", "whatsapp", "--id", "100000000000001")
    tried = 0
    for line in (line for block in blocks(page, "sh") for line in block.splitlines()):
        setting, _, command = line.rpartition("./baton ")
        words = shlex.split(command, comments=True)
        for given in setting.split():
            name, _, value = given.partition("=")
            monkeypatch.setenv(name, f"{value},127.0.0.1:5006")  # the stand-in of a Baton that runs, beside it
        if words[:2] == ["agent", "try"]:  # a worker has to run
            tried += 1
            cli.parser().parse_args(words)
        elif words != ["run"]:
            code, _, err = shell.run(*words)
            assert code == 0, (line, err)
    assert tried == 3
    made = {each["name"]: each for each in shell.lines("agent", "list")}
    assert {made[name]["status"] for name in ("clara", "lia", "demo")} == {"active"}
    model = made["clara"]["model"]
    assert (model["system_prompt"], model["context_prompt"]) == ("Você é a Clara.", "Entregamos no centro.")
    assert (model["tokens_per_day"], model["input_price"], model["output_price"]) == (200_000, 0.15, 0.6)


@page
def test_its_providers_are_those_there_are(page: Path) -> None:
    shown = {
        cells[0].strip("`"): [cell.strip("`") for cell in cells[1:]] for cells in rows(page, "(?:provider|provedor)")
    }
    assert list(shown) == [each.value for each in Provider]
    for provider, known in KNOWN.items():
        if provider is not Provider.RASA:
            address, key, model = shown[provider.value]
            assert (address, key in ("yes", "sim"), model) == (known.base_url, known.needs_key, known.model_name)


@page
def test_its_settings_are_those_there_are_with_their_defaults(page: Path) -> None:
    shown, words = {}, set()
    for names, options, default, _ in rows(page, "(?:setting|ajuste)"):
        shown.update(dict.fromkeys(re.findall(r"`(\w+)`", names), default.strip("`")))
        words |= set(re.findall(r"`(--[\w-]+)`", options))
    usual = agent_model.whole(AgentModel())
    assert set(shown) == set(usual)
    for name, default in shown.items():
        if isinstance(usual[name], (int, float)) and not isinstance(usual[name], bool):
            assert float(default.replace(",", ".")) == usual[name], name
    assert shown["asked_when"] == usual["asked_when"]
    parser = argparse.ArgumentParser(add_help=False)
    agent_facts.add_facts(parser)
    known = {word for action in parser._actions for word in action.option_strings}
    assert words == known - {"--description", "--provider", "--key-stdin", "--key-file", "--no-key"}


@page
def test_its_outcomes_and_numbers_are_the_codes(page: Path) -> None:
    shown = {cells[0].strip("`") for cells in rows(page, "(?:outcome|desfecho)")}
    assert shown == {each.value for each in Outcome} - {Outcome.ANSWERED.value}
    text = page.read_text()
    for number in (waiting.AT_ONCE, lines.MOST_LINES):
        assert str(number) in text
    assert breaker.FAILURES == 3
    assert breaker.REST_S == 30


def test_both_languages_show_the_same() -> None:
    english, portuguese = (page.read_text() for page in PAGES)
    assert blocks(PAGES[0], "sh") == blocks(PAGES[1], "sh")
    for lines_ in ("^## .", r"^\| ."):
        assert len(re.findall(lines_, english, re.MULTILINE)) == len(re.findall(lines_, portuguese, re.MULTILINE))
