"""/instagram/accounts/{id}/sync/ and its like: what was said before is fetched beside everything else; the answer does
not wait for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.account import Account
from conversation.channel_settings import Login
from conversation.said import in_language, say
from handover import sync
from handover.auth import language
from handover.dashboard import direct
from handover.dashboard.door import route
from handover.dashboard.instagram_accounts import CHANNEL, ONE
from handover.dashboard.spelled import spelled
from handover.schemas import instant
from runtime import asking_channels
from runtime.abilities import OwnProfile
from runtime.tokens import TokenKeeper
from store.operators import Operator, Role

_NEVER_ENDS = say("This account came through a Page: its token does not end by itself.")
_NO_TOKEN = say("This account has no token of its own to be renewed.")
_RENEWED = say("The account has a new token.")


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", f"{ONE}sync/", role=Role.ADMIN)
    async def dash_sync_instagram(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """Begins to fetch what was said before."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        return await _begun(request, operator, account)

    @spelled(
        blueprint,
        ("POST", "GET"),
        (f"{ONE}sync_conversations/", f"{ONE}sync-conversations/"),
        role=Role.ADMIN,
        changes=True,
    )
    async def dash_sync_instagram_talks(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """The same, with how many conversations have been looked at by now."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        return await _begun(request, operator, account)

    @spelled(blueprint, ("POST", "GET"), (f"{ONE}sync_profile/", f"{ONE}sync-profile/"), role=Role.ADMIN, changes=True)
    async def dash_sync_instagram_profile(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """Asks Instagram what the account is called, and how many follow it."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        return {"synced": await _renamed(request, account)}

    @route(blueprint, "POST", f"{ONE}refresh-token/", role=Role.ADMIN)
    async def dash_refresh_instagram_token(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """A new token for the old one. Without being asked, it is renewed ten days before it ends."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        if account.channel_settings.login is not Login.INSTAGRAM:
            return _token_json(request, _NEVER_ENDS, None)
        tokens: TokenKeeper = request.app.ctx.baton.tokens
        renewed = await asking_channels.answered(tokens.renew(account.id))
        return _token_json(request, _NO_TOKEN if renewed is None else _RENEWED, renewed)


def _token_json(request: Request, told: str, renewed: Account | None) -> dict[str, Any]:
    return {
        "refreshed": renewed is not None,
        "message": in_language(told, language(request)),
        "token_expires_at": instant(renewed.token_expires_at) if renewed is not None else None,
    }


async def _begun(request: Request, operator: Operator, account: Account) -> dict[str, Any]:
    begun = await sync.begin(request, operator, account)
    told = say("What was said before is being fetched.")
    return {
        "status": "syncing",
        "synced": True,
        "count": begun.conversations_seen,
        "message": in_language(told, language(request)),
    }


async def _renamed(request: Request, account: Account) -> bool:
    """By its own name there; what people have called it here stays."""
    house = request.app.ctx.baton
    profile: OwnProfile = await asking_channels.answered(house.own_profiles.ask(account))
    settings = account.channel_settings
    if profile.username is not None and profile.username != settings.username:
        named = replace(settings, username=profile.username)
        await house.ownership.change_account(account.id, channel_settings=named, version=account.version)
    return profile.username is not None
