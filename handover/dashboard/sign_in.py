"""/auth/…: the dashboard's sign-in, with an operator's name where it asks for an e-mail address."""

from __future__ import annotations

from typing import Annotated, TypedDict

import msgspec
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from conversation.passwords import LONGEST, SHORTEST
from conversation.said import in_language, say
from handover.auth import language
from handover.dashboard import door
from handover.dashboard.objects.user import Me, SignedIn, me_json, user_json
from store import operators
from store.operators import Operator, Role

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


Name = Annotated[str, msgspec.Meta(max_length=120)]


class LoginBody(msgspec.Struct):
    """`email`: the operator's name. Some revisions of the page call it `username`."""

    password: Password
    email: Name = ""
    username: Name = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("`email` is missing")

    @property
    def name(self) -> str:
        return (self.email or self.username).strip()


class ChangeBody(msgspec.Struct):
    old_password: Password
    new_password: Annotated[str, msgspec.Meta(min_length=SHORTEST, max_length=LONGEST)]


class Changed(TypedDict):
    """`token`: the one they go on with."""

    message: str
    token: str


def register(blueprint: Blueprint) -> None:
    @door.open_route(
        blueprint,
        "POST",
        "/auth/login/",
        because="Whoever signs in has no token yet. It tells nobody whether a name is an operator's.",
        body=LoginBody,
        answers=SignedIn,
        refusals=(401, 429),
    )
    async def dash_sign_in(request: Request, body: LoginBody) -> SignedIn:
        """Sign in. Whatever is wrong is answered alike."""
        house = request.app.ctx.baton
        address = request.remote_addr or request.ip
        made = await house.sign_ins.sign_in(body.name, body.password, address=address)
        operator: Operator = await house.db.read(operators.get, made.token.operator)
        return {**user_json(operator), "token": made.word}

    @door.route(blueprint, "GET", "/auth/me/", role=Role.OPERATOR, answers=Me)
    async def dash_show_me(request: Request, operator: Operator) -> Me:
        """Who one is."""
        return me_json(operator, await request.app.ctx.baton.db.read(operators.joined_at, operator.name))

    @door.route(blueprint, "POST", "/auth/logout/", role=Role.OPERATOR, answers=None)
    async def dash_sign_out(request: Request, operator: Operator) -> HTTPResponse:
        """The token this is asked with is worth nothing from now on."""
        await request.app.ctx.baton.sign_ins.sign_out(request.ctx.token)
        return response.empty()

    @door.route(
        blueprint,
        "POST",
        "/auth/change-password/",
        role=Role.OPERATOR,
        body=ChangeBody,
        answers=Changed,
        refusals=(409, 429),
    )
    async def dash_change_my_password(request: Request, operator: Operator, body: ChangeBody) -> Changed:
        """Change one's own password.

        Wherever else one is signed in, one is no longer. Here one goes on with the same token.
        """
        sign_ins = request.app.ctx.baton.sign_ins
        await sign_ins.change_password(request.ctx.token, body.old_password, body.new_password)
        _, _, word = request.headers["authorization"].partition(" ")
        return {"message": in_language(say("The password is changed."), language(request)), "token": word.strip()}
