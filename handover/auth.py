"""Who is asking, and what is theirs. Every route names the role it needs, and asks `visible` for what it touches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from functools import wraps
from typing import Any

import msgspec
import structlog
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream, json

from conversation.account import Account, AccountId
from conversation.conversation import Conversation
from conversation.errors import BadInput, BatonError, Forbidden, NotFound
from conversation.people import needs_touch
from conversation.words import language_of
from handover.schemas import error_json
from store import accounts, conversations, operators, people
from store.operators import Operator, Role

log = structlog.get_logger()
Handler = Callable[..., Awaitable[Any]]

_CODES = {404: "not_found", 405: "method_not_allowed", 408: "timeout", 413: "too_large"}


def route(
    blueprint: Blueprint, method: str, path: str, *, role: Role, stream: bool = False
) -> Callable[[Handler], Handler]:
    """Registers a handler that is called with the operator who asks, and answers with its result, as JSON where it is
    not an answer already. `stream`: the handler reads the body itself."""

    def register(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request, **path_values: Any) -> HTTPResponse | ResponseStream:
            try:
                operator = await _who(request)
                if operator is None:
                    return _refusal(401, "unauthorized", "Send `Authorization: Bearer` with an operator's token.")
                need(operator, role)
                await _seen(request, operator)
                result = await handler(request, operator, **path_values)
                return result if isinstance(result, ResponseStream) else answer(result)
            except BatonError as error:
                status, body = error_json(error, language(request))
                return json(body, status=status)
            except SanicException:
                raise
            except Exception as error:
                log.error("api_failed", route=handler.__name__, exc_info=error)
                return _refusal(500, "internal", "Something failed here; the log says what.")

        # Errors are JSON. Sanic would read each handler's source to find that out.
        blueprint.add_route(guarded, path, methods=[method], name=handler.__name__, stream=stream, error_format="json")
        return handler

    return register


def answer(result: Any, status: int = 200) -> HTTPResponse:
    return HTTPResponse(msgspec.json.encode(result), status=status, content_type="application/json")


def body_of(request: Request, kind: type[Any]) -> Any:
    """The request's JSON as a struct, or `BadInput` that says which field is wrong."""
    try:
        return msgspec.json.decode(request.body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"The body does not fit: {error}.") from error
    except msgspec.DecodeError as error:
        raise BadInput("The body is not JSON.") from error


def need(operator: Operator, role: Role) -> None:
    if not operator.role.covers(role):
        raise Forbidden(f"This needs the role {role.value}.")


def supervises(operator: Operator) -> bool:
    """Whether they order over others' conversations."""
    return operator.role.covers(Role.SUPERVISOR)


def theirs(operator: Operator) -> Collection[AccountId] | None:
    """The accounts whose conversations they see, for lists to be made of; None: all."""
    return None if operator.all_accounts else operator.accounts


async def visible(request: Request, operator: Operator, conversation_id: str) -> Conversation:
    """The conversation. One of an account that is not theirs is not there."""
    found = await request.app.ctx.baton.db.read(conversations.get, conversation_id)
    conversation: Conversation = found
    if not operator.may_see(conversation.account_id):
        raise NotFound(f"There is no conversation {conversation_id}.")
    return conversation


async def visible_account(request: Request, operator: Operator, account_id: str) -> Account:
    """The account, by either of its ids. One that is not theirs is not there."""
    found: Account = await request.app.ctx.baton.db.read(accounts.get, account_id)
    if not operator.may_see(found.id):
        raise NotFound(f"There is no account {account_id}.")
    return found


def language(request: Request) -> str:
    """What the one who asks reads: the first of `Accept-Language` that we speak."""
    wanted = request.headers.get("accept-language", "").lower().split(",")
    return language_of(*(each.strip()[:2] for each in wanted))


async def _who(request: Request) -> Operator | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    found: Operator | None = await request.app.ctx.baton.db.read(operators.by_token, token.strip())
    return found


async def _seen(request: Request, operator: Operator) -> None:
    """Whoever asks for something is there; a write every 20 seconds at most."""
    house = request.app.ctx.baton
    now = house.clock.now()
    if needs_touch(operator, now):
        await house.db.write(people.seen, operator.name, now)


def answer_refused(request: Request, error: SanicException) -> HTTPResponse:
    """What no route of ours has answered, in the one error shape."""
    return _refusal(error.status_code, _CODES.get(error.status_code, "error"), str(error))


def _refusal(status: int, code: str, message: str) -> HTTPResponse:
    return json({"error": {"code": code, "message": message}}, status=status)
