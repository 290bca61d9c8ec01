"""A migrated database for each test, copied from one made once; and the runtime on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")

import pytest
import structlog

from runtime.settings import RuntimeSettings
from store import migrations
from store.database import Database, sqlite_url
from store.vault import Vault, new_key
from tests.house import ScriptedDialogue, Stage, WoundClock, set_up

# What the tests log is read by people: without the pages of variables that structlog prints by default.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "baton.db"
    database = Database(sqlite_url(path))
    migrations.upgrade(database)
    database.close()
    return path


@pytest.fixture
def db_path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "baton.db"))


@pytest.fixture
def db(db_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(db_path))
    yield database
    database.close()


@pytest.fixture
def clock() -> WoundClock:
    return WoundClock()


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault(new_key())


@pytest.fixture
def settings() -> RuntimeSettings:
    """Quick where something is waited for; a test that needs others overrides this."""
    return RuntimeSettings(typing_after_s=30, take_settle_s=0.3)


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    account, agent, lease = set_up(db, vault, clock)
    return Stage(
        db=db,
        clock=clock,
        vault=vault,
        settings=settings,
        account=account,
        agent=agent,
        lease=lease,
        dialogue=ScriptedDialogue(db),
    )
