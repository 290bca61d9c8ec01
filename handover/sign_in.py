"""/api/v1/sign-in and /sign-out: a name and a password for a session, and its end."""

from __future__ import annotations

from typing import Annotated

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.passwords import LONGEST, SHORTEST
from handover.auth import open_route, route
from handover.operators import one_shown
from handover.schemas import instant
from handover.shapes.operators import Revoked, SignedIn, SignedOut
from store.operators import Operator, Role


class SignInBody(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class PasswordBody(msgspec.Struct):
    """`old`: the password they have now."""

    old: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    new: Annotated[str, msgspec.Meta(min_length=SHORTEST, max_length=LONGEST)]


def register(blueprint: Blueprint) -> None:
    @open_route(
        blueprint,
        "POST",
        "/sign-in",
        because="Whoever signs in has no token yet. It tells nobody whether a name is an operator's.",
        body=SignInBody,
        answers=SignedIn,
        refusals=(401, 429),
    )
    async def sign_in(request: Request, body: SignInBody) -> SignedIn:
        """Sign in with a name and a password.

        The token ends by itself, after 12 hours unless the installation says otherwise. Whatever is wrong is answered
        alike (`wrong_sign_in`). After five wrong passwords in a row the name is shut out, for a minute and then for
        longer (`locked`, with `Retry-After`): then the right one is refused too.
        """
        house = request.app.ctx.baton
        made = await house.sign_ins.sign_in(body.name, body.password, address=_address(request))
        return {
            "token": made.word,
            "token_id": made.token.id,
            "expires_at": instant(made.token.expires_at) or "",
            "operator": await house.db.read(one_shown, made.token.operator),
        }

    @route(blueprint, "POST", "/sign-out", role=Role.OPERATOR, answers=SignedOut)
    async def sign_out(request: Request, operator: Operator) -> SignedOut:
        """The token this is asked with is worth nothing from now on.

        What was opened with it is closed.
        """
        await request.app.ctx.baton.sign_ins.sign_out(request.ctx.token)
        return {"signed_out": True}

    @route(
        blueprint, "POST", "/me/password", role=Role.OPERATOR, body=PasswordBody, answers=Revoked, refusals=(409, 429)
    )
    async def change_my_password(request: Request, operator: Operator, body: PasswordBody) -> Revoked:
        """Change one's own password.

        Wherever else one is signed in, one is no longer; keys go on. An admin sets the first password.
        """
        ended = await request.app.ctx.baton.sign_ins.change_password(request.ctx.token, body.old, body.new)
        return {"revoked": ended}


def _address(request: Request) -> str:
    """Behind a proxy the client's own, where `SANIC_PROXIES_COUNT` says that its headers are to be believed."""
    return request.remote_addr or request.ip
