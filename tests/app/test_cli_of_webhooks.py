"""webhook and retention, from the command line."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from conversation.webhook import WebhookState
from store import tables, webhooks
from store.database import Database, sqlite_url
from tests.app.test_cli import Shell, shell

__all__ = ["shell"]


@pytest.fixture
def came(shell: Shell) -> None:
    """One that is parked, and one of long ago that was taken in."""
    database = Database(sqlite_url(shell.home / "baton.db"))
    now = datetime.now(timezone.utc)

    def add(tx: Any) -> None:
        given: dict[str, Any] = {"channel": "whatsapp", "accounts": ["acc_x"], "kinds": ["message"]}
        body = json.dumps({"access_token": "t0p", "text": "oi"})
        webhooks.add(tx, state=WebhookState.PARKED, body=body, error="KeyError at x.py:1", now=now, **given)
        webhooks.add(tx, state=WebhookState.PROCESSED, body="{}", now=now - timedelta(days=31), **given)

    database.write_now(add)
    database.close()


def test_what_came_is_listed_shown_without_tokens_and_asked_for_again(shell: Shell, came: None) -> None:
    found = shell.line("webhook", "list", "--state", "parked")
    assert (found["id"], found["error"]) == (1, "KeyError at x.py:1")
    assert shell.run("webhook", "list")[1].count("\n") == 2
    shown = json.loads(shell.run("webhook", "show", "1")[1])
    assert shown["body"] == {"access_token": "…", "text": "oi"}
    assert shell.line("webhook", "redrive", "--parked") == {"asked": [1]}
    assert shell.line("webhook", "list", "--state", "received")["id"] == 1
    for wrong in (("redrive",), ("redrive", "1", "--parked"), ("redrive", "9"), ("show", "9")):
        code, _, err = shell.run("webhook", *wrong)
        assert (code, err != "") == (1, True), wrong


def deleted(shell: Shell) -> Any:
    """What was logged before it is in the way here: `./baton` shows warnings only."""
    return json.loads(shell.run("retention", "run", "--json")[1].splitlines()[-1])


def test_days_are_shown_set_and_carried_out(shell: Shell, came: None) -> None:
    assert shell.line("retention", "show")["webhooks"] == 30
    assert shell.run("retention", "set", "messages", "730")[1] == "messages: 730 days.\n"
    assert shell.run("retention", "set", "webhooks", "forever")[0] == 0
    assert deleted(shell) == {}
    shell.run("retention", "set", "webhooks", "30")
    assert deleted(shell) == {"webhooks": 1}
    assert "messages           730 days" in shell.run("retention", "show")[1]
    for wrong in (("webhooks", "0"), ("webhooks", "soon"), ("webhooks", "-1")):
        assert shell.run("retention", "set", *wrong)[0] != 0, wrong
    database = Database(sqlite_url(shell.home / "baton.db"))
    audited = database.read_now(lambda tx: [row.action for row in tx.execute(tables.audit.select())])
    database.close()
    assert "retention set" in audited
