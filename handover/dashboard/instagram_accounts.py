"""/instagram/accounts/: Instagram accounts as the dashboard lists, adds, switches and removes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId, Channel
from conversation.channel_settings import ChannelSettings, Login
from conversation.sync import SyncKind
from handover.auth import answer
from handover.dashboard import direct, envelope
from handover.dashboard.direct_accounts import Name, Switches, Word, agent_of, change, given, needed, secret
from handover.dashboard.door import route
from handover.dashboard.objects import instagram
from handover.schemas import instant
from runtime.account_setup import NewAccount
from store import account_aliases, account_counts, syncs
from store.operators import Operator, Role

CHANNEL = Channel.INSTAGRAM
_Beside = tuple["datetime | None", "str | None"]
LIST, ONE = "/instagram/accounts/", "/instagram/accounts/<account_id:str>/"


class NewInstagramBody(Switches):
    """`instagram_account_id`: as it stands in webhooks. With a Page it came through Facebook; else through Instagram's
    own sign-in. `webhook_verify_token` is the installation's: what is given here is not looked at."""

    instagram_account_id: Word = ""
    instagram_user_id: Word = ""
    username: Name = ""
    access_token: Word = ""
    app_id: Word = ""
    app_secret: Word = ""
    facebook_page_id: Word = ""
    messaging_enabled: bool | None = None


class InstagramBody(Switches):
    """What is not given, or empty, stays."""

    access_token: Word = ""
    messaging_enabled: bool | None = None


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", LIST, role=Role.OPERATOR)
    async def dash_list_instagram_accounts(request: Request, operator: Operator) -> dict[str, Any]:
        """Your accounts on Instagram, the oldest first."""
        found = await direct.accounts_of(request, operator, CHANNEL)
        return envelope.of_all(await accounts_json(request, found))

    @route(blueprint, "POST", LIST, role=Role.ADMIN, body=NewInstagramBody)
    async def dash_add_instagram_account(request: Request, operator: Operator, body: NewInstagramBody) -> HTTPResponse:
        """Adds one by what stands in the form."""
        new = _new(body, await agent_of(request, body))
        account = await request.app.ctx.baton.account_setup.add(new)
        rest = Switches(human_handoff_enabled=body.human_handoff_enabled)
        return answer(await account_json(request, await change(request, account, rest)), 201)

    @route(blueprint, "GET", ONE, role=Role.OPERATOR)
    async def dash_show_instagram_account(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """One of them."""
        return await account_json(request, await direct.account_of(request, operator, CHANNEL, account_id))

    @route(blueprint, "PATCH", ONE, role=Role.ADMIN, body=InstagramBody)
    async def dash_change_instagram_account(
        request: Request, operator: Operator, body: InstagramBody, account_id: str
    ) -> dict[str, Any]:
        """Changes what is given; switched off, it is silent when this is answered."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        if body.is_active is None:
            body.is_active = body.messaging_enabled
        changed = await change(request, account, body, token=secret(body.access_token, "access_token"))
        return await account_json(request, changed)

    @route(blueprint, "DELETE", ONE, role=Role.ADMIN)
    async def dash_remove_instagram_account(request: Request, operator: Operator, account_id: str) -> HTTPResponse:
        """Removes it; what was said on it is kept."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        await request.app.ctx.baton.account_setup.remove(account.id, by=operator.name)
        return response.empty()

    @route(blueprint, "GET", f"{ONE}stats/", role=Role.OPERATOR)
    async def dash_count_instagram_account(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """How much there is of it."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        counts: account_counts.AccountCounts = await request.app.ctx.baton.db.read(account_counts.of, account.id)
        return {
            "total_conversations": counts.conversations,
            "active_conversations": counts.active,
            "total_messages": counts.messages,
            "unread_messages": counts.unread,
            "last_message_at": instant(counts.last_message_at),
        }


async def account_json(request: Request, account: Account) -> dict[str, Any]:
    (shown,) = await accounts_json(request, [account])
    return shown


async def accounts_json(request: Request, found: Sequence[Account]) -> list[dict[str, Any]]:
    house = request.app.ctx.baton
    profiles = await house.own_profiles.of(found)
    beside: dict[AccountId, _Beside] = await house.db.read(_beside, [each.id for each in found])
    return [
        instagram.account_json(each, profiles.get(each.id), last_sync_at=last_sync_at, user_id=user_id)
        for each in found
        for last_sync_at, user_id in [beside[each.id]]
    ]


def _beside(tx: Connection, ids: Sequence[AccountId]) -> dict[AccountId, _Beside]:
    """When each was last synced, and its other id."""
    return {each: _of_one(tx, each) for each in ids}


def _of_one(tx: Connection, account_id: AccountId) -> _Beside:
    sync = syncs.latest(tx, account_id, SyncKind.PAST)
    return sync.ended_at if sync else None, next(iter(account_aliases.of_account(tx, account_id)), None)


def _new(body: NewInstagramBody, agent: str | None) -> NewAccount:
    """It answers as the form has it from the first message on."""
    page, own_secret = given(body.facebook_page_id), secret(body.app_secret, "app_secret")
    own, user = body.instagram_account_id.strip(), given(body.instagram_user_id)
    settings = ChannelSettings(
        login=Login.INSTAGRAM if page is None else Login.FACEBOOK,
        page_id=page,
        app_id=given(body.app_id),
        username=given(body.username),
    )
    return NewAccount(
        channel=CHANNEL,
        provider_id=needed(own or user, "instagram_account_id"),
        name=given(body.name) or given(body.username),
        agent=agent,
        token=secret(body.access_token, "access_token"),
        secrets=[own_secret] if own_secret else [],
        channel_settings=settings,
        also_known_as=[needed(user, "instagram_user_id")] if user and user != own else [],
        active=False not in (body.is_active, body.messaging_enabled),
        auto_response=body.auto_response_enabled is not False,
    )
