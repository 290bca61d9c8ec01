"""Who is asking, and what is theirs. Every route names the role it needs, and asks `visible` for what it touches."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial, wraps
from typing import Any

import msgspec
import structlog
from sanic import Blueprint
from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream

from conversation.account import Account, AccountId
from conversation.conversation import Conversation
from conversation.errors import BadInput, BatonError, Forbidden, NotFound, TooMany
from conversation.learnt import learn
from conversation.people import needs_touch
from conversation.said import in_language, say
from handover import audited, documented, fitting, renamed, unanswered, unsound
from handover.documented import Documented
from handover.manners import OURS, Manner, manner_of
from handover.preferred import preferred
from handover.schemas import error_json
from store import accounts, conversations, deeds, operator_tokens, operators, people
from store.deeds import Deed
from store.operator_tokens import Token
from store.operators import Operator, Role

log = structlog.get_logger()
Handler = Callable[..., Awaitable[Any]]

JSON = "application/json"
#: What a body of the API may have; files come as streams.
MOST_BYTES = 256 * 1024
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_CODES = {404: "not_found", 405: "method_not_allowed", 408: "timeout", 413: "too_large"}


def route(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    role: Role,
    body: Any = None,
    query: Any = None,
    answers: Any = dict[str, Any],
    content_type: str = JSON,
    body_type: str = JSON,
    refusals: tuple[int, ...] = (),
    stream: bool = False,
    once: bool = False,
    changes: bool | None = None,
    manner: Manner = OURS,
) -> Callable[[Handler], Handler]:
    """Registers a handler that is called with the operator who asks, and answers with its result, as JSON where it is
    not an answer already.

    `body`, `query`: the structs that the request's JSON and its query are read into; the handler is given them under
    these names. `answers`: the type of the result, for the API's description. `stream`: the handler reads the body
    itself. `once`: it heeds an Idempotency-Key, see once.py. `changes`: whether it changes anything, where its method
    does not say so. `manner`: how it is asked and refuses, see manners.py.
    What changes anything is written to the audit log, in the transaction that changes it.
    """

    def register(handler: Handler) -> Handler:
        async def asked(request: Request, **path_values: Any) -> Any:
            signed_in = await _who(request, manner)
            if signed_in is None:
                wanted = say("Send `Authorization: {scheme}` with an operator's token.", scheme=manner.scheme)
                return _refusal(401, "unauthorized", wanted, request, manner)
            operator, request.ctx.token = signed_in
            await request.app.ctx.baton.limits.take(operator.name)
            need(operator, role)
            await _seen(request, operator)
            given = await _given(request, body, query)
            is_deed = method not in _READING if changes is None else changes
            deed = _deed(request, operator, handler.__name__, path_values, given.get("body")) if is_deed else None
            with deeds.doing(deed):
                asking = partial(handler, request, operator, **given)
                return await renamed.answered(request.app.ctx.baton.db, asking, path_values)

        known = _known(
            handler,
            method=method,
            path=path,
            role=role,
            body=body,
            query=query,
            answers=answers,
            content_type=content_type,
            body_type=body_type,
            refusals=refusals,
            once=once,
            part=manner.name,
        )
        return _add(blueprint, handler, asked, known, manner, stream=stream)

    return register


def open_route(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    because: str,
    body: Any = None,
    query: Any = None,
    answers: Any = dict[str, Any],
    content_type: str = JSON,
    refusals: tuple[int, ...] = (),
    manner: Manner = OURS,
) -> Callable[[Handler], Handler]:
    """A route that needs no role; `because` says why not. The handler is called with the request alone."""

    def register(handler: Handler) -> Handler:
        async def asked(request: Request, **path_values: Any) -> Any:
            return await handler(request, **await _given(request, body, query), **path_values)

        known = _known(
            handler,
            method=method,
            path=path,
            role=None,
            open_because=because,
            body=body,
            query=query,
            answers=answers,
            content_type=content_type,
            refusals=refusals,
            part=manner.name,
        )
        return _add(blueprint, handler, asked, known, manner)

    return register


def _add(
    blueprint: Blueprint, handler: Handler, asked: Handler, known: Documented, manner: Manner, *, stream: bool = False
) -> Handler:
    @wraps(handler)
    async def guarded(request: Request, **path_values: Any) -> HTTPResponse | ResponseStream:
        try:
            unsound.refuse_in_path(path_values)
            result = await asked(request, **path_values)
            return result if isinstance(result, (HTTPResponse, ResponseStream)) else answer(result)
        except TooMany as error:
            refusal = _refusal(429, error.code, error.args[0], request, manner)
            refusal.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
            return refusal
        except BatonError as error:
            status, body = error_json(error, language(request))
            return manner.refusal(status, body["error"])
        except SanicException:
            raise
        except Exception as error:
            log.error("api_failed", route=handler.__name__, exc_info=error)
            return _refusal(500, "internal", say("Something failed here; the log says what."), request, manner)

    for kind in (known.body, known.query):
        if kind is not None:
            learn(kind)
    setattr(guarded, documented.ATTRIBUTE, known)
    # Errors are JSON; Sanic would read each handler's source to find that out. Slashes at the end count: with one, a
    # path is the dashboard's.
    blueprint.add_route(
        guarded,
        known.path,
        methods=[known.method],
        name=known.name,
        stream=stream,
        error_format="json",
        strict_slashes=True,
    )
    return handler


def _known(handler: Handler, **said: Any) -> Documented:
    """A route's documentation is its handler's docstring: the first line, and the rest."""
    summary, _, rest = (inspect.getdoc(handler) or "").partition("\n")
    return Documented(name=handler.__name__, summary=summary.strip(), description=rest.strip(), **said)


async def _given(request: Request, body: Any, query: Any) -> dict[str, Any]:
    """What the handler is given under these names, where the route declares them."""
    found: dict[str, Any] = {}
    if body is not None:
        found["body"] = body_of(request, body)
    if query is not None:
        found["query"] = query_of(request, query)
    return found


def _deed(request: Request, operator: Operator, action: str, path_values: Mapping[str, Any], body: Any) -> Deed:
    """What the audit log is told of the request."""
    codes, words = audited.parted(body)
    named, written = audited.parted_path(path_values)
    return Deed(
        by=operator.name,
        action=action,
        at=request.app.ctx.baton.clock.now(),
        facts={**named, **codes},
        words=words or written,
        conversation=path_values.get("conversation_id"),
        contact=path_values.get("contact_id"),
    )


def answer(result: Any, status: int = 200) -> HTTPResponse:
    return HTTPResponse(msgspec.json.encode(result), status=status, content_type="application/json")


def body_of(request: Request, kind: Any) -> Any:
    """The request's JSON as a struct, or `BadInput` that says which field is wrong."""
    if len(request.body) > MOST_BYTES:
        raise PayloadTooLarge(say("The body is too large: at most {most} kB.", most=MOST_BYTES // 1024))
    try:
        read = msgspec.json.decode(request.body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise BadInput(say("The body does not fit: {why}.", why=fitting.why(error, kind))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(say("The body is not JSON.")) from error
    unsound.refuse_in_body(request.body, read)
    _take_down(read)
    return read


def _take_down(body: Any) -> None:
    """What a handler reads for itself belongs to its deed too."""
    deed = deeds.in_hand()
    if deed is not None:
        codes, words = audited.parted(body)
        deed.facts, deed.words = {**deed.facts, **codes}, deed.words or words


def query_of(request: Request, kind: Any) -> Any:
    """The query as a struct, each name once, or `BadInput` that says which is wrong. What is not asked for is ignored,
    as everywhere."""
    given = {name: values[-1] for name, values in request.args.items()}
    try:
        read = msgspec.convert(given, kind, strict=False, str_keys=True)
    except msgspec.ValidationError as error:
        raise BadInput(say("The query does not fit: {why}.", why=fitting.why(error, kind))) from error
    unsound.refuse(read)
    return read


def need(operator: Operator, role: Role) -> None:
    if not operator.role.covers(role):
        raise Forbidden(say("This needs the role {role}.", role=role.value))


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
        raise NotFound(say("There is no conversation {conversation}.", conversation=conversation_id))
    return conversation


async def visible_account(request: Request, operator: Operator, account_id: str) -> Account:
    """The account, by either of its ids. One that is not theirs is not there, and one that was removed is no more: both
    are refused in the words of one that never was."""
    found: Account | None = None
    try:
        found = await request.app.ctx.baton.db.read(accounts.get, account_id)
    except BadInput:  # of several, on several channels: which, is for who sees them all
        if operator.all_accounts:
            raise
    except NotFound:
        pass
    if found is None or not operator.may_see(found.id) or found.removed_at is not None:
        raise NotFound(say("There is no account {account}.", account=account_id))
    return found


async def visible_accounts(request: Request, operator: Operator, account_ids: Sequence[str] | None) -> list[str] | None:
    """Our own ids of all of them; None where none are named."""
    if account_ids is None:
        return None
    return [(await visible_account(request, operator, each)).id for each in account_ids]


def language(request: Request) -> str:
    """What the one who asks would rather read, by the `Accept-Language`."""
    return preferred(request.headers.get("accept-language", ""))


async def _who(request: Request, manner: Manner) -> tuple[Operator, Token] | None:
    kind, _, word = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != manner.scheme.lower() or not word.strip() or not word.isascii():
        return None
    house = request.app.ctx.baton
    found: tuple[Operator, Token] | None = await house.db.read(operators.signed_in, word.strip(), house.clock.now())
    return found


async def _seen(request: Request, operator: Operator) -> None:
    """Whoever asks for something is there; a write every 20 seconds at most."""
    house = request.app.ctx.baton
    now, token = house.clock.now(), request.ctx.token
    if needs_touch(operator, now):
        await house.db.write(people.seen, operator.name, now)
    if token.seen_at is None or now - token.seen_at >= operator_tokens.SEEN_EVERY:
        await house.db.write(operator_tokens.seen, token.id, now)


def answer_refused(request: Request, error: SanicException) -> HTTPResponse:
    """What no route of ours has answered, in the one error shape."""
    message = unanswered.words(error, request)
    code = _CODES.get(error.status_code, "error")
    return _refusal(error.status_code, code, message, request, manner_of(request.path))


def _refusal(status: int, code: str, message: str, request: Request, manner: Manner) -> HTTPResponse:
    return manner.refusal(status, {"code": code, "message": in_language(message, language(request))})
