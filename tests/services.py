"""Real services for tests: Redis, and a SQLite file or a PostgreSQL database, each test's own, copied from one.

PostgreSQL is the server of DATABASE_URL, Redis that of REDIS_URL, else started from a package. Where one can't be had,
its tests skip; in CI they fail. Each process of a parallel run starts its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.services import postgres, redis_server
from store import migrations
from store.database import Database, sqlite_url

#: For tests of what only one of the two has, or does in its own way.
sqlite_only = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
on_each_kind = pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)


def _kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


#: For a conftest: its folder's tests run on each. `kind = services.each_kind`
each_kind = pytest.fixture(params=["sqlite", "postgresql"])(_kind)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on: SQLite, unless its folder or its mark says otherwise."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server on which databases can be made."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield given
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(postgres.running(careless=True))
        except postgres.NoPostgres as none:
            _absent(none)
        yield server.url


@pytest.fixture(scope="session")
def database_maker(server_url: str) -> Iterator[Connection]:
    """Makes and drops the databases of all tests."""
    with postgres.administering(server_url) as admin:
        yield admin


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "baton.db"
    migrate(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def postgresql_template(server_url: str) -> Iterator[str]:
    """The name of a migrated database that nobody is connected to."""
    with postgres.scratch(server_url) as url:
        migrate(url)
        yield str(sa.engine.make_url(url).database)


@pytest.fixture
def db_url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test's own. What its kind does not need is not started."""
    get: Callable[[str], Any] = request.getfixturevalue
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="baton-sqlite-", dir=postgres.memory()) as folder:
            yield sqlite_url(Path(shutil.copy(get("sqlite_template"), Path(folder) / "baton.db")))
    else:
        with postgres.scratch(
            get("server_url"), template=get("postgresql_template"), admin=get("database_maker")
        ) as url:
            yield url


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it yet."""
    if kind == "sqlite":
        yield sqlite_url(tmp_path / "new.db")
    else:
        get: Callable[[str], Any] = request.getfixturevalue
        with postgres.scratch(get("server_url"), admin=get("database_maker")) as url:
            yield url


@pytest.fixture
def own_server() -> Iterator[postgres.Server]:
    """A PostgreSQL for one test, which may end it and start it again; never one that others use."""
    try:
        with postgres.running(careless=True) as server:
            yield server
    except postgres.NoPostgres as none:
        _absent(none)


@pytest.fixture
def own_url(own_server: postgres.Server) -> str:
    migrate(own_server.url)
    return own_server.url


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    database = Database(db_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis that others use too: a test's keys and channels have a prefix of its own."""
    given = os.environ.get("REDIS_URL", "")
    if given:
        yield given
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(redis_server.running())
        except redis_server.NoRedis as none:
            _absent(none)
        yield server.url


@pytest.fixture
def own_redis() -> Iterator[redis_server.Server]:
    """A Redis for one test, which may kill it, freeze it and start it again."""
    try:
        with redis_server.running() as server:
            yield server
    except redis_server.NoRedis as none:
        _absent(none)


def _absent(none: RuntimeError) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(str(none))
    pytest.skip(str(none))


def migrate(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database)
    database.close()
