"""`./baton account sync`: begins, shows and stops what the Baton that runs carries out."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors.whatsapp_sharing import WhatsAppSharing
from conversation.account import AccountId
from conversation.platform_facts import PlatformFacts
from conversation.sync import SyncState
from store import accounts, syncs
from store.database import Database, sqlite_url
from tests.app.test_cli import Shell, shell
from tests.house import NUMBER

__all__ = ["shell"]

PAGE = "200000000000001"


@pytest.fixture
def page(shell: Shell) -> str:
    shell.line("account", "add", "--channel", "messenger", "--id", PAGE)
    return PAGE


def test_it_is_begun_once_shown_and_stopped(shell: Shell, page: str) -> None:
    begun = shell.line("account", "sync", page)
    assert (begun["state"], begun["kind"], begun["messages_added"]) == ("waiting", "past", 0)
    assert shell.line("account", "sync", page)["id"] == begun["id"]
    assert shell.line("account", "sync", page, "--show")["id"] == begun["id"]
    assert shell.line("account", "sync", page, "--stop")["state"] == "stopped"
    code, out, _ = shell.run("account", "sync", page, "--show")
    assert (code, out) == (0, "stopped: 0 conversations, 0 messages added\n")


def test_what_was_never_begun_cant_be_shown(shell: Shell, page: str) -> None:
    code, _, err = shell.run("account", "sync", page, "--show")
    assert code == 1 and "Nothing was ever fetched" in err


def test_whatsapp_remembers_nothing(shell: Shell) -> None:
    shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)
    code, _, err = shell.run("account", "sync", NUMBER)
    assert code == 1 and "whatsapp tells nobody" in err


def test_it_waits_until_what_it_began_has_ended(shell: Shell, page: str) -> None:
    def somebody_else(database: Database) -> None:
        """The Baton that runs, which finds it and ends it."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and database.write_now(_end_one) is None:
            time.sleep(0.01)

    database = Database(sqlite_url(shell.home / "baton.db"))
    running = threading.Thread(target=somebody_else, args=(database,))
    running.start()
    ended = shell.line("account", "sync", page, "--wait")
    running.join()
    database.close()
    assert (ended["state"], ended["messages_added"]) == ("done", 3)


def _end_one(tx: Any) -> Any:
    now = datetime.now(timezone.utc)
    sync = syncs.claim(tx, now, now + timedelta(minutes=1))
    if sync is None:
        return None
    moved = syncs.step(tx, sync, until=now, cursor={}, seen=1, added=3)
    assert moved is not None
    syncs.end(tx, moved, SyncState.DONE, now)
    return moved


def test_the_quiet_window_is_no_longer_than_ten_minutes(shell: Shell) -> None:
    shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)
    code, _, err = shell.run("account", "set", NUMBER, "--join-within-s", "inf")
    assert code == 1 and "do not fit" in err


def test_a_number_on_the_phones_app_is_asked_for_its_past(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [True, False]

    async def ask(self: WhatsAppSharing, reach: Any) -> bool:
        return answers.pop(0)

    monkeypatch.setattr(WhatsAppSharing, "ask", ask)
    made = shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)
    database = Database(sqlite_url(shell.home / "baton.db"))
    database.write_now(accounts.set_meta, AccountId(made["id"]), PlatformFacts(on_phone_app=True))
    database.close()
    assert shell.line("account", "sync", NUMBER) == {"asked": True}
    code, out, _ = shell.run("account", "sync", NUMBER)
    assert code == 0 and out.startswith("asked before")
