"""One handler under several methods and paths: the dashboard's generations spell the same thing in several ways."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from sanic import Blueprint

from handover.auth import Handler
from handover.dashboard import door


def spelled(
    blueprint: Blueprint,
    methods: Sequence[str],
    paths: Sequence[str],
    *,
    route: Callable[..., Any] = door.route,
    **declared: Any,
) -> Callable[[Handler], Handler]:
    """As `route`. The first is called as the handler is; the others have a number behind that name."""

    def register(handler: Handler) -> Handler:
        for number, (method, path) in enumerate((method, path) for path in paths for method in methods):
            route(blueprint, method, path, **declared)(_called(handler, number) if number else handler)
        return handler

    return register


def _called(handler: Handler, number: int) -> Handler:
    """Route names are unique."""

    @functools.wraps(handler)
    async def named(*given: Any, **by_name: Any) -> Any:
        return await handler(*given, **by_name)

    named.__name__ = f"{handler.__name__}_{number + 1}"
    return named
