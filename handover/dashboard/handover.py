"""…/handover/human, bot, status, logs and request of a conversation; /handover/requests/ and /handover/logs/.

Both generations of paths. What is ordered goes the way our own API's orders do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request as Asking
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from conversation.conversation import Conversation, HandoverState
from conversation.errors import Refused
from conversation.handover import Priority, RequestState
from conversation.said import in_language, say
from handover.auth import answer, language, supervises, theirs, visible
from handover.dashboard import door, envelope
from handover.dashboard.objects import handover as objects
from handover.dashboard.spelled import spelled
from handover.requests import visible_request
from store import conversations, handover_log, handovers, listing, requests
from store.operators import Operator, Role
from store.requests import Request

#: How many that wait are shown, and how many that do not wait any more.
_WAITING, _ENDED, _LOGGED = 200, 50, 100
_PREFIXES = ("/handover/conversations/<conversation_id:str>/handover", "/conversations/<conversation_id:str>/handover")
Word = Annotated[str, msgspec.Meta(max_length=200)]
#: Whatever a page has for a person: ours are names.
PersonId = Annotated[str, msgspec.Meta(max_length=120)] | int


class HumanBody(msgspec.Struct):
    """`assigned_to_id`: whose it is to be; without it, who asks takes it."""

    reason: Word | None = None
    assigned_to_id: PersonId | None = None


class BotBody(msgspec.Struct):
    reason: Word | None = None


class RequestBody(msgspec.Struct):
    reason: Annotated[str, msgspec.Meta(max_length=120)] | None = None
    priority: Priority = Priority.MEDIUM


class ApproveBody(msgspec.Struct):
    assigned_to_id: PersonId | None = None


def register(blueprint: Blueprint) -> None:
    def verb(method: str, word: str, **declared: Any) -> Any:
        paths = [f"{prefix}/{word}/" for prefix in _PREFIXES]
        return spelled(blueprint, [method], paths, role=Role.OPERATOR, **declared)

    @verb("POST", "human", body=HumanBody, answers=objects.HandoverResponse, refusals=(403, 409))
    async def dash_handover_to_human(
        request: Asking, operator: Operator, body: HumanBody, conversation_id: str
    ) -> objects.HandoverResponse:
        """A person has it from now on: who asks, or whom they name. What another has stays theirs."""
        await visible(request, operator, conversation_id)
        ownership, whose = request.app.ctx.baton.ownership, _person(body.assigned_to_id)
        if whose is None or whose == operator.name:
            done = await ownership.take(conversation_id, by=operator.name, note=body.reason or None)
        else:
            done = await ownership.transfer(
                conversation_id,
                by=operator.name,
                to_operator=whose,
                supervises=supervises(operator),
                note=body.reason or None,
            )
        return objects.response_json(done.conversation, language(request))

    @verb("POST", "bot", body=BotBody, answers=objects.HandoverResponse, refusals=(403, 409))
    async def dash_handover_to_bot(
        request: Asking, operator: Operator, body: BotBody, conversation_id: str
    ) -> objects.HandoverResponse:
        """The assistant answers from now on; where none may speak, it waits for a person, and the answer says so."""
        await visible(request, operator, conversation_id)
        try:
            done = await request.app.ctx.baton.ownership.release(
                conversation_id, by=operator.name, force=supervises(operator), note=body.reason or None
            )
        except Refused:
            standing = await visible(request, operator, conversation_id)
            if standing.state is not HandoverState.BOT:
                raise
            return objects.response_json(standing, language(request))  # it has it already
        return objects.response_json(done.conversation, language(request))

    @verb("GET", "status", answers=objects.HandoverStatus)
    async def dash_show_handover(request: Asking, operator: Operator, conversation_id: str) -> objects.HandoverStatus:
        """Who answers, and since when."""
        await visible(request, operator, conversation_id)
        conversation, last = await request.app.ctx.baton.db.read(_standing, conversation_id)
        return objects.status_json(conversation, last, language(request))

    @verb("GET", "logs", answers=list[objects.HandoverLog])
    async def dash_list_handovers(
        request: Asking, operator: Operator, conversation_id: str
    ) -> list[objects.HandoverLog]:
        """Every change of who answers, the newest first."""
        await visible(request, operator, conversation_id)
        found = await request.app.ctx.baton.db.read(handovers.log_of, conversation_id)
        return [objects.log_json(each) for each in reversed(found)]

    @verb("POST", "request", body=RequestBody, answers=objects.Asked, refusals=(403, 409))
    async def dash_request_handover(
        request: Asking, operator: Operator, body: RequestBody, conversation_id: str
    ) -> HTTPResponse:
        """Asks for a person in the customer's place."""
        await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        await house.ownership.request(
            conversation_id, by=operator.name, reason=body.reason or "operator", priority=body.priority
        )
        found: list[Request] = await house.db.read(requests.of_conversation, conversation_id)
        return answer(_asked(found[-1], language(request)), 201)

    @door.route(blueprint, "GET", "/handover/requests/", role=Role.OPERATOR)
    async def dash_list_requests(request: Asking, operator: Operator) -> dict[str, Any]:
        """Who waits for a person, and the last who do not wait any more; the newest first."""
        found = await request.app.ctx.baton.db.read(_requests, theirs(operator))
        return envelope.of_all([objects.request_json(each, language(request)) for each in found])

    @door.route(
        blueprint,
        "POST",
        "/handover/requests/<request_id:int>/approve/",
        role=Role.OPERATOR,
        body=ApproveBody,
        answers=objects.Approved,
        refusals=(403, 409),
    )
    async def dash_approve_request(
        request: Asking, operator: Operator, body: ApproveBody, request_id: int
    ) -> objects.Approved:
        """Somebody takes it: who is named, or else who approves."""
        await visible_request(request, operator, request_id)
        done = await request.app.ctx.baton.ownership.approve(
            request_id, by=operator.name, to_operator=_person(body.assigned_to_id)
        )
        told = in_language(say("{operator} has it now.", operator=done.conversation.owner), language(request))
        return {
            "success": True,
            "message": told,
            "conversation_id": done.conversation.id,
            "assigned_to": done.conversation.owner,
        }

    @door.route(
        blueprint,
        "POST",
        "/handover/requests/<request_id:int>/reject/",
        role=Role.OPERATOR,
        answers=objects.Rejected,
        refusals=(403, 409),
    )
    async def dash_reject_request(request: Asking, operator: Operator, request_id: int) -> objects.Rejected:
        """Nobody will come; the customer is told."""
        await visible_request(request, operator, request_id)
        await request.app.ctx.baton.ownership.reject(request_id, by=operator.name)
        return {"success": True, "message": in_language(say("The customer is told."), language(request))}

    @door.route(blueprint, "GET", "/handover/logs/", role=Role.OPERATOR)
    async def dash_list_all_handovers(request: Asking, operator: Operator) -> dict[str, Any]:
        """The latest changes of who answers, on all their accounts."""
        found = await request.app.ctx.baton.db.read(handover_log.latest, account_ids=theirs(operator), limit=_LOGGED)
        return envelope.of_all([objects.log_json(each) for each in found])


def _person(given: PersonId | None) -> str | None:
    """A form sends an empty text for nobody."""
    return (None if given is None else str(given).strip()) or None


def _standing(tx: Connection, conversation_id: str) -> tuple[Conversation, Mapping[str, Any] | None]:
    return conversations.get(tx, conversation_id), handover_log.last_of(tx, conversation_id)


def _requests(tx: Connection, account_ids: Any) -> list[Request]:
    waiting = listing.asked(tx, account_ids=account_ids, state=RequestState.PENDING, limit=_WAITING)
    ended = requests.ended(tx, account_ids=account_ids, limit=_ENDED)
    return sorted([*waiting, *ended], key=lambda each: each.id, reverse=True)


def _asked(found: Request, spoken: str) -> objects.Asked:
    """Where the account hands nothing over, the wish is recorded, and was refused."""
    told = say("A person was asked for.")
    if found.state is RequestState.REJECTED:
        told = say("This account hands nothing over: the wish is written down, and nobody comes.")
    return {
        "success": found.state is not RequestState.REJECTED,
        "request_id": str(found.id),
        "status": objects.status_of(found.state).value,
        "message": in_language(told, spoken),
    }
