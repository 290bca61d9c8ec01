"""/api/v1/accounts/…: how an account hands over, what its channel, its limits and its privacy are set to.

Each is put as a whole: what is not named has its default from then on. Beside the settings may stand the `version` they
were read at.
"""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation import account_limits, channel_settings, handover_settings, privacy_settings
from conversation.errors import BadInput
from conversation.said import say
from handover import accounts
from handover.auth import route, visible_account
from handover.shapes import accounts as shapes
from store.operators import Operator, Role

_SETTINGS = dict[str, Any]


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "PUT",
        "/accounts/<account_id:str>/handover",
        role=Role.ADMIN,
        body=_SETTINGS,
        answers=shapes.SwitchedAccount,
        refusals=(409,),
    )
    async def set_handover(
        request: Request, operator: Operator, body: dict[str, Any], account_id: str
    ) -> shapes.SwitchedAccount:
        """How it hands over: all settings. One that is not named has its default from then on."""
        version = _version_in(body)
        return await accounts.change(request, operator, account_id, {"handover": handover_settings.read(body)}, version)

    @route(
        blueprint,
        "PUT",
        "/accounts/<account_id:str>/channel",
        role=Role.ADMIN,
        body=_SETTINGS,
        answers=shapes.SwitchedAccount,
        refusals=(409,),
    )
    async def set_channel(
        request: Request, operator: Operator, body: dict[str, Any], account_id: str
    ) -> shapes.SwitchedAccount:
        """All settings it has by its channel. One that is not named has its default; the sign-in is for life."""
        version = _version_in(body)
        account = await visible_account(request, operator, account_id)
        login = account.channel_settings.login
        settings = channel_settings.read({"login": login.value, **body})
        if settings.login is not login:
            raise BadInput(say("Its login is {login} for life: add the account anew for another.", login=login.value))
        return await accounts.change(request, operator, account_id, {"channel_settings": settings}, version)

    @route(
        blueprint,
        "PUT",
        "/accounts/<account_id:str>/limits",
        role=Role.ADMIN,
        body=_SETTINGS,
        answers=shapes.SwitchedAccount,
        refusals=(409,),
    )
    async def set_limits(
        request: Request, operator: Operator, body: dict[str, Any], account_id: str
    ) -> shapes.SwitchedAccount:
        """How much may be sent from it on one day: all limits. One that is not named, or null, is none."""
        version = _version_in(body)
        return await accounts.change(request, operator, account_id, {"limits": account_limits.read(body)}, version)

    @route(
        blueprint,
        "PUT",
        "/accounts/<account_id:str>/privacy",
        role=Role.ADMIN,
        body=_SETTINGS,
        answers=shapes.SwitchedAccount,
        refusals=(409,),
    )
    async def set_privacy(
        request: Request, operator: Operator, body: dict[str, Any], account_id: str
    ) -> shapes.SwitchedAccount:
        """What customers are told of who answers, and of what is kept: all settings.

        One that is not named has its default. Who was told before is not told again.
        """
        version = _version_in(body)
        return await accounts.change(request, operator, account_id, {"privacy": privacy_settings.read(body)}, version)


def _version_in(body: dict[str, Any]) -> int | None:
    """Beside settings that are put as a whole stands the version they were read at."""
    version = body.pop("version", None)
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise BadInput(say("`version` is a whole number."))
    return version
