"""Words for what the server refuses before a route of ours is reached: its own are in English, for programmers."""

from __future__ import annotations

from sanic.exceptions import SanicException
from sanic.request import Request

from conversation.said import Said, say


def words(error: SanicException, request: Request) -> str:
    """Ours where it is a route that refused; by its status else."""
    given = error.args[0] if error.args else str(error)
    return given if isinstance(given, Said) else _by_status(error.status_code, request) or str(given)


def _by_status(status: int | None, request: Request) -> Said | None:
    if status == 400:
        return say("The request can't be read.")
    if status == 404:
        return say("There is nothing at {path}.", path=request.path)
    if status == 405:
        return say("{method} is not for {path}.", method=request.method, path=request.path)
    if status == 408:
        return say("The request took too long.")
    if status == 413:
        return say("The request is too large.")
    return say("This can't be answered now: try again.") if status == 503 else None
