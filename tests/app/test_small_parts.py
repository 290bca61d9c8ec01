"""Models on disk, the lifeline of child processes, the first run, the state folder's lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import first_run, models, state_lock
from app.settings import ROOT, read
from conversation.account import Channel
from conversation.errors import BadInput
from runtime.clock import SystemClock
from store import accounts, agents, operators
from store.database import Database
from store.operators import Role
from store.vault import Vault
from tests.house import NUMBER


class TestModels:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        """Trained at 2000, of what was written at 1000."""
        (tmp_path / "data" / "pt").mkdir(parents=True)
        (tmp_path / "models").mkdir()
        for name in ("config.yml", "domain.yml", "data/pt/nlu.yml"):
            (tmp_path / name).write_text("x")
        for path in [tmp_path / "data" / "pt" / "nlu.yml", *tmp_path.rglob("*")]:
            os.utime(path, (1000, 1000))
        self.train(tmp_path, "a", 2000)
        return tmp_path

    def train(self, project: Path, name: str, at: float) -> Path:
        model = project / "models" / f"{name}.tar.gz"
        model.write_bytes(b"x")
        os.utime(model, (at, at))
        return model

    def is_stale(self, project: Path) -> bool:
        return models.is_stale(project, project / "models")

    def test_what_nothing_has_changed_for_is_fresh(self, project: Path) -> None:
        assert not self.is_stale(project)

    @pytest.mark.parametrize("name", ["config.yml", "domain.yml", "data/pt/nlu.yml", "data/pt"])
    def test_a_changed_source_makes_it_stale_until_it_is_trained_again(self, project: Path, name: str) -> None:
        os.utime(project / name, (3000, 3000))
        assert self.is_stale(project)
        self.train(project, "b", 3001)
        assert not self.is_stale(project)

    def test_what_no_model_is_made_of_does_not(self, project: Path) -> None:
        (project / "README.md").write_text("x")
        (project / "data" / "__pycache__").mkdir()
        assert not self.is_stale(project)

    def test_without_a_model_it_is_stale(self, project: Path) -> None:
        (project / "models" / "a.tar.gz").unlink()
        assert self.is_stale(project)

    def test_the_newest_is_the_one_written_last(self, project: Path) -> None:
        self.train(project, "0", 2500)
        (project / "models" / "later.txt").write_text("x")
        found = models.newest(project / "models")
        assert found is not None
        assert found.path.name == "0.tar.gz"
        assert models.newest(project / "nowhere") is None

    def test_one_being_written_is_not_settled(self, project: Path) -> None:
        (project / "models" / "b.tar.gz").write_bytes(b"half")
        found = models.newest(project / "models")
        assert found is not None
        assert not found.settled()
        os.utime(found.path, (3000, 3000))
        settled = models.newest(project / "models")
        assert settled is not None
        assert settled.settled()


CHILD = """
import signal, sys, time
from app import lifeline
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
lifeline.hold()
print("up", flush=True)
time.sleep(60)
"""


def test_a_child_ends_when_its_parent_is_gone() -> None:
    read_end, write_end = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        env={**os.environ, "BATON_LIFELINE": str(read_end), "PYTHONPATH": str(ROOT)},
        pass_fds=(read_end,),
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(read_end)
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    assert child.poll() is None
    os.close(write_end)
    assert child.wait(10) == 7
    child.communicate()


class TestFirstRun:
    def prepare(self, db: Database, vault: Vault, *, emulator: bool = True) -> first_run.FirstRun:
        return db.write_now(first_run.prepare, vault, emulator=emulator)

    def test_it_makes_an_agent_an_operator_and_an_account_to_try(self, db: Database, vault: Vault) -> None:
        made = self.prepare(db, vault)
        made_accounts = db.read_now(accounts.all_of)
        (agent,) = db.read_now(agents.all_of)
        assert [(a.channel.value, a.provider_id) for a in made_accounts] == [
            ("whatsapp", first_run.DEMO_NUMBER),
            ("messenger", first_run.DEMO_PAGE),
            ("instagram", first_run.DEMO_INSTAGRAM),
        ]
        assert all(account.emulated and account.agent_id == agent.id for account in made_accounts)
        assert made.token is not None
        operator = db.read_now(operators.by_token, made.token, SystemClock().now())
        assert operator is not None
        assert (operator.name, operator.role) == ("admin", Role.ADMIN)

    def test_the_second_run_makes_nothing_and_shows_no_login_again(self, db: Database, vault: Vault) -> None:
        first = self.prepare(db, vault)
        second = self.prepare(db, vault)
        assert second.token is None
        assert len(db.read_now(accounts.all_of)) == 3
        assert first.token is not None
        assert db.read_now(operators.by_token, first.token, SystemClock().now()) is not None
        # The phone page's own token is new at each start, and the old one is worth nothing.
        assert first.demo_token is not None
        assert second.demo_token is not None
        assert db.read_now(operators.by_token, first.demo_token, SystemClock().now()) is None
        assert db.read_now(operators.by_token, second.demo_token, SystemClock().now()) is not None

    def test_without_the_emulator_there_is_nothing_for_it(self, db: Database, vault: Vault) -> None:
        assert self.prepare(db, vault, emulator=False).demo_token is None
        assert db.read_now(accounts.all_of) == []

    def test_a_new_account_answers_by_the_default_agent_or_the_one_named(self, db: Database, vault: Vault) -> None:
        self.prepare(db, vault, emulator=False)

        def add(tx: object, **given: object) -> object:
            return first_run.add_account(tx, vault, channel=Channel.WHATSAPP, emulated=True, **given)  # type: ignore[arg-type]

        account = db.write_now(add, provider_id=NUMBER)
        assert (account.active, account.auto_response, account.name) == (True, True, "whatsapp 0001")  # type: ignore[attr-defined]


def test_a_second_runtime_on_the_same_state_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    chosen = read({"BATON_HOME": str(tmp_path)})
    first = state_lock.take(chosen.home, state_lock.RUN)
    with pytest.raises(BadInput, match="already running"):
        state_lock.take(chosen.home, state_lock.RUN)
    first.close()
    state_lock.take(chosen.home, state_lock.RUN).close()
