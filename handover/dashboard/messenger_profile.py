"""/messenger/accounts/{id}/profile/: what a customer finds in an empty chat with a Page. Meta alone keeps it: it is
asked there, and changed there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.account import Account
from conversation.errors import Refused
from conversation.said import say
from handover.dashboard import direct
from handover.dashboard.door import route
from handover.dashboard.messenger_accounts import CHANNEL, GENERATIONS, Generation
from runtime import asking_channels
from runtime.abilities import Greetings
from store.operators import Operator, Role

_NAMES = ("greeting", "ice_breakers", "persistent_menu", "whitelisted_domains")
_Things = Annotated[list[dict[str, Any]], msgspec.Meta(max_length=100)]
_Domains = Annotated[list[Annotated[str, msgspec.Meta(max_length=500)]], msgspec.Meta(max_length=50)]


class ProfileBody(msgspec.Struct):
    """What is not given stays; an empty list takes it away."""

    greeting: _Things | None = None
    ice_breakers: _Things | None = None
    persistent_menu: _Things | None = None
    whitelisted_domains: _Domains | None = None


def register(blueprint: Blueprint) -> None:
    for generation in GENERATIONS:
        _register(blueprint, generation)


def _register(blueprint: Blueprint, generation: Generation) -> None:
    path = f"{generation.prefix}/accounts/<account_id:str>/profile/"

    @generation.named
    async def dash_show_messenger_profile(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """What is set."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        return await asking_channels.answered(_shown(request, account))

    @generation.named
    async def dash_change_messenger_profile(
        request: Request, operator: Operator, body: ProfileBody, account_id: str
    ) -> dict[str, Any]:
        """Changes what is given, and answers with all of it."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
        return await asking_channels.answered(_changed(request, account, changes))

    route(blueprint, "GET", path, role=Role.OPERATOR)(dash_show_messenger_profile)
    route(blueprint, "PATCH", path, role=Role.ADMIN, body=ProfileBody)(dash_change_messenger_profile)


async def _changed(request: Request, account: Account, changes: Mapping[str, Any]) -> dict[str, Any]:
    if changes:
        greetings = _greetings(request, account)
        await greetings.greet_with(await request.app.ctx.baton.reach(account.id), changes)
    return await _shown(request, account)


async def _shown(request: Request, account: Account) -> dict[str, Any]:
    greetings = _greetings(request, account)
    found = await greetings.greetings(await request.app.ctx.baton.reach(account.id))
    return {name: found.get(name) or [] for name in _NAMES}


def _greetings(request: Request, account: Account) -> Greetings:
    way_out = request.app.ctx.baton.ways_out.get(account.channel.value)
    greetings: Greetings | None = None if way_out is None else way_out.greetings
    if greetings is None:
        told = say("{channel} greets nobody before anything was said.", channel=account.channel.value)
        raise Refused(told, code="no_greetings")
    return greetings
