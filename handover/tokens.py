"""/api/v1/me/tokens and /operators/{name}/tokens: what operators prove themselves with, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import unquote

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.errors import BadInput, Refused
from conversation.said import say
from handover.auth import route
from handover.operators import need_all
from handover.schemas import instant
from handover.shapes import operators as shapes
from handover.shapes.page import Items
from store import operator_tokens, operators, people
from store.operator_tokens import Token, TokenKind
from store.operators import Operator, Role

#: So many may one operator have at a time.
MOST = 50


class TokenBody(msgspec.Struct):
    """`label`: what it is for. `expires_at`: with its zone; without, it ends when it is taken away."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/me/tokens", role=Role.OPERATOR, answers=Items[shapes.Token])
    async def list_my_tokens(request: Request, operator: Operator) -> Items[shapes.Token]:
        """One's own tokens that are good, the oldest first."""
        return await _listed(request, operator.name)

    @route(
        blueprint, "POST", "/me/tokens", role=Role.OPERATOR, body=TokenBody, answers=shapes.NewToken, refusals=(409,)
    )
    async def add_my_token(request: Request, operator: Operator, body: TokenBody) -> shapes.NewToken:
        """A new key for a program. Its word is shown this once."""
        house = request.app.ctx.baton
        now = house.clock.now()
        if body.expires_at is not None and body.expires_at <= now:
            raise BadInput(say("expires_at is over already."))
        token, word = await house.db.write(_add, operator.name, body, now)
        return {
            "token": word,
            "token_id": token.id,
            "label": token.label,
            "expires_at": instant(token.expires_at),
        }

    @route(blueprint, "DELETE", "/me/tokens/<token_id:str>", role=Role.OPERATOR, answers=shapes.Revoked)
    async def remove_my_token(request: Request, operator: Operator, token_id: str) -> shapes.Revoked:
        """It is worth nothing from now on; what was opened with it is closed."""
        return await _revoke(request, operator.name, token_id)

    @route(blueprint, "GET", "/operators/<name:str>/tokens", role=Role.ADMIN, answers=Items[shapes.Token])
    async def list_tokens(request: Request, operator: Operator, name: str) -> Items[shapes.Token]:
        """An operator's tokens that are good, the oldest first."""
        need_all(operator)
        return await _listed(request, unquote(name))

    @route(blueprint, "DELETE", "/operators/<name:str>/tokens/<token_id:str>", role=Role.ADMIN, answers=shapes.Revoked)
    async def remove_token(request: Request, operator: Operator, name: str, token_id: str) -> shapes.Revoked:
        """It is worth nothing from now on; what was opened with it is closed."""
        need_all(operator)
        return await _revoke(request, unquote(name), token_id)

    @route(blueprint, "DELETE", "/operators/<name:str>/tokens", role=Role.ADMIN, answers=shapes.Revoked)
    async def remove_tokens(request: Request, operator: Operator, name: str) -> shapes.Revoked:
        """All of an operator's tokens, at once; a password they have goes on."""
        need_all(operator)
        house = request.app.ctx.baton
        ended = await house.db.write(revoke_all, unquote(name))
        await house.sign_ins.tell_revoked(ended)
        return {"revoked": len(ended)}


def token_json(token: Token, this: str | None) -> shapes.Token:
    return {
        "id": token.id,
        "kind": token.kind.value,
        "label": token.label,
        "created_at": instant(token.created_at) or "",
        "expires_at": instant(token.expires_at),
        "seen_at": instant(token.seen_at),
        "is_this": token.id == this,
    }


def good_tokens(tx: Connection, name: str, now: datetime) -> list[Token]:
    operators.get(tx, name)
    return [each for each in operator_tokens.of_operator(tx, name) if each.is_good(now)]


def revoke_all(tx: Connection, name: str) -> list[str]:
    operators.get(tx, name)
    return operator_tokens.revoke_all(tx, name)


def _add(tx: Connection, name: str, body: TokenBody, now: datetime) -> tuple[Token, str]:
    people.hold(tx, name)  # two at once are counted one after the other
    operator_tokens.remove_ended(tx, now)
    if len(good_tokens(tx, name, now)) >= MOST:
        raise Refused(say("There are {most} tokens already: take one away first.", most=MOST), code="too_many_tokens")
    return operator_tokens.add(tx, name, TokenKind.KEY, now, label=body.label, expires_at=body.expires_at)


async def _listed(request: Request, name: str) -> Items[shapes.Token]:
    house = request.app.ctx.baton
    found = await house.db.read(good_tokens, name, house.clock.now())
    return Items(items=[token_json(each, request.ctx.token.id) for each in found])


async def _revoke(request: Request, name: str, token_id: str) -> shapes.Revoked:
    house = request.app.ctx.baton
    await house.db.write(operator_tokens.revoke, token_id, name)
    await house.sign_ins.tell_revoked([token_id])
    return {"revoked": 1}
