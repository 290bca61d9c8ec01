"""A server of Sanic's made for one test: what Sanic does to itself at each start is done once for all that are alike.

At a start Sanic reads the source of its own methods, leaves out what nobody listens to, and compiles them. The outcome
hangs on what is listened to, nothing else.
"""

from __future__ import annotations

from typing import Any

from sanic import Sanic
from sanic.touchup import TouchUp

_run = TouchUp.run
_last: list[Any] = []


def _once(app: Sanic) -> None:
    """The methods are the classes' own: those of the last app that was started are in place."""
    now = sorted(signal.path for signal in app.signal_router.routes), app.state.verbosity, app.test_mode
    if _last != [now]:
        _run(app)
        _last[:] = [now]


def install() -> None:
    Sanic.test_mode = True
    TouchUp.run = staticmethod(_once)  # type: ignore[method-assign,assignment]
