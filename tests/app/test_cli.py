"""The command line's JSON lines, which others' scripts rely on, through its one way in."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from app import cli
from conversation.account import Channel
from conversation.arrivals import Inbound
from conversation.contact import Address, AddressKind
from conversation.mail import MailState
from runtime.accept import accept_all
from store import conversations, mailbox, migrations
from store.database import Database, sqlite_url
from tests.house import ANA, NUMBER, START, mail_waiting


class Shell:
    """Runs commands as `./baton` does."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._capsys = home, capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def lines(self, *words: str) -> list[Any]:
        code, out, err = self.run(*words, "--json")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    def line(self, *words: str) -> Any:
        (only,) = self.lines(*words)
        return only


@pytest.fixture
def shell(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(sqlite_template, home / "baton.db")
    for name in ("DATABASE_URL", "GRAPH_URL", "META_APP_SECRET", "BATON_KEY", "REDIS_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATON_HOME", str(home))
    monkeypatch.setenv("EMULATOR_PORT", "1")  # nobody is there
    monkeypatch.setattr("app.logs.set_up", lambda *_, **__: None)
    return Shell(home, capsys)


@pytest.fixture
def conversation_id(shell: Shell) -> str:
    shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)
    database = Database(sqlite_url(shell.home / "baton.db"))
    inbound = Inbound(
        account=NUMBER,
        addresses=(Address(kind=AddressKind.PHONE, value=ANA),),
        provider_id="wamid.1",
        kind="text",
        sent_at=datetime.now(timezone.utc),
        text="oi",
    )
    database.write_now(accept_all, Channel.WHATSAPP, [inbound], START)
    (listed,) = database.read_now(conversations.listed)
    database.close()
    return listed.conversation.id


class TestAccounts:
    def test_a_new_one_needs_only_channel_and_id_and_answers(self, shell: Shell) -> None:
        added = shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER, "--name", "Cantina")
        assert (added["provider_id"], added["active"], added["auto_response"]) == (NUMBER, True, True)
        assert added["emulated"] is True
        assert shell.lines("account", "list") == [added]

    def test_one_with_a_token_is_a_real_one_and_needs_its_apps_secret(self, shell: Shell) -> None:
        words = ("account", "add", "--channel", "whatsapp", "--id", NUMBER, "--token", "EAABcanary")
        code, _, err = shell.run(*words)
        assert (code, "--app-secret" in err) == (1, True)
        code, out, _ = shell.run(*words, "--app-secret", "canary-secret", "--json")
        assert (code, json.loads(out)["emulated"]) == (0, False)
        assert "canary" not in out
        assert b"canary" not in (shell.home / "baton.db").read_bytes()

    def test_the_same_twice_is_told(self, shell: Shell) -> None:
        words = ("account", "add", "--channel", "whatsapp", "--id", NUMBER)
        assert shell.run(*words)[0] == 0
        code, out, err = shell.run(*words)
        assert (code, out) == (1, "")
        assert "already there" in err

    def test_settings_change_at_once(self, shell: Shell, tmp_path: Path) -> None:
        shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)
        facts = tmp_path / "shop.yml"
        facts.write_text("name: Cantina\nhours: [9, 18]\n")
        changed = shell.line("account", "set", NUMBER, "--auto-response", "off", "--shop", str(facts))
        assert (changed["auto_response"], changed["in_flight"]) == (False, 0)
        assert changed["shop"] == {"name": "Cantina", "hours": [9, 18]}
        assert shell.run("account", "set", NUMBER)[0] == 1

    def test_one_that_is_removed_is_in_no_list_until_it_is_added_again(self, shell: Shell) -> None:
        added = shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER, "--waba-id", "300")
        assert added["channel_settings"]["waba_id"] == "300"
        removed = shell.line("account", "remove", NUMBER)
        assert (removed["id"], removed["in_flight"]) == (added["id"], 0)
        assert shell.lines("account", "list") == []
        assert shell.run("account", "remove", NUMBER)[0] == 1
        assert shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)["id"] == added["id"]


class TestAgents:
    def test_there_is_one_from_the_start_and_it_is_switched(self, shell: Shell) -> None:
        (agent,) = shell.lines("agent", "list")
        assert (agent["name"], agent["status"]) == ("assistant", "active")
        switched = shell.line("agent", "set", "assistant", "--status", "inactive")
        assert (switched["status"], switched["in_flight"]) == ("inactive", 0)
        assert shell.line("agent", "list")["status"] == "inactive"

    def test_a_name_or_status_there_is_not_is_told_with_those_there_are(self, shell: Shell) -> None:
        code, _, err = shell.run("agent", "set", "nobody", "--status", "active")
        assert (code, "Known: assistant" in err) == (1, True)
        code, _, err = shell.run("agent", "set", "assistant", "--status", "asleep")
        assert (code, "active, inactive, draft" in err) == (1, True)


