"""The least a durable webhook costs here: a bare Sanic server that commits one row and answers. No signature, no
parsing.

BATON_SOCKET=FD python -m bench.load.raw_server FOLDER
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from app.processes import SOCKET_VARIABLE

PATH = "/raw"


class Store:
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
    with contextlib.closing(Store(Path(sys.argv[1]))) as store:
        asyncio.run(serve(store))


if __name__ == "__main__":
    main()
