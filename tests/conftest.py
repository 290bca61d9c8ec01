"""The runtime, on a database of each test's own: see `services.py`."""

from __future__ import annotations

import gc
import logging
import os
import tempfile
from collections.abc import Iterator

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
# Tests run beside each other: threads of one calculation would only wait for their turn.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_INTRA_OP_PARALLELISM_THREADS", "1")
os.environ.setdefault("TF_INTER_OP_PARALLELISM_THREADS", "1")

import pytest
import structlog

from bench.services import postgres
from runtime.settings import RuntimeSettings
from store.database import Database
from store.vault import Vault, new_key
from tests import compiled_once
from tests.house import HOLDER, ScriptedDialogue, Stage, WoundClock, set_up

pytest_plugins = ["tests.another_guard", "tests.hanging", "tests.longest_first", "tests.services", "tests.trained"]

compiled_once.install()
if "TMPDIR" not in os.environ and (memory := postgres.memory()):
    os.environ["TMPDIR"] = memory  # nobody wants it back after a power cut, and it takes a tenth less time
    tempfile.tempdir = None  # chosen anew


def pytest_collection_finish() -> None:
    """Ten thousand tests and all of Rasa stay to the end: to look through them for garbage again and again took a tenth
    of the suite's time."""
    gc.set_threshold(50_000, 20, 100)
    gc.collect()
    gc.freeze()


# What the tests log is read by people: without the pages of variables that structlog prints by default.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that is run in this process sets up its log, to a stream that ends with its test."""
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    if list(root.handlers) != handlers:
        root.handlers = handlers
        root.setLevel(level)
        structlog.configure(**config)


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
    account, agent = set_up(db, vault, clock)
    return Stage(
        db=db,
        clock=clock,
        vault=vault,
        settings=settings,
        account=account,
        agent=agent,
        holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )
