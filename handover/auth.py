"""Who is asking. Every route names the role it needs; one that names none is refused when it is registered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import msgspec
import structlog
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from conversation.errors import BadInput, BatonError
from handover.schemas import error_json
from store import operators
from store.operators import Operator, Role

log = structlog.get_logger()
Handler = Callable[..., Awaitable[Any]]

_CODES = {404: "not_found", 405: "method_not_allowed", 408: "timeout", 413: "too_large"}
_RANK = {Role.OPERATOR: 0, Role.ADMIN: 1}


def route(blueprint: Blueprint, method: str, path: str, *, role: Role) -> Callable[[Handler], Handler]:
    """Registers a handler that is called with the operator who asks, and answers with its result as JSON."""

    def register(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request, **path_values: Any) -> HTTPResponse:
            try:
                operator = await _who(request)
                if operator is None:
                    return _refusal(401, "unauthorized", "Send `Authorization: Bearer` with an operator's token.")
                if _RANK[operator.role] < _RANK[role]:
                    return _refusal(403, "forbidden", f"This needs the role {role.value}.")
                return answer(await handler(request, operator, **path_values))
            except BatonError as error:
                status, body = error_json(error)
                return json(body, status=status)
            except SanicException:
                raise
            except Exception as error:
                log.error("api_failed", route=handler.__name__, exc_info=error)
                return _refusal(500, "internal", "Something failed here; the log says what.")

        blueprint.add_route(guarded, path, methods=[method], name=handler.__name__)
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


async def _who(request: Request) -> Operator | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    found: Operator | None = await request.app.ctx.baton.db.read(operators.by_token, token.strip())
    return found


def answer_refused(request: Request, error: SanicException) -> HTTPResponse:
    """What no route of ours has answered, in the one error shape."""
    return _refusal(error.status_code, _CODES.get(error.status_code, "error"), str(error))


def _refusal(status: int, code: str, message: str) -> HTTPResponse:
    return json({"error": {"code": code, "message": message}}, status=status)
