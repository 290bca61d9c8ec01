"""agent add, set, show, try: how an assistant thinks, from the command line; its key by no word of it."""

from __future__ import annotations

import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from store import agents, tables, trials
from store.database import Database, sqlite_url
from tests.app.test_cli import Shell, shell
from tests.house import START

__all__ = ["shell"]

KEY = "sk-of-the-provider"


@pytest.fixture
def database(shell: Shell) -> Any:
    made = Database(sqlite_url(shell.home / "baton.db"))
    yield made
    made.close()


def test_one_that_thinks_with_an_llm_is_made_shown_and_switched_on(
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Você é a Nina.")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
    words = ["--provider", "openai", "--model", "gpt-4o-mini", "--when", "unsure", "--prompt-file", str(prompt)]
    made = shell.line("agent", "add", "Nina", *words, "--tokens-per-day", "5000", "--key-stdin")
    assert (made["status"], made["provider"], made["has_key"]) == ("draft", "openai", True)
    assert (made["model"]["system_prompt"], made["model"]["asked_when"]) == ("Você é a Nina.", "unsure")
    assert shell.line("agent", "set", "Nina", "--status", "active")["status"] == "active"
    said = shell.run("agent", "show", "Nina")[1]
    assert "gpt-4o-mini" in said and "5000 tokens a day" in said and "Você é a Nina." in said
    assert "openai" in shell.run("agent", "list")[1]
    changed = shell.line("agent", "set", "Nina", "--temperature", "0.2", "--tokens-per-day", "none")["model"]
    assert (changed["temperature"], changed["tokens_per_day"], changed["model_name"]) == (0.2, None, "gpt-4o-mini")


def test_its_key_comes_by_a_file_or_by_standard_input_and_is_told_to_nobody(
    shell: Shell,
    tmp_path: Path,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    out = shell.run("agent", "add", "Nina", "--provider", "openai", "--model", "m", "--key-file", str(file), "--json")
    shown = [
        *out,
        *shell.run("agent", "show", "Nina"),
        *shell.run("agent", "list", "--json"),
        *shell.run("audit", "list"),
    ]
    assert json.loads(out[1])["has_key"]
    assert not [each for each in shown if KEY in str(each)]
    assert KEY.encode() not in (shell.home / "baton.db").read_bytes()
    file.write_text("")
    assert shell.run("agent", "set", "Nina", "--key-file", str(file))[0] == 1
    assert shell.line("agent", "show", "Nina")["has_key"]
    assert not shell.line("agent", "set", "Nina", "--no-key")["has_key"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Say what to change"),
        (["--provider", "openai", "--status", "active"], "model_name"),
        (["--provider", "openai", "--base-url", "http://10.0.0.1/v1"], "BATON_LLM_LOCAL"),
        (["--temperature", "9"], "does not fit"),
        (["--tokens-per-day", "many"], "whole number"),
        (["--prompt-file", "/nowhere"], "can't be read"),
    ],
)
def test_what_does_not_fit_is_told_and_changes_nothing(shell: Shell, words: list[str], told: str) -> None:
    (before,) = shell.lines("agent", "list")
    code, _, err = shell.run("agent", "set", "assistant", *words)
    assert (code, told in err) == (1, True)
    assert shell.lines("agent", "list") == [before]


def test_it_is_tried_where_a_worker_runs(shell: Shell, database: Database) -> None:
    database.write_now(agents.ensure_default, START)
    worker = threading.Thread(target=_answer_one, args=(database,))
    worker.start()
    said = shell.line("agent", "try", "assistant", "oi")
    worker.join()
    assert (said["texts"], said["by"], said["tokens_used"]) == (["Você disse: oi"], "m-1", 3)
    assert said["session_id"]


def _answer_one(database: Database) -> None:
    """As a worker does, at most for so long."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        row = database.read_now(lambda tx: tx.execute(tables.trials.select()).first())
        if row is not None:
            answer = {"texts": [f"Você disse: {row.text}"], "tokens": 3, "ms": 5, "by": "m-1"}
            database.write_now(trials.finish, row.id, answer)
            return
        time.sleep(0.005)
