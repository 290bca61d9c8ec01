"""What operators do, from the command line: the same words, facts and refusals as the API's."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml
from argon2 import PasswordHasher

from runtime.passwords import Passwords
from store import audit, sign_ins
from store.database import Database, sqlite_url
from tests.app.test_cli import Shell, conversation_id, shell
from tests.house import NUMBER

__all__ = ["conversation_id", "shell"]


@pytest.fixture
def ben(shell: Shell) -> None:
    """Somebody to give it to."""
    shell.line("operator", "add", "ben")
    shell.run("operator", "set", "ben", "--presence", "online")


class TestOrders:
    def test_transfer_and_back_to_whoever_takes_it(self, shell: Shell, conversation_id: str, ben: None) -> None:
        shell.line("team", "add", "Cozinha")
        shell.line("conversation", "take", conversation_id, "--as", "ana")
        given = shell.line("conversation", "transfer", conversation_id, "--as", "ana", "--to", "ben")
        assert (given["state"], given["owner"]) == ("human", "ben")
        queued = shell.line("conversation", "transfer", conversation_id, "--as", "sonia", "--team", "Cozinha")
        assert (queued["state"], queued["owner"]) == ("pending", None)
        waiting = shell.line("queue", "--team", "Cozinha")
        assert (waiting["id"], waiting["queue_place"], waiting["next_toucher"]) == (conversation_id, 1, "queue")
        assert f"1  {conversation_id}" in shell.run("queue")[1]
        assert shell.run("conversation", "take", conversation_id, "--as", "ana", "--ownership", "0")[0] == 1
        shell.line("conversation", "take", conversation_id, "--as", "ana", "--ownership", str(queued["ownership"]))
        assert shell.run("queue")[1] == "Nobody waits.\n"

    def test_who_is_not_there_or_does_not_see_it_is_given_nothing(self, shell: Shell, conversation_id: str) -> None:
        shell.line("account", "add", "--channel", "whatsapp", "--id", "2")
        shell.line("operator", "add", "lia", "--accounts", "2")
        for words in (
            ("transfer", conversation_id, "--as", "ana", "--to", "lia", "--force"),
            ("take", conversation_id, "--as", "lia"),
            ("note", conversation_id, "oi", "--as", "lia"),
            ("tag", conversation_id, "vip", "--as", "lia"),
        ):
            code, out, err = shell.run("conversation", *words)
            assert (code, out, "account" in err) == (1, "", True), words
        assert shell.line("conversation", "list")["state"] == "bot"

    def test_another_s_is_taken_by_force_only(self, shell: Shell, conversation_id: str) -> None:
        shell.line("conversation", "take", conversation_id, "--as", "ana")
        assert shell.run("conversation", "take", conversation_id, "--as", "ben")[0] == 1
        assert shell.line("conversation", "take", conversation_id, "--as", "ben", "--force")["owner"] == "ben"

    def test_resolve_reopen_snooze_close(self, shell: Shell, conversation_id: str) -> None:
        for word, status in (("resolve", "resolved"), ("reopen", "open"), ("close", "closed")):
            assert shell.line("conversation", word, conversation_id, "--as", "ana")["status"] == status
        shell.line("conversation", "take", conversation_id, "--as", "ana")
        snooze = ("conversation", "snooze", conversation_id, "--as", "ana")
        assert shell.line(*snooze, "--minutes", "30")["status"] == "snoozed"
        shell.line("conversation", "reopen", conversation_id, "--as", "ana")
        until = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
        assert shell.line(*snooze, "--until", until)["status"] == "snoozed"
        for wrong in (
            (),
            ("--until", "tomorrow"),
            ("--until", "2030-01-01T00:00:00"),
            ("--minutes", "1", "--until", until),
        ):
            code, _, err = shell.run(*snooze, *wrong)
            assert (code, err != "") == (1, True), wrong

    def test_handover_log_and_context(self, shell: Shell, conversation_id: str) -> None:
        shell.line(
            "conversation", "request", conversation_id, "--as", "ana", "--priority", "urgent", "--reason", "anger"
        )
        stands = shell.line("conversation", "handover", conversation_id)
        assert (stands["state"], stands["request"]["priority"], stands["in_flight"]) == ("pending", "urgent", 0)
        shell.line("conversation", "take", conversation_id, "--as", "ana")
        log = shell.lines("conversation", "log", conversation_id)
        assert [(each["by"], each["command"], each["after"]) for each in log] == [
            ("ana", "request", "pending"),
            ("ana", "take", "human"),
        ]
        context = shell.line("conversation", "context", conversation_id)
        assert (context["reason"], context["window"]["open"]) == ("anger", True)
        assert "anger" in shell.run("conversation", "context", conversation_id)[1]
        assert "request" in shell.run("conversation", "log", conversation_id)[1]
        assert "human" in shell.run("conversation", "handover", conversation_id)[1]

    def test_notes_and_tags(self, shell: Shell, conversation_id: str) -> None:
        note = shell.line("conversation", "note", conversation_id, "Alérgica.", "--as", "ana")
        assert shell.lines("conversation", "note", conversation_id) == [note]
        assert shell.run("conversation", "note", conversation_id, "oi")[0] == 1
        assert shell.line("conversation", "tag", conversation_id, "VIP", "--as", "ana")["tags"] == ["vip"]
        assert len(shell.lines("conversation", "list", "--tag", "vip")) == 1
        assert shell.line("conversation", "untag", conversation_id, "vip", "--as", "ana")["tags"] == []
        assert shell.lines("conversation", "list", "--tag", "vip") == []


class TestRequests:
    def test_one_is_listed_approved_and_turned_down(self, shell: Shell, conversation_id: str, ben: None) -> None:
        for answer in (("approve", "1", "--to", "ben"), ("reject", "2", "--note", "fechado")):
            shell.line("conversation", "request", conversation_id, "--as", "ana")
            waiting = shell.line("request", "list", "--state", "pending")
            assert (waiting["conversation_id"], str(waiting["id"])) == (conversation_id, answer[1])
            done = shell.line("request", *answer, "--as", "ana")
            assert done["owner"] == ("ben" if "ben" in answer else None)
            shell.run("conversation", "release", conversation_id, "--as", "ana")
        assert [each["state"] for each in shell.lines("request", "list")] == ["rejected", "approved"]
        assert shell.line("request", "show", "1")["ended_by"] == "ana"
        assert "approved by ana" in shell.run("request", "list")[1]
        code, _, err = shell.run("request", "approve", "1", "--as", "ana")
        assert (code, "already" in err) == (1, True)
        assert shell.run("request", "show", "99")[0] == 1


class TestCannedReplies:
    def test_they_are_written_changed_and_removed(self, shell: Shell) -> None:
        made = shell.line("canned", "add", "/horas", "Olá, {customer}! Abrimos às 9h.")
        assert (made["shortcut"], made["language"], made["account_id"]) == ("horas", "pt", None)
        shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)
        own = shell.line("canned", "add", "horas", "Às 10h.", "--account", NUMBER)
        assert shell.lines("canned", "list", "--account", NUMBER) == [own]
        assert [each["id"] for each in shell.lines("canned", "list")] == [made["id"], own["id"]]
        assert shell.line("canned", "set", str(made["id"]), "horas", "Às 11h.")["text"] == "Às 11h."
        assert shell.run("canned", "remove", str(made["id"]))[0] == 0
        assert shell.run("canned", "remove", str(made["id"]))[0] == 1

    def test_a_field_nobody_knows_is_told(self, shell: Shell) -> None:
        code, _, err = shell.run("canned", "add", "oi", "Olá, {nome}!")
        assert (code, "{customer}" in err) == (1, True)


class TestHowAnAccountHandsOver:
    @pytest.fixture(autouse=True)
    def account(self, shell: Shell) -> None:
        shell.line("account", "add", "--channel", "whatsapp", "--id", NUMBER)

    def test_it_is_shown_whole_and_set_one_by_one(self, shell: Shell) -> None:
        before = shell.line("account", "handover", NUMBER)
        assert (before["silence_s"], before["announce_arrival"], before["hours"]) == (1800.0, "joined", None)
        changed = ("silence_s=60", "announce_arrival=off", 'hours={monday: ["09:00-18:00"]}', "holidays=[2026-12-25]")
        shown = shell.line("account", "handover", NUMBER, *(f"--set={each}" for each in changed))
        assert (shown["silence_s"], shown["announce_arrival"], shown["holidays"]) == (60.0, "off", ["2026-12-25"])
        assert shown["hours"] == {"monday": ["09:00-18:00"]}
        again = shell.line("account", "handover", NUMBER, "--set", "silence_s=")
        assert again == {**shown, "silence_s": 1800.0}
        assert yaml.safe_load(shell.run("account", "handover", NUMBER)[1])["time_zone"] == "America/Sao_Paulo"

    def test_a_file_stands_in_the_place_of_all_there_was(self, shell: Shell, tmp_path: Path) -> None:
        shell.line("account", "handover", NUMBER, "--set", "silence_s=60")
        file = tmp_path / "handover.yml"
        file.write_text("enabled: false\nother_ways: {pt: Ligue 11 4002-8922}\nannounce_return: off\n")
        shown = shell.line("account", "handover", NUMBER, str(file), "--set", "sticky_s=5")
        assert (shown["enabled"], shown["silence_s"], shown["sticky_s"]) == (False, 1800.0, 5.0)
        assert (shown["other_ways"], shown["announce_return"]) == ({"pt": "Ligue 11 4002-8922"}, "off")

    @pytest.mark.parametrize(
        "change", ["silence=1", "silence_s", "silence_s=soon", "time_zone=Mars", "hours={monday: 9}"]
    )
    def test_what_can_not_be_read_is_told_and_changes_nothing(self, shell: Shell, change: str) -> None:
        before = shell.line("account", "handover", NUMBER)
        code, out, err = shell.run("account", "handover", NUMBER, "--set", change)
        assert (code, out, err != "") == (1, "", True)
        assert shell.line("account", "handover", NUMBER) == before

    def test_hours_say_whether_there_are_people(self, shell: Shell) -> None:
        shell.line("account", "handover", NUMBER, '--set=hours={monday: ["09:00-18:00"]}')
        at = ("account", "hours", NUMBER, "--at")
        assert shell.line(*at, "2026-11-23T10:00")["open"] is True  # a Monday
        closed = shell.line(*at, "2026-11-24T10:00")
        assert (closed["open"], closed["opens_at"]) == (False, "2026-11-30T09:00-03:00")
        assert "from 2026-11-30 09:00 on" in shell.run(*at, "2026-11-24T10:00")[1]
        assert shell.run(*at, "soon")[0] == 1


def test_one_word_silences_every_assistant(shell: Shell) -> None:
    assert shell.line("agent", "list")["status"] == "active"
    assert shell.line("agent", "silence") == {"agents": ["assistant"], "in_flight": 0}
    assert shell.line("agent", "list")["status"] == "inactive"
    assert "already" in shell.run("agent", "silence")[1]


class TestWhatTheyProveThemselvesWith:
    @pytest.fixture(autouse=True)
    def cheaply(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr("app.wiring.Passwords", lambda: Passwords(hasher))
        shell.line("operator", "add", "ana")

    def said(self, shell: Shell, monkeypatch: pytest.MonkeyPatch, *lines: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return shell.run("operator", "password", "ana")

    def test_a_password_is_read_and_never_among_the_words(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        code, out, err = self.said(shell, monkeypatch, "uma senha bem comprida")
        assert (code, err, "comprida" in out) == (0, "", False)
        database = Database(sqlite_url(shell.home / "baton.db"))
        standing = database.read_now(sign_ins.of, sign_ins.Tried(name="ana", hash=""))
        entry = database.read_now(audit.entries)[-1]
        database.close()
        assert str(standing.password_hash).startswith("$argon2id$")
        assert (entry.by, entry.action, entry.facts) == ("command line", "operator password", {"name": "ana"})
        with pytest.raises(SystemExit):
            shell.run("operator", "password", "ana", "uma senha bem comprida")

    def test_one_that_can_not_be_is_told(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.said(shell, monkeypatch, "curta")[0] == 1
        assert self.said(shell, monkeypatch)[0] == 1
        assert shell.run("operator", "password", "nobody")[0] == 1

    def test_tokens_are_listed_without_their_words_and_a_new_one_ends_them(self, shell: Shell) -> None:
        first = shell.line("operator", "tokens", "ana")
        assert (first["kind"], first["label"], first["expires_at"]) == ("key", "first", None)
        made = shell.line("operator", "token", "ana")["token"]
        (now,) = shell.lines("operator", "tokens", "ana")
        assert now["id"] != first["id"] and made not in str(now)
        assert now["id"] in shell.run("operator", "tokens", "ana")[1]
        assert shell.run("operator", "tokens", "nobody")[0] == 1

    def test_the_last_admin_stays(self, shell: Shell) -> None:
        shell.line("operator", "add", "chefe", "--role", "admin")
        for words in (("remove", "chefe"), ("set", "chefe", "--role", "operator")):
            code, _, err = shell.run("operator", *words)
            assert (code, "only admin" in err) == (1, True)
        shell.line("operator", "set", "ana", "--role", "admin")
        assert shell.run("operator", "remove", "chefe")[0] == 0
