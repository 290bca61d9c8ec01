"""What every page of the dashboard asks for beside the six systems: it is told that there is none of it.

Without a store it opens no socket of orders and sends no store's name with its lists.
"""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from handover.dashboard import door, envelope
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @door.route(blueprint, "GET", "/stores/stores/", role=Role.OPERATOR)
    async def dash_list_stores(request: Request, operator: Operator) -> dict[str, Any]:
        """There are no stores here."""
        return envelope.of_all([])

    @door.route(blueprint, "GET", "/notifications/", role=Role.OPERATOR)
    async def dash_list_notifications(request: Request, operator: Operator) -> dict[str, Any]:
        """There are no notifications here: the pages are told of all that happens by their socket."""
        return envelope.of_all([])

    @door.route(blueprint, "GET", "/notifications/unread_count/", role=Role.OPERATOR)
    async def dash_count_notifications(request: Request, operator: Operator) -> dict[str, Any]:
        """None is unread."""
        return {"count": 0}
