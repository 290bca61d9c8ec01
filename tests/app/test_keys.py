"""Exchanging the key: nothing is lost wherever a crash falls, and who runs needs no restart."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import keys, secrets_file, settings
from app.settings import ROOT, Settings
from conversation.errors import BadInput
from store import accounts, agents
from store.database import Database, sqlite_url
from store.vault import Vault, new_key
from tests.house import NUMBER, OTHER_NUMBER, START, add_account


@pytest.fixture
def chosen(tmp_path: Path, sqlite_template: Path) -> Settings:
    (tmp_path / "baton.db").write_bytes(sqlite_template.read_bytes())
    return settings.read({"BATON_HOME": str(tmp_path)})


@pytest.fixture
def db(chosen: Settings) -> Any:
    made = Database(chosen.database_url)
    made.write_now(two_accounts, chosen.vault())
    yield made
    made.close()


def two_accounts(tx: Any, vault: Vault) -> None:
    agent = agents.ensure_default(tx, START)
    add_account(tx, vault, agent, NUMBER)
    add_account(tx, vault, agent, OTHER_NUMBER)


def tokens(db: Database, vault: Vault) -> list[str | None]:
    return [
        accounts.credentials(tx, vault, account.id).token
        for tx in [db.engine.connect()]
        for account in accounts.all_of(tx)
    ]


async def test_after_it_everything_is_sealed_with_a_new_key_and_the_old_one_is_gone(
    chosen: Settings, db: Database
) -> None:
    before = db.read_now(accounts.fingerprint)
    done = await keys.rotate(db, chosen)
    assert (done.values, done.keys_left) == (4, 1)
    assert chosen.key not in (chosen.home / "secrets.json").read_text()
    assert stat.S_IMODE((chosen.home / "secrets.json").stat().st_mode) == 0o600
    assert all(old != new for old, new in zip(before, db.read_now(accounts.fingerprint), strict=True))
    with pytest.raises(BadInput, match="can't be read with this key"):
        tokens(db, Vault(chosen.key))
    assert tokens(db, settings.read({"BATON_HOME": str(chosen.home)}).vault()) == ["tok", "tok"]


async def test_who_runs_meanwhile_opens_and_seals_with_the_new_key_without_a_restart(
    chosen: Settings, db: Database
) -> None:
    running = chosen.vault()  # made before, as a gateway's is
    assert tokens(db, running) == ["tok", "tok"]
    await keys.rotate(db, chosen)
    assert tokens(db, running) == ["tok", "tok"]

    await keys.rotate(db, chosen)
    sealed_by_who_has_not_looked_since = running.seal("later")
    assert settings.read({"BATON_HOME": str(chosen.home)}).vault().open(sealed_by_who_has_not_looked_since) == "later"


CRASHES = {
    "before the new key is written": "secrets_file.write = die",
    "after the new key is written": "accounts.reseal = die",
    "before the commit": "accounts.reseal = lambda tx, vault: (real(tx, vault), die())",
    "before the old key is taken away": "accounts.sealed_with = die",
}
SCRIPT = """
import asyncio, os, sys
from app import keys, secrets_file, settings
from store import accounts
from store.database import Database
real = accounts.reseal
def die(*_):
    os._exit(9)
{crash}
chosen = settings.read()
asyncio.run(keys.rotate(Database(chosen.database_url), chosen))
"""


@pytest.mark.parametrize("where", CRASHES)
def test_a_process_that_dies_in_the_middle_loses_nothing_and_the_next_rotation_finishes(
    chosen: Settings, db: Database, where: str
) -> None:
    died = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(crash=CRASHES[where])],
        cwd=ROOT,
        env={**os.environ, "BATON_HOME": str(chosen.home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
    )
    assert died.returncode == 9, died.stderr.decode()

    assert tokens(db, settings.read({"BATON_HOME": str(chosen.home)}).vault()) == ["tok", "tok"]
    again = asyncio.run(keys.rotate(db, settings.read({"BATON_HOME": str(chosen.home)})))
    assert again.keys_left == 1
    assert tokens(db, settings.read({"BATON_HOME": str(chosen.home)}).vault()) == ["tok", "tok"]
    assert sorted(path.name for path in chosen.home.glob("secrets.*")) == ["secrets.json"], "no draft stays"


async def test_the_list_tells_ages_and_numbers_and_never_a_key(chosen: Settings, db: Database) -> None:
    old = secrets_file.read(chosen.home)
    secrets_file.write(chosen.home, old.with_keys([secrets_file.fresh_key(), *old.keys]))
    now = settings.read({"BATON_HOME": str(chosen.home)})
    newest, older = await keys.listed(db, now)
    assert (newest.seals, newest.sealed, older.seals, older.sealed) == (True, 0, False, 4)
    assert newest.made_at is not None
    assert not any(key.value in repr([newest, older]) for key in secrets_file.read(chosen.home).keys)


async def test_a_given_key_is_changed_by_whoever_gave_it_who_is_told_how(
    tmp_path: Path, chosen: Settings, db: Database
) -> None:
    new, old = new_key(), chosen.key
    given = settings.read({"BATON_HOME": str(tmp_path), "BATON_KEY": old})
    with pytest.raises(BadInput, match="BATON_KEY=new,old"):
        await keys.rotate(db, given)

    both = settings.read({"BATON_HOME": str(tmp_path), "BATON_KEY": f"{new},{old}"})
    assert tokens(db, both.vault()) == ["tok", "tok"]
    await keys.rotate(db, both)
    assert tokens(db, Vault(new)) == ["tok", "tok"]
    assert new not in (tmp_path / "secrets.json").read_text()


def test_a_file_of_the_version_before_is_read_as_one_key(tmp_path: Path) -> None:
    key = new_key()
    (tmp_path / "secrets.json").write_text(json.dumps({"key": key, "app_secret": "a", "verify_token": "v"}))
    chosen = settings.read({"BATON_HOME": str(tmp_path)})
    assert (chosen.keys, chosen.keys_are_given, chosen.app_secret) == ((key,), False, "a")


async def test_two_at_once_wait_for_each_other(chosen: Settings, db: Database) -> None:
    other = Database(sqlite_url(chosen.home / "baton.db"))
    await asyncio.gather(
        asyncio.to_thread(lambda: asyncio.run(keys.rotate(other, chosen))),
        asyncio.to_thread(lambda: asyncio.run(keys.rotate(Database(chosen.database_url), chosen))),
    )
    other.close()
    assert tokens(db, settings.read({"BATON_HOME": str(chosen.home)}).vault()) == ["tok", "tok"]
    assert len(secrets_file.read(chosen.home).keys) == 1
