"""In the process under test: at a named point, asks the bench whether to go on, and waits for its `go`.

The bench marks each (point, conversation) it wants to hold by a file; without one nothing is asked, so that a point
costs a look for a file and no more. Each thread has one connection.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import socket
import threading

from runtime import points

#: Held points each take a thread; many conversations may be held at once.
_MOST_HELD = 256


def marks_of(socket_path: str) -> str:
    return f"{socket_path}.marks"


def mark(socket_path: str, point: str, conversation_id: str) -> str:
    """The file that says: ask at this point."""
    return os.path.join(marks_of(socket_path), f"{point}.{conversation_id}")


def install(socket_path: str) -> None:
    """Sets the product's hook. Points that are awaited wait in threads of ours: the loop's own are few."""
    threads = concurrent.futures.ThreadPoolExecutor(_MOST_HELD, thread_name_prefix="held")
    mine = threading.local()

    def marked(point: str, conversation_id: str) -> bool:
        return os.path.exists(mark(socket_path, point, conversation_id))

    def reach(name: str, conversation_id: str) -> None:
        if marked(name, conversation_id):
            ask(name, conversation_id)

    async def reach_async(name: str, conversation_id: str) -> None:
        if marked(name, conversation_id):
            await asyncio.get_running_loop().run_in_executor(threads, ask, name, conversation_id)

    def ask(point: str, conversation_id: str) -> None:
        try:
            if not hasattr(mine, "connection"):
                mine.connection = socket.socket(socket.AF_UNIX)
                mine.connection.connect(socket_path)
            mine.connection.sendall(f"{point} {conversation_id}\n".encode())
            mine.connection.recv(3)
        except OSError:  # the bench is gone: nobody holds us any more
            mine.__dict__.pop("connection", None)

    points.hook = reach
    points.reach_async = reach_async
