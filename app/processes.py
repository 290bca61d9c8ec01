"""What the parent and its children tell each other, and the socket they hand on. Light: the parent imports it."""

from __future__ import annotations

import socket

#: The number of the inherited listening socket.
SOCKET_VARIABLE = "BATON_SOCKET"
#: Names the parent, so that a worker may take over at once from one whose end our parent saw.
HOUSE_VARIABLE = "BATON_HOUSE"


def bind(host: str, port: int) -> socket.socket:
    """A listening socket of our own, so that a restarted gateway loses no connection that is waiting."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(1024)
    except BaseException:
        made.close()
        raise
    return made
