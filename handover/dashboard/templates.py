"""/whatsapp/templates/: the templates of a number's business, as WhatsApp has them now."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.errors import NotFound
from conversation.said import in_language, say
from handover.auth import language
from handover.dashboard import envelope
from handover.dashboard.door import route
from handover.dashboard.objects.whatsapp_account import template_json
from handover.dashboard.whatsapp_accounts import ONE, number_of
from store.operators import Operator, Role


class TemplatesQuery(msgspec.Struct):
    account: str = ""


class Synced(TypedDict):
    message: str
    count: int


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/whatsapp/templates/", role=Role.OPERATOR, query=TemplatesQuery)
    async def dash_list_templates(request: Request, operator: Operator, query: TemplatesQuery) -> dict[str, Any]:
        """Those of the account, at most some minutes old.

        The pages ask for those of any account of any channel, and go back to the list where they are refused: where
        there are none to be had, there are none.
        """
        try:
            account = await number_of(request, operator, query.account)
        except NotFound:
            return envelope.of_all([])
        found = await request.app.ctx.baton.businesses.templates(account)
        return envelope.of_all([template_json(each, account) for each in found])

    @route(blueprint, "POST", f"{ONE}sync_templates/", role=Role.OPERATOR, answers=Synced, refusals=(409,))
    async def dash_sync_templates(request: Request, operator: Operator, account_id: str) -> Synced:
        """Asks WhatsApp for them now."""
        account = await number_of(request, operator, account_id)
        found = await request.app.ctx.baton.businesses.fetch_templates(account)
        told = say("WhatsApp has {count} templates of this number.", count=len(found))
        return {"message": in_language(told, language(request)), "count": len(found)}
