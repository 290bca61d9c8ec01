"""One file there and back, with nothing running: what is in it, what is refused, that no step leaves half a state."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import backup, cli, keys, model_choice, restore, restore_request, settings, state_lock
from app.settings import ROOT, Settings
from store import accounts, agents, copying, migrations, operators
from store.database import Database
from store.operators import Role
from store.vault import Vault, new_key
from tests import services
from tests.house import NUMBER, START, add_account


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with an account, named by the environment."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "baton.db").write_bytes(sqlite_template.read_bytes())
    for name in ("DATABASE_URL", "BATON_KEY", "META_APP_SECRET", "META_VERIFY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATON_HOME", str(home))
    monkeypatch.setattr("app.logs.set_up", lambda *_, **__: None)
    in_database(home, lambda tx: add_account(tx, chosen_in(home).vault(), agents.ensure_default(tx, START), NUMBER))
    return home


def chosen_in(home: Path) -> Settings:
    return settings.read({"BATON_HOME": str(home)})


def in_database(home: Path, job: Callable[[Any], Any]) -> Any:
    database = Database(chosen_in(home).database_url)
    try:
        return database.write_now(job)
    finally:
        database.close()


def add_operator(home: Path, name: str) -> None:
    in_database(home, lambda tx: operators.add(tx, name, Role.OPERATOR, START))


def names(home: Path) -> list[str]:
    return [operator.name for operator in in_database(home, operators.all_of)]


def token(home: Path) -> str | None:
    chosen = chosen_in(home)
    found: str | None = in_database(
        home, lambda tx: accounts.credentials(tx, chosen.vault(), accounts.all_of(tx)[0].id).token
    )
    return found


def run(*words: str | Path) -> int:
    return cli.main([str(word) for word in words])


def test_there_and_back(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # given a state, a backup of it, and what came after
    add_operator(home, "before")
    model_choice.write(home, home / "models", "a")
    file = tmp_path / "baton.tar"
    assert run("backup", file) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "whoever has it can read them" in capsys.readouterr().out
    add_operator(home, "after")
    model_choice.write(home, home / "models", None)

    # when it is brought back
    assert run("restore", file) == 0
    said = capsys.readouterr().out

    # then it is as it was, and what was there is kept
    assert names(home) == ["before"]
    assert token(home) == "tok"
    assert model_choice.read(home, home / "models").pinned == "a"
    (kept,) = home.glob("before-restore-*")
    assert str(kept) in said
    with sqlite3.connect(kept / "baton.db") as former:
        assert len(former.execute("SELECT name FROM operators").fetchall()) == 2
    assert not list(home.glob("restoring-*"))
    assert not list(home.glob("restore-*"))


def test_into_a_new_folder_on_another_machine(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("backup", tmp_path / "baton.tar") == 0
    new = tmp_path / "new"
    monkeypatch.setenv("BATON_HOME", str(new))
    assert run("restore", tmp_path / "baton.tar") == 0
    assert token(new) == "tok"
    assert not list(new.glob("before-restore-*"))


async def test_a_backup_from_before_a_key_rotation_is_whole(home: Path, tmp_path: Path) -> None:
    chosen = chosen_in(home)
    database = Database(chosen.database_url)
    backup.make(database, chosen, tmp_path / "old.tar")
    await keys.rotate(database, chosen)
    database.close()
    with restore.laid_ready(chosen_in(home), tmp_path / "old.tar") as folder:
        restore_request.carry_out(chosen_in(home), folder)
    assert token(home) == "tok"


def test_while_somebody_writes_all_the_time_it_ends_and_is_consistent(home: Path, tmp_path: Path) -> None:
    stop, written = threading.Event(), list[int]()

    def write() -> None:
        with sqlite3.connect(home / "baton.db", isolation_level=None, timeout=10) as database:
            while not stop.is_set():
                database.execute("BEGIN IMMEDIATE")
                for table in ("a", "b"):
                    database.execute(f"INSERT INTO {table} VALUES (?)", (len(written),))
                database.execute("COMMIT")
                written.append(1)

    with sqlite3.connect(home / "baton.db") as database:
        for table in ("a", "b"):
            database.execute(f"CREATE TABLE {table} (n INTEGER)")
        database.execute("CREATE TABLE ballast AS SELECT randomblob(20000000) AS b")
    writing = threading.Thread(target=write)
    writing.start()
    try:
        copying.copy(home / "baton.db", tmp_path / "copy.db")
        copied_after = len(written)
    finally:
        stop.set()
        writing.join()
    copying.check(tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        (a,), (b,) = copy.execute("SELECT count(*) FROM a UNION ALL SELECT count(*) FROM b").fetchall()
    assert a == b <= copied_after
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db"]


class TestRefused:
    def test_a_file_that_is_there(self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "mine").write_text("precious")
        assert run("backup", tmp_path / "mine") == 1
        assert "not overwritten" in capsys.readouterr().err
        assert (tmp_path / "mine").read_text() == "precious"
        assert run("backup", tmp_path / "nowhere" / "b.tar") == 1

    @pytest.mark.parametrize("damage", ["cut", "scribble", "no tar", "missing"])
    def test_what_is_damaged(self, home: Path, tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "baton.tar"
        assert run("backup", file) == 0
        whole = bytearray(file.read_bytes())
        if damage == "missing":
            file.unlink()
        elif damage == "no tar":
            file.write_text("hello")
        elif damage == "cut":
            file.write_bytes(whole[: len(whole) // 2])
        else:
            at = whole.index(b"SQLite format 3") + 4096
            whole[at : at + 4096] = b"\xff" * 4096
            file.write_bytes(whole)
        add_operator(home, "still here")
        assert run("restore", file) == 1
        assert "Traceback" not in capsys.readouterr().err
        assert names(home) == ["still here"]
        assert not list(home.glob("restoring-*"))

    def test_one_of_a_newer_version(self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "baton.tar"
        in_database(home, lambda tx: tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
        assert run("backup", file) == 0
        in_database(
            home, lambda tx: tx.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{migrations.head()}'")
        )
        assert run("restore", file) == 1
        assert "newer version" in capsys.readouterr().err

    def test_one_whose_key_was_given_and_is_not_now(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        key = new_key()
        in_database(home, lambda tx: accounts.reseal(tx, Vault(key, chosen_in(home).key)))
        monkeypatch.setenv("BATON_KEY", key)
        assert run("backup", tmp_path / "baton.tar") == 0
        assert "keep that too" in capsys.readouterr().out
        monkeypatch.delenv("BATON_KEY")
        assert run("restore", tmp_path / "baton.tar") == 1
        assert "BATON_KEY" in capsys.readouterr().err

    def test_beside_what_can_not_stop_for_it(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("backup", tmp_path / "baton.tar") == 0
        lock = state_lock.take(home, state_lock.RASA_RUN)
        assert run("restore", tmp_path / "baton.tar") == 1
        assert "`rasa run` is using the state" in capsys.readouterr().err
        lock.close()

    def test_a_name_that_leads_out_of_the_archive_is_not_followed(self, home: Path, tmp_path: Path) -> None:
        file = tmp_path / "evil.tar"
        with tarfile.open(file, "w") as tar:
            member = tarfile.TarInfo("../evil")
            tar.addfile(member)
            link = tarfile.TarInfo("secrets.json")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        assert run("restore", file) == 1
        assert not (home / "evil").exists()
        assert not (tmp_path / "evil").exists()


def test_the_command_for_postgresql_tells_no_password(home: Path, tmp_path: Path) -> None:
    url = "postgresql+psycopg2://baton:secret@db.example/baton"
    chosen = settings.read({"BATON_HOME": str(home), "DATABASE_URL": url})
    assert backup.pg_dump_command(chosen) == (
        "pg_dump --format=custom --file=baton.dump 'postgresql://baton@db.example/baton'"
    )


@services.postgresql_only
def test_on_postgresql_the_keys_go_there_and_back_and_what_was_open_is_settled(
    db_url: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", db_url)
    key = chosen_in(home).key
    assert run("backup", tmp_path / "baton.tar") == 0
    said = capsys.readouterr().out
    assert "pg_dump --format=custom" in said
    with tarfile.open(tmp_path / "baton.tar") as tar:
        assert sorted(tar.getnames()) == ["about.json", "secrets.json"]
    (home / "secrets.json").unlink()
    assert run("restore", tmp_path / "baton.tar") == 1
    assert "pg_restore" in capsys.readouterr().err
    assert run("restore", tmp_path / "baton.tar", "--database-restored") == 0
    assert chosen_in(home).key == key


STEPS = {
    "before anything": "restore._put_aside = die",
    "when the old one is put aside": "restore._bring_keys = die",
    "when the keys are there": "restore._move = die",
    "when the database is there": "restore._bring_choice = die",
}
SCRIPT = """
import os, sys
from app import cli, restore
def die(*_):
    os._exit(9)
{step}
cli.main(["restore", sys.argv[1]])
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_restore_that_dies_in_the_middle_leaves_one_whole_state(home: Path, tmp_path: Path, step: str) -> None:
    file = tmp_path / "baton.tar"
    add_operator(home, "backed up")
    assert run("backup", file) == 0
    add_operator(home, "later")
    # other keys since, so that database and keys must fit
    (home / "secrets.json").unlink()
    key = chosen_in(home).key
    backed_up = json.loads(_member(file, "secrets.json"))["key"]
    in_database(home, lambda tx: accounts.reseal(tx, Vault(key, backed_up)))

    died = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(step=STEPS[step]), str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
    )
    assert died.returncode == 9, died.stderr.decode()

    assert names(home) in (["backed up", "later"], ["backed up"])
    assert token(home) == "tok"
    assert run("restore", file) == 0
    assert (names(home), token(home)) == (["backed up"], "tok")


def _member(file: Path, name: str) -> bytes:
    with tarfile.open(file) as tar:
        found = tar.extractfile(name)
        assert found is not None
        return found.read()
