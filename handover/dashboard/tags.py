"""/api/v1/conversations/{id}/add_tag/, remove_tag/: words by which a conversation is found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from handover.auth import visible
from handover.dashboard.conversations import shown
from handover.dashboard.door import route
from store import tags
from store.operators import Operator, Role


class TagBody(msgspec.Struct):
    tag: str


def register(blueprint: Blueprint) -> None:
    _register(blueprint, "add_tag", tags.put, "Puts a tag on it.")
    _register(blueprint, "remove_tag", tags.remove, "Takes a tag off it.")


def _register(blueprint: Blueprint, name: str, change: Callable[..., Any], told: str) -> None:
    async def changed(request: Request, operator: Operator, body: TagBody, conversation_id: str) -> dict[str, Any]:
        conversation = await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        await house.db.write(change, conversation.id, body.tag, by=operator.name, now=house.clock.now())
        return await shown(request, conversation.id)

    changed.__name__, changed.__doc__ = f"dash_{name}", told
    path = f"/conversations/<conversation_id:str>/{name}/"
    route(blueprint, "POST", path, role=Role.OPERATOR, body=TagBody)(changed)
