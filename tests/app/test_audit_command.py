"""`./baton audit`: what the command line ordered is there, can be verified and taken along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import cli
from store.database import Database, sqlite_url


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BATON_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "state"


def test_orders_of_the_command_line_are_in_it_and_it_is_verified_and_exported(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["operator", "add", "ana", "--role", "admin"]) == 0
    assert cli.main(["team", "add", "Vendas"]) == 0
    capsys.readouterr()
    assert cli.main(["audit", "list", "--json"]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["by"], each["action"]) for each in shown] == [
        ("command line", "operator add"),
        ("command line", "team add"),
    ]
    assert cli.main(["audit", "verify", "--head", shown[0]["hash"]]) == 0
    assert shown[-1]["hash"] in capsys.readouterr().out
    file = tmp_path / "audit.jsonl"
    assert cli.main(["audit", "export", str(file)]) == 0
    assert [json.loads(line) for line in file.read_text().splitlines()] == shown
    assert cli.main(["audit", "export", str(file)]) == 1, "what is there is not written over"


def test_a_log_that_was_changed_or_cut_off_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("ana", "ben"):
        assert cli.main(["operator", "add", name]) == 0
    assert cli.main(["audit", "verify", "--head", "f" * 64]) == 1
    assert "cut off" in capsys.readouterr().err
    database = Database(sqlite_url(home / "baton.db"))
    with database.engine.connect() as connection:
        writing = connection.execution_options(writes=True)
        with writing.begin():
            writing.exec_driver_sql("DROP TRIGGER audit_is_kept_at_update")
            writing.exec_driver_sql("UPDATE audit SET \"by\" = 'eve' WHERE id = 1")
    database.close()
    assert cli.main(["audit", "verify"]) == 1
    assert "Entry 1 " in capsys.readouterr().err
