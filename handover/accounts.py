"""/api/v1/accounts: our numbers and Pages, their switches, and what each may do."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation import channel_settings
from conversation.account import Account
from handover import account_bodies as bodies
from handover.auth import answer, language, route, visible_account
from handover.schemas import account_json, instant
from handover.shapes import account_setup as setup_shapes
from handover.shapes import accounts as shapes
from handover.shapes.page import Items
from runtime.account_setup import Kept, NewAccount
from store import account_aliases, accounts
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/accounts", role=Role.OPERATOR, answers=Items[shapes.Account])
    async def list_accounts(request: Request, operator: Operator) -> Items[shapes.Account]:
        """Your accounts, the oldest first."""
        found = await request.app.ctx.baton.db.read(_all_of)
        words = language(request)
        return Items(items=[account_json(each, others, words) for each, others in found if operator.may_see(each.id)])

    @route(
        blueprint,
        "POST",
        "/accounts",
        role=Role.ADMIN,
        body=bodies.NewAccountBody,
        answers=shapes.Account,
    )
    async def add_account(request: Request, operator: Operator, body: bodies.NewAccountBody) -> Any:
        """Adds an account, which answers at once.

        Its token and secrets are kept encrypted, and shown to nobody. An admin who sees some accounts only does not see
        this one until somebody adds it to theirs.
        """
        new = NewAccount(
            channel=body.channel,
            provider_id=body.provider_id.strip(),
            name=body.name,
            agent=body.agent,
            token=body.token,
            secrets=tuple(body.secrets),
            channel_settings=channel_settings.read(body.channel_settings),
            also_known_as=tuple(dict.fromkeys(body.also_known_as)),
        )
        account = await request.app.ctx.baton.account_setup.add(new)
        return answer(account_json(account, sorted(new.also_known_as)))

    @route(blueprint, "GET", "/accounts/<account_id:str>", role=Role.OPERATOR, answers=shapes.Account)
    async def show_account(request: Request, operator: Operator, account_id: str) -> shapes.Account:
        """One of them, by our id or the channel's."""
        account = await visible_account(request, operator, account_id)
        return account_json(account, await _known_as(request, account), language(request))

    @route(
        blueprint,
        "PATCH",
        "/accounts/<account_id:str>",
        role=Role.ADMIN,
        body=bodies.AccountBody,
        answers=shapes.SwitchedAccount,
        refusals=(409,),
    )
    async def switch_account(
        request: Request, operator: Operator, body: bodies.AccountBody, account_id: str
    ) -> shapes.SwitchedAccount:
        """Changes an account. What is not given stays.

        With `in_flight` 0, nothing of the assistant's reaches Meta after a switch-off has been answered. With `active`
        false it is out of use, and the assistant sends nothing.
        """
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
        if "agent" in given:
            given["agent_id"] = given.pop("agent")
        version = given.pop("version", None)
        if "while_pending" in given:
            given["while_pending"] = given["while_pending"].value
        return await change(request, operator, account_id, given, version)

    @route(
        blueprint,
        "DELETE",
        "/accounts/<account_id:str>",
        role=Role.ADMIN,
        answers=shapes.RemovedAccount,
        refusals=(409,),
    )
    async def remove_account(request: Request, operator: Operator, account_id: str) -> shapes.RemovedAccount:
        """Removes an account: it is in no list any more, its token is forgotten, and nothing is sent from it.

        What was said on it is kept, and who writes to it is recorded. Who waited for a person there waits no longer. To
        add it again brings it back, with its conversations and settings.
        """
        account = await visible_account(request, operator, account_id)
        removed, in_flight = await request.app.ctx.baton.account_setup.remove(account.id, by=operator.name)
        return {"id": removed.id, "removed_at": instant(removed.removed_at) or "", "in_flight": in_flight}

    @route(
        blueprint,
        "GET",
        "/accounts/<account_id:str>/credentials",
        role=Role.ADMIN,
        answers=setup_shapes.Credentials,
    )
    async def show_credentials(request: Request, operator: Operator, account_id: str) -> setup_shapes.Credentials:
        """Whether it has a token and secrets, and until when the token is good."""
        account = await visible_account(request, operator, account_id)
        return _credentials_json(await request.app.ctx.baton.account_setup.credentials(account.id))

    @route(
        blueprint,
        "PUT",
        "/accounts/<account_id:str>/credentials",
        role=Role.ADMIN,
        body=bodies.CredentialsBody,
        answers=setup_shapes.Credentials,
        refusals=(409,),
    )
    async def set_credentials(
        request: Request, operator: Operator, body: bodies.CredentialsBody, account_id: str
    ) -> setup_shapes.Credentials:
        """A new token, its app's secrets, or both; they are shown to nobody.

        With a new token a fault of the account is over, and what waited for it is sent.
        """
        account = await visible_account(request, operator, account_id)
        return _credentials_json(
            await request.app.ctx.baton.account_setup.set_credentials(
                account.id, token=body.token, secrets=body.secrets, version=body.version
            )
        )


async def change(
    request: Request, operator: Operator, account_id: str, changes: dict[str, Any], version: int | None
) -> shapes.SwitchedAccount:
    account = await visible_account(request, operator, account_id)
    changed, in_flight = await request.app.ctx.baton.ownership.change_account(account.id, **changes, version=version)
    shown = account_json(changed, await _known_as(request, account))
    return {**shown, "in_flight": in_flight}


async def _known_as(request: Request, account: Account) -> list[str]:
    found: list[str] = await request.app.ctx.baton.db.read(account_aliases.of_account, account.id)
    return found


def _credentials_json(kept: Kept) -> setup_shapes.Credentials:
    return {
        "token_set": kept.has_token,
        "token_expires_at": instant(kept.token_expires_at),
        "secrets": kept.secrets,
        "version": kept.version,
    }


def _all_of(tx: Connection) -> list[tuple[Account, list[str]]]:
    return [(account, account_aliases.of_account(tx, account.id)) for account in accounts.all_of(tx)]
