"""Settings from the environment: faults all at once, secrets made once and kept to their owner."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from app import redis_settings
from app.settings import META_URL, ROOT, BadSettings, is_loopback, read
from runtime.settings import RuntimeSettings
from store.vault import new_key


def test_without_anything_it_has_the_documented_defaults(tmp_path: Path) -> None:
    chosen = read({"BATON_HOME": str(tmp_path / "home")})
    assert (chosen.host, chosen.port, chosen.emulator_port) == ("127.0.0.1", 5005, 5006)
    assert chosen.database_url == f"sqlite:///{tmp_path}/home/baton.db"
    assert (chosen.redis_url, chosen.graph_url, chosen.app_secret_is_given) == (None, None, False)
    assert (chosen.project, chosen.models) == (ROOT, ROOT / "models")


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    env = {
        "BATON_HOME": str(tmp_path),
        "PORT": "70000",
        "EMULATOR_PORT": "x",
        "GRAPH_URL": "ftp://graph",
        "REDIS_URL": "http://redis",
        "DATABASE_URL": "mysql://db",
        "BATON_KEY": "short",
    }
    with pytest.raises(BadSettings) as refused:
        read(env, project=tmp_path / "nowhere")
    told = str(refused.value).splitlines()
    for name in ("PORT is", "EMULATOR_PORT", "GRAPH_URL", "REDIS_URL", "DATABASE_URL", "BATON_KEY", "no domain.yml"):
        assert any(name in line for line in told), name


@pytest.mark.parametrize("port", ["0", "-1", "65536", "5005.0", "²", " "])
def test_what_is_no_port_is_said_with_what_one_is(tmp_path: Path, port: str) -> None:
    with pytest.raises(BadSettings, match="must be a port, 1 to 65535"):
        read({"BATON_HOME": str(tmp_path), "PORT": port})


def test_the_two_ports_must_differ(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="must differ"):
        read({"BATON_HOME": str(tmp_path), "PORT": "7000", "EMULATOR_PORT": "7000"})


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, second = read({"BATON_HOME": str(home)}), read({"BATON_HOME": str(home)})
    assert (first.key, first.app_secret, first.verify_token) == (second.key, second.app_secret, second.verify_token)
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600
    assert [p.name for p in home.iterdir()] == ["secrets.json"]  # no draft is left
    other = read({"BATON_HOME": str(tmp_path / "other")})
    assert len({first.key, other.key, first.app_secret, other.app_secret}) == 4


def test_of_two_first_runs_at_once_both_have_the_same_secrets(tmp_path: Path) -> None:
    barrier, keys = threading.Barrier(2), []

    def run() -> None:
        barrier.wait(10)
        keys.append(read({"BATON_HOME": str(tmp_path)}).key)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_given_values_win_and_are_not_written_down(tmp_path: Path) -> None:
    key = new_key()
    env = {"BATON_HOME": str(tmp_path), "BATON_KEY": key, "META_APP_SECRET": "mine", "META_VERIFY_TOKEN": "token"}
    chosen = read(env)
    assert (chosen.key, chosen.app_secret, chosen.verify_token) == (key, "mine", "token")
    assert chosen.app_secret_is_given
    kept = (tmp_path / "secrets.json").read_text()
    assert key not in kept
    assert "mine" not in kept


@pytest.mark.parametrize("kept", ["", "{", "[]", "{}", json.dumps({"key": "x"}), "null"])
def test_a_secrets_file_that_can_not_be_read_is_said_and_not_replaced(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secrets.json").write_text(kept)
    with pytest.raises(BadSettings, match=r"secrets\.json can't be read"):
        read({"BATON_HOME": str(tmp_path)})
    assert (tmp_path / "secrets.json").read_text() == kept


def test_a_home_that_can_not_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="BATON_HOME"):
        read({"BATON_HOME": str(tmp_path / "file" / "home")})


def test_a_project_that_can_not_be_trained_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("")
    with pytest.raises(BadSettings, match=r"no config\.yml"):
        read({"BATON_HOME": str(tmp_path / "home")}, project=tmp_path)


def test_another_projects_models_are_not_put_into_it(tmp_path: Path) -> None:
    project = tmp_path / "bot"
    project.mkdir()
    for name in ("domain.yml", "config.yml"):
        (project / name).write_text("")
    chosen = read({"BATON_HOME": str(tmp_path / "home")}, project=project)
    assert chosen.models == tmp_path / "home" / "models" / "bot"


class TestWhereRequestsGo:
    def bases(self, tmp_path: Path, graph_url: str = "") -> tuple[str, str]:
        chosen = read({"BATON_HOME": str(tmp_path), "GRAPH_URL": graph_url})
        return chosen.graph_base(emulated=True), chosen.graph_base(emulated=False)

    def test_an_emulated_account_to_this_machine_and_a_real_one_to_meta(self, tmp_path: Path) -> None:
        assert self.bases(tmp_path) == ("http://127.0.0.1:5006", META_URL)

    def test_an_emulated_one_never_leaves_this_machine(self, tmp_path: Path) -> None:
        emulated, real = self.bases(tmp_path, "https://graph.example.com/")
        assert (emulated, real) == ("http://127.0.0.1:5006", "https://graph.example.com")

    def test_the_admins_own_stand_in_takes_both(self, tmp_path: Path) -> None:
        assert self.bases(tmp_path, "http://localhost:9000") == ("http://localhost:9000",) * 2

    def test_a_channel_that_is_not_metas_has_its_own_server(self, tmp_path: Path) -> None:
        chosen = read({"BATON_HOME": str(tmp_path)})
        assert chosen.graph_base(emulated=False, server="https://api.example.org") == "https://api.example.org"
        assert chosen.graph_base(emulated=True, server="https://api.example.org") == "http://127.0.0.1:5006"


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://localhost", True),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_what_is_this_machine(url: str, is_ours: bool) -> None:
    assert is_loopback(url) is is_ours


class TestTheRuntimes:
    def test_each_has_a_variable_of_its_own(self, tmp_path: Path) -> None:
        env = {"BATON_HOME": str(tmp_path), "BATON_WITNESS_S": "2.5", "BATON_TRIES": "7", "BATON_READ_RECEIPTS": "off"}
        chosen = read(env).runtime
        assert (chosen.witness_s, chosen.tries, chosen.read_receipts) == (2.5, 7, False)
        assert chosen.lease_s == RuntimeSettings().lease_s

    @pytest.mark.parametrize(
        ("name", "text", "wanted"),
        [
            ("BATON_WITNESS_S", "soon", "a number of seconds, 0 or more"),
            ("BATON_WITNESS_S", "-1", "a number of seconds, 0 or more"),
            ("BATON_WITNESS_S", "nan", "a number of seconds, 0 or more"),
            ("BATON_TRIES", "2.5", "a whole number, 0 or more"),
            ("BATON_READ_RECEIPTS", "perhaps", "on or off"),
        ],
    )
    def test_what_can_not_be_read_is_said_with_what_can(
        self, tmp_path: Path, name: str, text: str, wanted: str
    ) -> None:
        with pytest.raises(BadSettings, match=f"{name} is '{text}'; it must be {wanted}"):
            read({"BATON_HOME": str(tmp_path), name: text})


@pytest.mark.parametrize(
    "url",
    ["redis://h", "redis://:pass@h:6379/2", "rediss://me:a%2Fb@h:6380", "unix:///run/redis.sock", "redis://[::1]:1"],
)
def test_where_redis_may_be(tmp_path: Path, url: str) -> None:
    assert read({"BATON_HOME": str(tmp_path), "REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "http://h",
        "redis://me:hidden-word@h:port",
        "redis://me:hidden-word@h/zero",
        "unix://",
        "redis://h:0",
    ],
)
def test_where_redis_can_not_be_is_said_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSettings, match="REDIS_URL must be") as refused:
        read({"BATON_HOME": str(tmp_path), "REDIS_URL": url})
    assert "hidden-word" not in str(refused.value)


def test_the_password_of_redis_is_hidden_however_it_is_written() -> None:
    assert redis_settings.secrets("redis://me:a%2Fb@h:6380") == ["redis://me:a%2Fb@h:6380", "a%2Fb", "a/b"]
    assert redis_settings.secrets("redis://h") == []


def test_a_prefix_in_redis_is_a_plain_word(tmp_path: Path) -> None:
    assert read({"BATON_HOME": str(tmp_path), "BATON_REDIS_PREFIX": "shop-1"}).redis_prefix == "shop-1"
    with pytest.raises(BadSettings, match="BATON_REDIS_PREFIX"):
        read({"BATON_HOME": str(tmp_path), "BATON_REDIS_PREFIX": "a b*"})