class TestConversations:
    def test_the_list_has_id_account_contact_and_state(self, shell: Shell, conversation_id: str) -> None:
        listed = shell.line("conversation", "list")
        assert (listed["id"], listed["account"], listed["state"]) == (conversation_id, NUMBER, "bot")
        assert listed["contact"]["addresses"] == [{"kind": "phone", "value": ANA}]
        assert shell.lines("conversation", "list", "--state", "human") == []

    def test_show_has_a_line_a_message(self, shell: Shell, conversation_id: str) -> None:
        message = shell.line("conversation", "show", conversation_id)
        assert (message["provider_id"], message["direction"], message["author"]) == ("wamid.1", "inbound", "contact")
        assert (message["kind"], message["text"], message["status"]) == ("text", "oi", "received")
        promised = {"intent", "confidence", "verdict", "reason", "at", "sent_at", "delivered_at", "read_at"}
        assert promised <= set(message)

    def test_take_reply_release_say_state_and_in_flight(self, shell: Shell, conversation_id: str) -> None:
        taken = shell.line("conversation", "take", conversation_id, "--as", "ana")
        assert (taken["state"], taken["in_flight"], taken["owner"]) == ("human", 0, "ana")
        replied = shell.line("conversation", "reply", conversation_id, "--as", "ana", "Sou a Ana.")
        assert (replied["state"], replied["in_flight"]) == ("human", 0)
        released = shell.line("conversation", "release", conversation_id, "--as", "ana")
        assert (released["state"], released["in_flight"]) == ("bot", 0)
        assert shell.lines("conversation", "show", conversation_id)[-1]["operator"] == "ana"

    def test_the_loser_is_told_who_has_it_and_the_exit_is_1(self, shell: Shell, conversation_id: str) -> None:
        shell.line("conversation", "take", conversation_id, "--as", "ana")
        code, out, err = shell.run("conversation", "take", conversation_id, "--as", "ben", "--json")
        assert (code, out, err.strip()) == (1, "", "ana has this conversation.")

    def test_what_is_not_there_is_told(self, shell: Shell) -> None:
        for word in ("show", "take"):
            more = [] if word == "show" else ["--as", "ana"]
            code, _, err = shell.run("conversation", word, "cnv_x", *more)
            assert (code, "cnv_x" in err) == (1, True)

    def test_words_for_people_are_there_without_json(self, shell: Shell, conversation_id: str) -> None:
        assert "oi" in shell.run("conversation", "show", conversation_id)[1]
        assert conversation_id in shell.run("conversation", "list")[1]
        assert "human (ana)" in shell.run("conversation", "take", conversation_id, "--as", "ana")[1]


class TestOperators:
    def test_a_token_is_shown_once_and_never_listed(self, shell: Shell) -> None:
        added = shell.line("operator", "add", "ana", "--role", "supervisor")
        assert added["token"].startswith("bt_")
        (listed,) = shell.lines("operator", "list")
        assert (listed["name"], listed["role"]) == ("ana", "supervisor")
        assert added["token"] not in str(listed)
        renewed = shell.line("operator", "token", "ana")
        assert renewed["token"] != added["token"]
        assert shell.run("operator", "remove", "ana")[0] == 0
        assert shell.lines("operator", "list") == []

    def test_whether_they_are_there_what_they_see_and_how_much_they_can_do(self, shell: Shell) -> None:
        account = shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)["id"]
        shell.line("operator", "add", "ana", "--role", "supervisor", "--accounts", NUMBER, "--capacity", "2")
        (ana,) = shell.lines("operator", "list")
        assert ana == {
            "name": "ana",
            "role": "supervisor",
            "presence": "offline",
            "load": 0,
            "capacity": 2,
            "accounts": [account],
        }
        changed = shell.line("operator", "set", "ana", "--presence", "online", "--capacity", "7", "--all-accounts")
        assert (changed["presence"], changed["capacity"], changed["accounts"]) == ("online", 7, None)
        assert changed["role"] == "supervisor"
        assert shell.line("operator", "set", "ana", "--role", "admin")["role"] == "admin"
        assert shell.line("operator", "set", "ana", "--accounts", "")["accounts"] == []
        assert "ana" in (said := shell.run("operator", "list")[1]) and "online" in said and "0 of 7" in said

    @pytest.mark.parametrize("words", [["--accounts", "nowhere"], ["--capacity", "-1"]])
    def test_one_that_can_not_be_as_asked_is_not_made(self, shell: Shell, words: list[str]) -> None:
        assert shell.run("operator", "add", "ana", *words)[0] == 1
        assert shell.lines("operator", "list") == []

    @pytest.mark.parametrize("words", [["set", "ana", "--presence", "offline"], ["remove", "ana"]])
    def test_who_goes_leaves_what_they_have_in_the_queue(
        self, shell: Shell, conversation_id: str, words: list[str]
    ) -> None:
        shell.line("operator", "add", "ana")
        shell.line("conversation", "take", conversation_id, "--as", "ana")
        assert shell.lines("operator", "list")[0]["load"] == 1
        assert shell.run("operator", *words)[0] == 0
        (listed,) = shell.lines("conversation", "list")
        assert (listed["state"], listed["owner"]) == ("pending", None)


