"""The least a durable webhook costs here: a bare Sanic server that commits one row and answers. No signature, no
parsing. Its row goes to a SQLite file in FOLDER, or to the PostgreSQL named.

BATON_SOCKET=FD python -m bench.load.raw_server FOLDER [DATABASE_URL]
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import queue
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any, Protocol

import psycopg2
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from app.processes import SOCKET_VARIABLE

PATH = "/raw"
_THREADS = 8


class Store(Protocol):
    async def keep(self, body: bytes) -> None: ...

    def close(self) -> None: ...


class SqliteStore:
    """One writer thread, one commit a row, as durable as ours: WAL and `synchronous=FULL`."""

    def __init__(self, folder: Path) -> None:
        self._thread = concurrent.futures.ThreadPoolExecutor(1)
        self._connection = self._thread.submit(_opened, folder / "raw.db").result()

    async def keep(self, body: bytes) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._insert, body)

    def _insert(self, body: bytes) -> None:
        self._connection.execute("INSERT INTO kept (body) VALUES (?)", (body,))  # autocommit: a transaction of its own

    def close(self) -> None:
        self._thread.submit(self._connection.close).result()
        self._thread.shutdown()


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, body BLOB)")
    return connection


class PostgresStore:
    """A few threads with a connection each, one commit a row: PostgreSQL flushes for several at a time."""

    def __init__(self, url: str) -> None:
        self._connections = [psycopg2.connect(url) for _ in range(_THREADS)]
        for connection in self._connections:
            connection.autocommit = True
        with self._connections[0].cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS bench_raw (id bigserial PRIMARY KEY, body bytea)")
        self._free = queue.SimpleQueue[Any]()
        for connection in self._connections:
            self._free.put(connection)
        self._threads = concurrent.futures.ThreadPoolExecutor(_THREADS)

    async def keep(self, body: bytes) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._insert, body)

    def _insert(self, body: bytes) -> None:
        connection = self._free.get()
        try:
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO bench_raw (body) VALUES (%s)", (body,))
        finally:
            self._free.put(connection)

    def close(self) -> None:
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()


async def serve(store: Store) -> None:
    app = Sanic("bench_raw", configure_logging=False)

    @app.post(PATH)
    async def take(request: Request) -> HTTPResponse:
        await store.keep(request.body)
        return response.text("ok\n")

    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    listening = socket.socket(fileno=int(os.environ[SOCKET_VARIABLE]))
    server = await app.create_server(
        sock=listening, return_asyncio_server=True, access_log=False, asyncio_server_kwargs={"start_serving": False}
    )
    await server.startup()
    await server.start_serving()
    print("ready", flush=True)
    await stopping.wait()
    server.close()
    await server.wait_closed()


def main() -> None:
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    made = PostgresStore(sys.argv[2]) if len(sys.argv) > 2 else SqliteStore(Path(sys.argv[1]))
    with contextlib.closing(made) as store:
        asyncio.run(serve(store))


if __name__ == "__main__":
    main()
