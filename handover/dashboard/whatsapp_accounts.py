"""/whatsapp/accounts/: numbers as the dashboard lists, adds, edits, switches and removes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId, Channel
from conversation.errors import BadInput, NotFound
from conversation.said import in_language, say
from handover.auth import answer, language
from handover.dashboard import direct, envelope, whatsapp_form
from handover.dashboard.direct_accounts import Switches, change
from handover.dashboard.door import route
from handover.dashboard.objects import whatsapp_account as objects
from store import account_hearing, agents
from store.operators import Operator, Role

LIST, ONE = "/whatsapp/accounts/", "/whatsapp/accounts/<account_id:str>/"


class Rotated(TypedDict):
    message: str
    token_version: int


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", LIST, role=Role.OPERATOR)
    async def dash_list_numbers(request: Request, operator: Operator) -> dict[str, Any]:
        """Your numbers, the oldest first."""
        found = await direct.accounts_of(request, operator, Channel.WHATSAPP)
        return envelope.of_all(await _all_json(request, found))

    @route(blueprint, "POST", LIST, role=Role.ADMIN, body=whatsapp_form.NumberBody, answers=objects.WhatsAppAccount)
    async def dash_add_number(request: Request, operator: Operator, body: whatsapp_form.NumberBody) -> HTTPResponse:
        """Adds a number."""
        return answer(await _json(request, await whatsapp_form.add(request, body)), 201)

    @route(blueprint, "GET", ONE, role=Role.OPERATOR, answers=objects.WhatsAppAccount)
    async def dash_show_number(request: Request, operator: Operator, account_id: str) -> objects.WhatsAppAccount:
        """One of them."""
        return await _json(request, await number_of(request, operator, account_id))

    @route(
        blueprint,
        "PATCH",
        ONE,
        role=Role.ADMIN,
        body=whatsapp_form.NumberBody,
        answers=objects.WhatsAppAccount,
        refusals=(409,),
    )
    async def dash_change_number(
        request: Request, operator: Operator, body: whatsapp_form.NumberBody, account_id: str
    ) -> objects.WhatsAppAccount:
        """Changes what is given; switched off, it is silent when this is answered."""
        account = await number_of(request, operator, account_id)
        return await _json(request, await whatsapp_form.edit(request, account, body))

    @route(blueprint, "DELETE", ONE, role=Role.ADMIN, answers=None)
    async def dash_remove_number(request: Request, operator: Operator, account_id: str) -> HTTPResponse:
        """Removes it; what was said on it is kept."""
        account = await number_of(request, operator, account_id)
        await request.app.ctx.baton.account_setup.remove(account.id, by=operator.name)
        return response.empty()

    for word, active in (("activate", True), ("deactivate", False)):
        _register_switch(blueprint, word, active)

    @route(blueprint, "POST", f"{ONE}rotate_token/", role=Role.ADMIN, body=whatsapp_form.TokenBody, answers=Rotated)
    async def dash_rotate_token(
        request: Request, operator: Operator, body: whatsapp_form.TokenBody, account_id: str
    ) -> Rotated:
        """A new token in place of the one it has."""
        token = whatsapp_form.needed_token(body.access_token)
        account = await number_of(request, operator, account_id)
        kept = await request.app.ctx.baton.account_setup.set_credentials(
            account.id, token=token, secrets=None, version=None
        )
        told = in_language(say("The token is replaced."), language(request))
        return {"message": told, "token_version": kept.version}

    @route(blueprint, "GET", f"{ONE}business_profile/", role=Role.OPERATOR)
    async def dash_show_business_profile(request: Request, operator: Operator, account_id: str) -> Mapping[str, Any]:
        """What customers can read of the business; nothing where WhatsApp does not tell."""
        account = await number_of(request, operator, account_id)
        profile: Mapping[str, Any] = await request.app.ctx.baton.businesses.profile(account)
        return profile

    @route(blueprint, "GET", f"{ONE}status/", role=Role.OPERATOR)
    async def dash_show_number_status(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """Whether it works, and what is in the way."""
        account = await number_of(request, operator, account_id)
        shown = await _json(request, account)
        return {
            "id": shown["id"],
            "status": shown["status"],
            "is_active": shown["is_active"],
            "webhook_verified": shown["webhook_verified"],
            "error_message": account.fault,
        }


def _register_switch(blueprint: Blueprint, word: str, active: bool) -> None:
    async def switch(request: Request, operator: Operator, account_id: str) -> objects.WhatsAppAccount:
        account = await number_of(request, operator, account_id)
        return await _json(request, await change(request, account, Switches(is_active=active)))

    switch.__name__ = f"dash_{word}_number"
    switch.__doc__ = "Takes it into use." if active else "Takes it out of use; it is silent when this is answered."
    route(blueprint, "POST", f"{ONE}{word}/", role=Role.ADMIN, answers=objects.WhatsAppAccount)(switch)


async def number_of(request: Request, operator: Operator, account_id: str) -> Account:
    """One of another channel is not there, nor is what could be several."""
    try:
        return await direct.account_of(request, operator, Channel.WHATSAPP, account_id)
    except BadInput as error:
        raise NotFound(say("There is no account {account}.", account=account_id)) from error


async def _json(request: Request, account: Account) -> objects.WhatsAppAccount:
    (shown,) = await _all_json(request, [account])
    return shown


async def _all_json(request: Request, found: Sequence[Account]) -> list[objects.WhatsAppAccount]:
    names: Mapping[str, str]
    heard: set[AccountId]
    names, heard = await request.app.ctx.baton.db.read(_beside, [each.id for each in found])
    return [objects.account_json(each, agent=names.get(each.agent_id), heard=each.id in heard) for each in found]


def _beside(tx: Connection, ids: Sequence[AccountId]) -> tuple[dict[str, str], set[AccountId]]:
    """What each assistant is called, and which numbers something has come in by."""
    return {each.id: each.name for each in agents.all_of(tx)}, account_hearing.heard(tx, ids)