class TestTeams:
    def test_who_is_in_it_and_how_it_gives_work(self, shell: Shell) -> None:
        shell.line("operator", "add", "ana")
        made = shell.line("team", "add", "sales", "--assignment", "least_busy")
        assert (made["name"], made["assignment"], made["members"]) == ("sales", "least_busy", [])
        assert shell.line("team", "join", "sales", "ana")["members"] == ["ana"]
        assert shell.line("team", "set", "sales", "--assignment", "hand", "--name", "vendas")["assignment"] == "hand"
        assert shell.lines("team", "list") == [{**made, "name": "vendas", "assignment": "hand", "members": ["ana"]}]
        assert "ana" in shell.run("team", "list")[1]
        assert shell.line("team", "leave", "vendas", "ana")["members"] == []
        assert shell.run("team", "remove", "vendas")[0] == 0
        assert shell.lines("team", "list") == []

    def test_one_that_is_not_there_is_named(self, shell: Shell) -> None:
        code, _, err = shell.run("team", "join", "sales", "ana")
        assert (code, "sales" in err) == (1, True)


class TestMigrating:
    def test_down_and_up_again(self, shell: Shell) -> None:
        assert "base" in shell.run("migrate", "--to", "base")[1]
        assert migrations.head() in shell.run("migrate")[1]
        assert shell.run("migrate", "--to", "nowhere")[0] == 1

    def test_every_command_migrates_first(self, shell: Shell) -> None:
        (shell.home / "baton.db").unlink()
        assert len(shell.lines("agent", "list")) == 1


def test_settings_that_can_not_be_used_are_one_clear_message(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    code, out, err = shell.run("agent", "list")
    assert (code, out, err.strip()) == (1, "", "PORT is 'x'; it must be a port, 1 to 65535.")


class TestParkedMail:
    @pytest.fixture
    def parked_id(self, shell: Shell, conversation_id: str) -> int:
        def park(tx: Any) -> int:
            mail = mail_waiting(tx, conversation_id)
            assert mailbox.finish(tx, mail, MailState.PARKED, START, recorded=True)
            mailbox.note_error(tx, mail, "RuntimeError")
            return mail.id

        database = Database(sqlite_url(shell.home / "baton.db"))
        parked = database.write_now(park)
        database.close()
        return parked

    def test_is_listed_and_tried_again_by_its_number(self, shell: Shell, parked_id: int) -> None:
        assert "RuntimeError" in shell.run("mail", "list")[1]
        assert [each["id"] for each in shell.lines("mail", "list")] == [parked_id]
        assert shell.line("mail", "retry", str(parked_id)) == {"retried": [parked_id]}
        assert shell.lines("mail", "list") == []
        assert shell.run("mail", "list")[1] == "Nothing is parked.\n"

    def test_all_at_once(self, shell: Shell, parked_id: int) -> None:
        assert shell.line("mail", "retry", "--all") == {"retried": [parked_id]}
        assert shell.line("mail", "retry", "--all") == {"retried": []}

    def test_one_unknown_number_and_nothing_is_changed(self, shell: Shell, parked_id: int) -> None:
        code, _, err = shell.run("mail", "retry", str(parked_id), "999")
        assert code == 1
        assert "Not parked: 999" in err
        assert [each["id"] for each in shell.lines("mail", "list")] == [parked_id]

    @pytest.mark.parametrize("words", [[], ["1", "--all"]])
    def test_neither_or_both_is_a_mistake(self, shell: Shell, words: list[str]) -> None:
        code, _, err = shell.run("mail", "retry", *words)
        assert code == 1
        assert "mail list" in err


@pytest.mark.parametrize("module", cli.MODULES)
def test_each_command_is_brought_in_by_its_word_as_among_all(module: str) -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    importlib.import_module(f"app.commands.{module}").register(commands)
    assert tuple(commands.choices) == cli.MODULES[module]
    for word in cli.MODULES[module]:
        assert _words_of(cli.parser(word)) == list(cli.MODULES[module])
    assert _words_of(cli.parser("nonsense")) == [word for words in cli.MODULES.values() for word in words]


def test_every_module_of_commands_is_among_them() -> None:
    files = {path.stem: path.read_text("utf-8") for path in (Path(cli.__file__).parent / "commands").glob("*.py")}
    having = {name for name, text in files.items() if re.search(r"^def register\(commands\b", text, re.MULTILINE)}
    assert having == set(cli.MODULES)


def _words_of(parser: argparse.ArgumentParser) -> list[str]:
    (commands,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return list(commands.choices)


def test_the_entry_knows_every_command() -> None:
    """Else `./baton WORD` says that there is no such command, though `python -m app.cli WORD` runs it."""
    script = (Path(__file__).parents[2] / "baton").read_text()
    known = {
        word for line in re.findall(r"^    run \|(?:.|\n)*?\)$", script, re.M) for word in re.findall(r"\w+", line)
    }
    assert {word for words in cli.MODULES.values() for word in words} - {"bench"} <= known
