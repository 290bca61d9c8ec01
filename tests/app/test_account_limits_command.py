"""`./baton account limits`: how much may be sent on one day, shown and set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import cli

NUMBER = "100000000000009"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("BATON_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert cli.main(["account", "add", "--channel", "whatsapp", "--id", NUMBER]) == 0
    capsys.readouterr()

    def limits(*arguments: str) -> dict[str, Any]:
        assert cli.main(["account", "limits", NUMBER, *arguments, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return limits


def test_there_are_none_at_first_and_what_is_not_named_stays(run: Any) -> None:
    assert run() == {"max_messages_per_day": None, "max_paid_per_day": None}
    assert run("--max-paid-per-day", "50") == {"max_messages_per_day": None, "max_paid_per_day": 50}
    assert run("--max-messages-per-day", "0")["max_paid_per_day"] == 50
    assert run("--max-paid-per-day", "none") == {"max_messages_per_day": 0, "max_paid_per_day": None}


@pytest.mark.parametrize("wrong", ["many", "-1", "1.5"])
def test_what_is_no_number_is_told(run: Any, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["account", "limits", NUMBER, f"--max-paid-per-day={wrong}"]) == 1
    assert "a number, or none" in capsys.readouterr().err
