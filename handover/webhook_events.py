"""/api/v1/webhook-events: every webhook as it came, what became of it, and how it is taken in once more."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.errors import NotFound
from conversation.said import say
from conversation.webhook import Webhook, WebhookState
from handover.auth import route, theirs
from handover.masked import masked
from handover.schemas import instant
from handover.shapes.page import Page
from handover.shapes.webhooks import WebhookEvent, WholeWebhookEvent
from store import accounts, webhooks
from store.operators import Operator, Role


class WebhookEventsQuery(msgspec.Struct):
    """`after`: the `next` of the part before. `account`: by either of its ids."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    after: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None
    channel: Annotated[str, msgspec.Meta(max_length=16)] | None = None
    account: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    kind: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    state: WebhookState | None = None
    since: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        "/webhook-events",
        role=Role.ADMIN,
        query=WebhookEventsQuery,
        answers=Page[WebhookEvent],
        refusals=(404,),
    )
    async def list_webhook_events(request: Request, operator: Operator, query: WebhookEventsQuery) -> dict[str, Any]:
        """Every webhook of the last days, the latest first.

        Who does not see all accounts sees those webhooks in which there is nothing of any other.
        """
        found = await request.app.ctx.baton.db.read(_listed, operator, query)
        more = str(found[-1].id) if len(found) == query.limit else None
        return {"items": [webhook_json(each) for each in found], "next": more}

    @route(
        blueprint,
        "GET",
        "/webhook-events/<webhook_id:int>",
        role=Role.ADMIN,
        answers=WholeWebhookEvent,
        refusals=(404,),
    )
    async def show_webhook_event(request: Request, operator: Operator, webhook_id: int) -> WholeWebhookEvent:
        """One of them, with its body."""
        webhook, body = await request.app.ctx.baton.db.read(webhooks.with_body, webhook_id)
        _need_visible(operator, webhook)
        return whole_json(webhook, body)

    @route(
        blueprint,
        "POST",
        "/webhook-events/<webhook_id:int>/redrive",
        role=Role.ADMIN,
        answers=WebhookEvent,
        refusals=(404,),
    )
    async def redrive_webhook_event(request: Request, operator: Operator, webhook_id: int) -> WebhookEvent:
        """Reads it and takes it in once more, now, in whatever state it is.

        What was taken in before changes nothing. What was not is answered, if the assistant may speak by now.
        """
        house = request.app.ctx.baton
        _need_visible(operator, await house.db.read(webhooks.get, webhook_id))
        return webhook_json(await house.redrive.again(webhook_id))


def _listed(tx: Connection, operator: Operator, query: WebhookEventsQuery) -> list[Webhook]:
    account = accounts.get(tx, query.account) if query.account is not None else None
    if account is not None and not operator.may_see(account.id):
        raise NotFound(say("There is no account {account}.", account=query.account))
    return webhooks.listed(
        tx,
        limit=query.limit,
        before=query.after,
        account_ids=theirs(operator),
        channel=query.channel,
        account=account.id if account is not None else None,
        kind=query.kind,
        state=query.state,
        since=query.since,
    )


def _need_visible(operator: Operator, webhook: Webhook) -> None:
    visible = theirs(operator)
    if visible is not None and not (webhook.accounts and set(webhook.accounts) <= set(visible)):
        raise NotFound(say("There is no webhook {webhook}.", webhook=webhook.id))


def webhook_json(webhook: Webhook) -> WebhookEvent:
    return {
        "id": webhook.id,
        "channel": webhook.channel,
        "accounts": list(webhook.accounts),
        "kinds": list(webhook.kinds),
        "state": webhook.state.value,
        "attempts": webhook.attempts,
        "error": webhook.error,
        "received_at": instant(webhook.received_at) or "",
        "due_at": instant(webhook.due_at),
        "ended_at": instant(webhook.ended_at),
    }


def whole_json(webhook: Webhook, body: str) -> WholeWebhookEvent:
    return {**webhook_json(webhook), "body": masked(_read(body))}


def _read(body: str) -> Any:
    """As JSON; a body that was changed by hand to be none, as its text."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body
