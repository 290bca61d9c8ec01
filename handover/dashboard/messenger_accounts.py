"""/messenger/accounts/ and /messaging/messenger/accounts/: Pages as the dashboard lists, adds, switches and removes
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId, Channel
from conversation.said import in_language, say
from handover.auth import Handler, answer, language
from handover.dashboard import direct
from handover.dashboard.direct_accounts import Name, Switches, Word, agent_of, change, given, needed, secret
from handover.dashboard.door import route
from handover.dashboard.objects import messenger
from handover.dashboard.spelled import spelled
from runtime import asking_channels, catching_up
from runtime.account_setup import NewAccount
from store.operators import Operator, Role

CHANNEL = Channel.MESSENGER
_TOLD = say("Meta tells us of what happens on this Page.")
_TOLD_NO_MORE = say("Meta had stopped telling us of this Page. That is being mended, and what was missed is fetched.")


@dataclass(frozen=True, kw_only=True)
class Generation:
    """Two of the dashboard's ask for the same at two addresses. The older wants its lists bare."""

    prefix: str
    is_seed: bool

    def named(self, handler: Handler) -> Handler:
        """Route names are unique."""
        if self.is_seed:
            handler.__name__ += "_of_seed"
        return handler

    def listed(self, shown: Sequence[dict[str, Any]], count: int) -> Any:
        if self.is_seed:
            return list(shown)
        return {"count": count, "next": None, "previous": None, "results": list(shown)}


GENERATIONS = (
    Generation(prefix="/messenger", is_seed=True),
    Generation(prefix="/messaging/messenger", is_seed=False),
)


class NewPageBody(Switches):
    page_id: Word = ""
    page_name: Name = ""
    page_access_token: Word = ""
    app_secret: Word = ""


class PageBody(Switches):
    """What is not given, or empty, stays. A Page's id is for life."""

    page_name: Name = ""
    page_access_token: Word = ""


def register(blueprint: Blueprint) -> None:
    for generation in GENERATIONS:
        _register(blueprint, generation)


def _register(blueprint: Blueprint, generation: Generation) -> None:
    all_, one = f"{generation.prefix}/accounts/", f"{generation.prefix}/accounts/<account_id:str>/"

    @generation.named
    async def dash_list_messenger_accounts(request: Request, operator: Operator) -> Any:
        """Your Pages, the oldest first."""
        found = await direct.accounts_of(request, operator, CHANNEL)
        return generation.listed(await _all_json(request, found), len(found))

    @generation.named
    async def dash_add_messenger_account(request: Request, operator: Operator, body: NewPageBody) -> HTTPResponse:
        """Adds a Page."""
        new = _new(body, await agent_of(request, body))
        account = await request.app.ctx.baton.account_setup.add(new)
        rest = Switches(human_handoff_enabled=body.human_handoff_enabled)
        return answer(await _json(request, await change(request, account, rest)), 201)

    @generation.named
    async def dash_show_messenger_account(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """One of them."""
        return await _json(request, await direct.account_of(request, operator, CHANNEL, account_id))

    @generation.named
    async def dash_change_messenger_account(
        request: Request, operator: Operator, body: PageBody, account_id: str
    ) -> dict[str, Any]:
        """Changes what is given; switched off, it is silent when this is answered."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        body.name = given(body.page_name) or given(body.name)
        return await _json(
            request, await change(request, account, body, token=secret(body.page_access_token, "page_access_token"))
        )

    @generation.named
    async def dash_remove_messenger_account(request: Request, operator: Operator, account_id: str) -> HTTPResponse:
        """Removes it; what was said on it is kept."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        await request.app.ctx.baton.account_setup.remove(account.id, by=operator.name)
        return response.empty()

    @generation.named
    async def dash_verify_messenger_account(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """Asks Meta whether it tells us of this Page, and has it do so where it does not."""
        account = await direct.account_of(request, operator, CHANNEL, account_id)
        is_on = await asking_channels.answered(request.app.ctx.baton.catching_up.make_sure(account))
        told = _TOLD if is_on else _TOLD_NO_MORE
        return {**await _json(request, account), "message": in_language(told, language(request))}

    admin: dict[str, Any] = {"role": Role.ADMIN}
    route(blueprint, "GET", all_, role=Role.OPERATOR)(dash_list_messenger_accounts)
    route(blueprint, "POST", all_, body=NewPageBody, **admin)(dash_add_messenger_account)
    route(blueprint, "GET", one, role=Role.OPERATOR)(dash_show_messenger_account)
    route(blueprint, "PATCH", one, body=PageBody, **admin)(dash_change_messenger_account)
    route(blueprint, "DELETE", one, **admin)(dash_remove_messenger_account)
    verifying = (f"{one}verify-webhook/", f"{one}verify_webhook/", f"{one}sync/")
    spelled(blueprint, ("POST",), verifying, **admin)(dash_verify_messenger_account)


async def _json(request: Request, account: Account) -> dict[str, Any]:
    (shown,) = await _all_json(request, [account])
    return shown


async def _all_json(request: Request, found: Sequence[Account]) -> list[dict[str, Any]]:
    told: set[AccountId] = await request.app.ctx.baton.db.read(_told, found)
    return [messenger.account_json(each, told=each.id in told) for each in found]


def _told(tx: Connection, found: Sequence[Account]) -> set[AccountId]:
    return {each.id for each in found if catching_up.is_told(tx, each)}


def _new(body: NewPageBody, agent: str | None) -> NewAccount:
    """It answers as the form has it from the first message on."""
    own = secret(body.app_secret, "app_secret")
    return NewAccount(
        channel=CHANNEL,
        provider_id=needed(body.page_id, "page_id"),
        name=given(body.page_name) or given(body.name),
        agent=agent,
        token=secret(body.page_access_token, "page_access_token"),
        secrets=[own] if own else [],
        active=body.is_active is not False,
        auto_response=body.auto_response_enabled is not False,
    )
