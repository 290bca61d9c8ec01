"""Accounts of Instagram and of Messenger as the dashboard's forms and switches change them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Union

import msgspec
from sanic.request import Request

from conversation import credentials
from conversation.account import Account
from conversation.agent import AgentId
from conversation.credentials import SHORTEST
from conversation.errors import BadInput
from conversation.said import say
from store import accounts, agents

#: Empty ones of a form are as if they were not given.
Word = Annotated[str, msgspec.Meta(max_length=2000)]
Name = Annotated[str, msgspec.Meta(max_length=120)]

_LONGEST_ID = 64
#: Of a token or an app's secret. What is shorter is none, and would be taken out of every log line it happens to be in.


class Switches(msgspec.Struct):
    """What is not given stays. `default_agent`: empty means that none answers."""

    name: Name | None = None
    is_active: bool | None = None
    auto_response_enabled: bool | None = None
    human_handoff_enabled: bool | None = None
    default_agent: Union[Word, msgspec.UnsetType, None] = msgspec.UNSET


def given(word: str | None) -> str | None:
    """A form's word; None where it was left empty."""
    return (word or "").strip() or None


def secret(word: str | None, field: str) -> str | None:
    """A token, or an app's secret; None where it was left empty."""
    found = given(word)
    if found is None:
        return None
    if len(found) < SHORTEST:
        raise BadInput(say("{field}: a token or a secret has {least} characters or more.", field=field, least=SHORTEST))
    credentials.check([found])
    return found


def needed(word: str | None, field: str) -> str:
    """What an account is made of, or `BadInput` that names the field."""
    found = given(word)
    if found is None or len(found) > _LONGEST_ID:
        raise BadInput(say("The form needs {field}, of at most {most} characters.", field=field, most=_LONGEST_ID))
    return found


async def change(request: Request, account: Account, body: Switches, *, token: str | None = None) -> Account:
    """The account as it is then. When it is switched off, nothing of the assistant's is under way any more."""
    house = request.app.ctx.baton
    if token is not None:
        kept = await house.account_setup.set_credentials(account.id, token=token, secrets=None, version=account.version)
        account = replace(account, version=kept.version)
    changes = await _changes(request, account, body)
    if changes:
        await house.ownership.change_account(account.id, **changes)
    changed: Account = await house.db.read(accounts.get, account.id)
    return changed


async def agent_of(request: Request, body: Switches) -> str | None:
    """Whom a new account gets: who is named, nobody where the form says so, the house's own where it says nothing."""
    if body.default_agent is msgspec.UNSET:
        return None
    return given(body.default_agent) or await _nobody(request)


async def _changes(request: Request, account: Account, body: Switches) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "name": given(body.name),
        "active": body.is_active,
        "auto_response": body.auto_response_enabled,
    }
    wanted["agent_id"] = await agent_of(request, body)
    on = body.human_handoff_enabled
    if on is not None and on != account.handover.enabled:
        wanted |= {"handover": replace(account.handover, enabled=on), "version": account.version}
    return {name: value for name, value in wanted.items() if value is not None}


async def _nobody(request: Request) -> AgentId:
    house = request.app.ctx.baton
    found = await house.db.write(agents.nobody, house.clock.now())
    return AgentId(found.id)
