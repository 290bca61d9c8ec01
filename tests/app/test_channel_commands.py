"""Accounts of the three channels from the command line, and the settings of Instagram's sign-in."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app import instagram_settings, settings
from app.settings import BadSettings
from store import accounts
from store.database import Database, sqlite_url
from store.vault import Vault
from tests.app.test_cli import Shell, shell  # noqa: F401

INSTAGRAM = ("account", "add", "--channel", "instagram", "--id", "17841400000000001")
MESSENGER = ("account", "add", "--channel", "messenger", "--id", "200000000000001")
APP = {"INSTAGRAM_APP_ID": "900", "INSTAGRAM_APP_SECRET": "instagram-canary"}


class TestAnAccountOfAChannel:
    def test_has_what_was_said_of_it(self, shell: Shell) -> None:  # noqa: F811
        words = ("--login", "instagram", "--also-known-as", "77", "--profiles", "off", "--automation", "Olá!")
        added = shell.line(*INSTAGRAM, *words)
        own = added["channel_settings"]
        assert (own["login"], own["profiles"], own["automations"]) == ("instagram", False, ["Olá!"])
        assert added["also_known_as"] == ["77"]
        assert shell.lines("account", "list") == [added]

    def test_is_changed_one_thing_at_a_time(self, shell: Shell) -> None:  # noqa: F811
        shell.line(*MESSENGER, "--app-id", "5", "--personas", "off")
        changed = shell.line("account", "set", "200000000000001", "--human-agent", "on", "--stale-after-s", "60")
        own = changed["channel_settings"]
        assert (own["app_id"], own["personas"], own["human_agent"], own["stale_after_s"]) == ("5", False, True, 60.0)
        changed = shell.line("account", "set", "200000000000001", "--also-known-as", "77", "--automation", "")
        assert (changed["also_known_as"], changed["channel_settings"]["automations"]) == (["77"], [])
        changed = shell.line("account", "set", "200000000000001", "--also-known-as", "")
        assert changed["also_known_as"] == []

    def test_of_whatsapp_has_what_its_rules_are_kept_by(self, shell: Shell) -> None:  # noqa: F811
        given = {
            "join_within_s": 2.5,
            "messages_per_s": 20.0,
            "pair_every_s": 0.0,
            "pair_burst": 9,
            "messaging_limit": 7,
        }
        switched = {"join_bubbles": True, "answer_groups": True, "opt_outs": False, "appsecret_proof": False}
        words = [(f"--{name.replace('_', '-')}", str(value)) for name, value in given.items()]
        words += [(f"--{name.replace('_', '-')}", "on" if value else "off") for name, value in switched.items()]
        flat = (part for pair in words for part in pair)
        own = shell.line("account", "add", "--channel", "whatsapp", "--id", "1", *flat)["channel_settings"]
        assert {name: own[name] for name in (*given, *switched)} == {**given, **switched}

    @pytest.mark.parametrize(
        "words",
        [
            (*MESSENGER, "--answer-groups", "on"),
            (*INSTAGRAM, "--messaging-limit", "7"),
            (*INSTAGRAM, "--personas", "on"),
            (*MESSENGER, "--login", "instagram"),
            (*MESSENGER, "--page-id", "1"),
            ("account", "add", "--channel", "whatsapp", "--id", "1", "--human-agent", "on"),
        ],
    )
    def test_has_nothing_that_its_channel_has_not(self, shell: Shell, words: tuple[str, ...]) -> None:  # noqa: F811
        code, _, err = shell.run(*words)
        assert (code, "is not for" in err) == (1, True)
        assert shell.lines("account", "list") == []

    def test_has_no_page_where_it_signs_in_by_itself(self, shell: Shell) -> None:  # noqa: F811
        code, _, err = shell.run(*INSTAGRAM, "--login", "instagram", "--page-id", "1")
        assert (code, "there is no Page" in err) == (1, True)

    def test_an_id_of_another_account_is_refused_and_nothing_is_added(self, shell: Shell) -> None:  # noqa: F811
        shell.line(*MESSENGER)
        other = ("account", "add", "--channel", "messenger", "--id", "2", "--also-known-as", "200000000000001")
        code, _, err = shell.run(*other)
        assert (code, "another account's" in err) == (1, True)
        assert len(shell.lines("account", "list")) == 1

    def test_the_list_in_words_shows_its_sign_in_and_its_other_ids(self, shell: Shell) -> None:  # noqa: F811
        shell.line(*INSTAGRAM, "--login", "instagram", "--also-known-as", "77")
        assert "(login instagram, also 77)" in shell.run("account", "list")[1]

    def test_checking_says_what_stands_in_the_way_and_adds_it_all_the_same(self, shell: Shell) -> None:  # noqa: F811
        added = shell.line(*MESSENGER, "--check")
        assert "could not be reached" in added["check"]
        code, out, _ = shell.run("account", "set", "200000000000001", "--check")
        assert (code, "CHECK FAILED" in out) == (0, True)


class TestInstagramsSignIn:
    def test_an_account_with_it_takes_both_of_the_apps_secrets(
        self,
        shell: Shell,  # noqa: F811
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for name, value in {**APP, "META_APP_SECRET": "meta-canary"}.items():
            monkeypatch.setenv(name, value)
        added = shell.line(*INSTAGRAM, "--login", "instagram", "--token", "IGcanary")
        chosen = settings.read()
        database = Database(sqlite_url(shell.home / "baton.db"))
        own = database.read_now(accounts.credentials, Vault(*chosen.keys), added["id"])
        database.close()
        assert own.secrets == ("instagram-canary", "meta-canary")

    def test_the_link_is_the_emulators_where_no_app_is_named(self, shell: Shell) -> None:  # noqa: F811
        shell.run("operator", "add", "admin", "--role", "admin")
        url = urlsplit(shell.line("account", "connect", "instagram")["url"])
        asked = parse_qs(url.query)
        assert (url.netloc, url.path) == ("127.0.0.1:1", "/oauth/authorize")
        assert asked["redirect_uri"] == ["http://127.0.0.1:5005/connect/instagram/callback"]
        assert len(asked["state"]) == 1

    def test_the_link_is_instagrams_where_one_is(
        self,
        shell: Shell,  # noqa: F811
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for name, value in {**APP, "BATON_PUBLIC_URL": "https://baton.example.com"}.items():
            monkeypatch.setenv(name, value)
        shell.run("operator", "add", "admin", "--role", "admin")
        _, out, _ = shell.run("account", "connect", "instagram")
        assert "https://www.instagram.com/oauth/authorize?client_id=900&redirect_uri=https%3A%2F%2Fbaton." in out
        assert "canary" not in out

    def test_whoever_is_no_admin_has_no_link(self, shell: Shell) -> None:  # noqa: F811
        shell.run("operator", "add", "ana")
        for name in ("ana", "nobody"):
            assert shell.run("account", "connect", "instagram", "--as", name)[0] == 1

    def test_without_a_public_address_nobody_would_find_the_way_back(self, tmp_path: Path) -> None:
        chosen = settings.read({"BATON_HOME": str(tmp_path), **APP})
        assert instagram_settings.sign_in(chosen, "v24.0") is None

    def test_half_an_app_is_a_fault_and_its_secret_is_not_told(self, tmp_path: Path) -> None:
        for half in ({"INSTAGRAM_APP_ID": "900"}, {"INSTAGRAM_APP_SECRET": "canary"}, {**APP, "INSTAGRAM_APP_ID": "x"}):
            with pytest.raises(BadSettings, match="INSTAGRAM_APP_ID") as refused:
                settings.read({"BATON_HOME": str(tmp_path), **half})
            assert "canary" not in str(refused.value)

    def test_what_the_emulator_is_told_of_an_account_is_what_it_has(self, shell: Shell) -> None:  # noqa: F811
        from app import emulation

        added = shell.line(*INSTAGRAM, "--page-id", "5", "--app-id", "6")
        database = Database(sqlite_url(shell.home / "baton.db"))
        account = database.read_now(accounts.get, added["id"])
        database.close()
        told = emulation.told_of(account, accounts.Credentials(token=None, secrets=()))
        assert json.loads(json.dumps(told)) == {
            "channel": "instagram",
            "id": "17841400000000001",
            "name": account.name,
            "login": "facebook",
            "page_id": "5",
            "app_id": "6",
        }
