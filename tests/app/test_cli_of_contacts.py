"""contact export | erase | merge | traces, as they are typed."""

from __future__ import annotations

import json
import sqlite3
import zipfile

import pytest

from runtime.media_files import MediaFolder
from store import audit, tables
from store.database import Database, sqlite_url
from tests.app.test_cli import Shell, shell  # noqa: F401
from tests.files import upload
from tests.house import ANA, START

WORDS = "meu pedido é o 4711, rua das Acácias"


@pytest.fixture
def contact(shell: Shell) -> str:  # noqa: F811
    """Somebody with a conversation and a file."""
    account = shell.line("account", "add", "--channel", "whatsapp", "--id", "100000000000001")["id"]
    database = Database(sqlite_url(shell.home / "baton.db"))
    folder = MediaFolder(shell.home / "media", max_mb=1)

    def write(tx: object) -> None:
        made: dict[str, object] = {"account_id": account, "created_at": START}
        tx.execute(tables.contacts.insert(), {"id": "con_1", "name": "Joana Prado Seixas", **made})  # type: ignore[attr-defined]
        address = {"account_id": account, "kind": "phone", "value": ANA, "contact_id": "con_1"}
        tx.execute(tables.addresses.insert(), address)  # type: ignore[attr-defined]
        talk: dict[str, object] = {"id": "cnv_1", "contact_id": "con_1", "state": "bot", "return_due": False, **made}
        tx.execute(tables.conversations.insert(), talk)  # type: ignore[attr-defined]
        said: dict[str, object] = {
            "conversation_id": "cnv_1",
            "direction": "inbound",
            "author": "contact",
            "kind": "text",
            "text": WORDS,
        }
        said |= {"content": {}, "provider_id": "wamid.cli", "status": "received", "at": START}
        tx.execute(tables.messages.insert(), said)  # type: ignore[attr-defined]
        file = upload(tx, folder, account, b"%PDF-1.4 hers", name="conta de luz.pdf")
        tx.execute(tables.media.update().where(tables.media.c.id == file.id).values(message_id=1))  # type: ignore[attr-defined]

    database.write_now(write)
    database.close()
    return "con_1"


def test_two_who_are_one_are_merged_by_any_of_their_names(shell: Shell, contact: str) -> None:  # noqa: F811
    database = Database(sqlite_url(shell.home / "baton.db"))

    def write(tx: object) -> None:
        account = tx.execute(tables.contacts.select()).one().account_id  # type: ignore[attr-defined]
        other = {"id": "con_0", "account_id": account, "name": None, "created_at": START.replace(year=2030)}
        tx.execute(tables.contacts.insert(), other)  # type: ignore[attr-defined]
        address = {"account_id": account, "kind": "bsuid", "value": "BR.123456789", "contact_id": "con_0"}
        tx.execute(tables.addresses.insert(), address)  # type: ignore[attr-defined]

    database.write_now(write)
    code, out, err = shell.run("contact", "merge", "BR.123456789", ANA, "--as", "sonia")
    assert (code, out) == (0, f"con_0 is {contact} now.\n"), err
    assert shell.run("contact", "merge", "con_0", contact)[0] == 1
    (entry,) = [each for each in database.read_now(audit.entries) if each.action == "merge_contacts"]
    assert (entry.by, entry.facts["contact_was"]) == ("sonia", "con_0")
    database.close()


def test_what_is_known_is_exported_by_any_of_their_names(shell: Shell, contact: str) -> None:  # noqa: F811
    for word in (contact, "cnv_1", ANA, f"+{ANA}"):
        code, out, err = shell.run("contact", "export", word)
        assert code == 0, err
        facts = json.loads(out)
        assert (facts["contact"]["id"], facts["messages"][0]["text"]) == (contact, WORDS)
    assert shell.run("contact", "export", "con_2")[0] == 1


def test_an_export_to_a_file_has_their_files_and_is_ours_alone(shell: Shell, contact: str) -> None:  # noqa: F811
    path = shell.home.parent / "joana.zip"
    assert shell.run("contact", "export", contact, "--out", str(path))[0] == 0
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as packed:
        assert sorted(packed.namelist()) == ["contact.json", "media/1-conta_de_luz.pdf"]
        assert json.loads(packed.read("contact.json"))["addresses"][0]["value"] == ANA
        assert packed.read("media/1-conta_de_luz.pdf") == b"%PDF-1.4 hers"


def test_nothing_of_them_is_found_after_they_were_erased(shell: Shell, contact: str) -> None:  # noqa: F811
    saved, copy = shell.home.parent / "joana.words", shell.home / "baton.db.before-0005"
    copy.write_bytes((shell.home / "baton.db").read_bytes() + ANA.encode())
    code, out, _ = shell.run("contact", "traces", contact, "--save", str(saved))
    assert (code, "messages.text" in out, "baton.db.before-0005" in out) == (1, True, True)
    code, _, err = shell.run("contact", "erase", contact)
    assert (code, "--yes" in err) == (1, True)  # nobody is there to be asked
    code, out, err = shell.run("contact", "erase", contact, "--yes")
    assert (code, "baton.db.before-0005" in out) == (1, True)  # the copy knows them still
    copy.unlink()
    code, out, err = shell.run("contact", "traces", "--from", str(saved), ANA, "Acácias")
    assert (code, err) == (0, "")
    assert out.endswith("No traces.\n")
    assert "audit.facts" in out
    assert list((shell.home / "media").glob("??/*")) == []
    database = Database(sqlite_url(shell.home / "baton.db"))
    verified, entries = database.read_now(audit.verify), database.read_now(audit.entries)
    database.close()
    assert verified.broken_at is None
    assert [each.action for each in entries][-2:] == ["erase_contact", "contact_erased"]


def test_copies_of_the_database_go_where_that_is_said(shell: Shell, contact: str) -> None:  # noqa: F811
    copy, older = shell.home / "baton.db.before-0005", shell.home / "before-restore-1"
    copy.write_bytes(ANA.encode())
    older.mkdir()
    (older / "baton.db").write_bytes(ANA.encode())
    code, out, err = shell.run("contact", "erase", ANA, "--yes", "--copies", "--json")
    assert code == 0, err
    said = json.loads(out.splitlines()[-1])  # before it stands the log
    assert (said["tables"], said["files"], len(said["copies_removed"])) == ({}, {}, 2)
    assert not copy.exists()
    assert not older.exists()


def test_what_was_deleted_before_it_was_overwritten_is_written_away(
    shell: Shell,  # noqa: F811
    contact: str,
) -> None:
    connection = sqlite3.connect(shell.home / "baton.db")
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("CREATE TABLE gone (words TEXT)")
    connection.executemany("INSERT INTO gone VALUES (?)", [(f"{ANA} {'x' * 500}",)] * 50)
    connection.commit()
    connection.execute("DROP TABLE gone")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert ANA.encode() in (shell.home / "baton.db").read_bytes()
    assert shell.run("contact", "erase", contact, "--yes")[0] == 0
    assert ANA.encode() not in (shell.home / "baton.db").read_bytes()


@pytest.mark.parametrize("words", [(), ("abc",)])
def test_what_says_nothing_is_not_looked_for(shell: Shell, words: tuple[str, ...]) -> None:  # noqa: F811
    assert shell.run("contact", "traces", *words)[0] == 1


def test_what_is_looked_for_is_not_kept_where_it_would_be_found(shell: Shell, contact: str) -> None:  # noqa: F811
    code, _, err = shell.run("contact", "traces", contact, "--save", str(shell.home / "words"))
    assert (code, "state folder" in err) == (1, True)
    assert not (shell.home / "words").exists()
