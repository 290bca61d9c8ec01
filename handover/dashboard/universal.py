"""/api/v1/conversations/universal/: who is talking, on all channels together."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from handover.auth import theirs
from handover.dashboard import envelope
from handover.dashboard.door import route
from handover.dashboard.objects.universal import universal_json
from store import listing
from store.listing import Wanted
from store.operators import Operator, Role

#: The page asks for all there are, once a minute: so many of the latest.
_MOST = 200


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations/universal/", role=Role.OPERATOR)
    async def dash_list_all_conversations(request: Request, operator: Operator) -> dict[str, Any]:
        """The latest of every channel, the newest first."""
        house = request.app.ctx.baton
        wanted = Wanted(account_ids=theirs(operator))
        found = await house.db.read(listing.numbered_page, wanted, house.clock.now(), limit=_MOST)
        return envelope.of_all([universal_json(line) for line in found])
