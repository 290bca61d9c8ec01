"""/api/v1/conversations/{id}/context: what somebody who takes over must know at once."""

from __future__ import annotations

from datetime import datetime

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation import cures, window
from conversation.words import DEFAULT_LANGUAGE
from handover.auth import language, route, visible
from handover.schemas import instant, note_json, request_json
from handover.shapes import context as shapes
from handover.transcript import messages_json
from store import context, listing, notes, ratings, requests
from store.context import Failures
from store.listing import Line
from store.operators import Operator, Role
from store.requests import Request as Wish

_MESSAGES = 10
_WHAT = {
    "send": {"pt": "Mensagem que falhou", "en": "A message that failed"},
    "parked": {
        "pt": "O assistente falhou várias vezes nesta mensagem e parou",
        "en": "The assistant failed on this message several times, and stopped",
    },
    "turn": {"pt": "O assistente falhou e tenta de novo", "en": "The assistant failed, and tries again"},
}
_RETRY = {
    "pt": "Responda você mesmo; um administrador pode mandar tentar de novo.",
    "en": "Answer it yourself; an admin may have it tried again.",
}


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations/<conversation_id:str>/context", role=Role.OPERATOR, answers=shapes.Context)
    async def show_context(request: Request, operator: Operator, conversation_id: str) -> shapes.Context:
        """What somebody who takes over must know at once."""
        await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        shown: shapes.Context = await house.db.read(context_json, conversation_id, house.clock.now(), language(request))
        return shown


def context_json(
    tx: Connection, conversation_id: str, now: datetime, language: str = DEFAULT_LANGUAGE
) -> shapes.Context:
    """All of it as of one moment. `request`: the one that waits, else the last one there was."""
    line = listing.one(tx, conversation_id, now)
    conversation = line.conversation
    request = line.request or _last(requests.of_conversation(tx, conversation_id))
    rating = ratings.latest(tx, conversation_id)
    last = context.last_messages(tx, conversation_id, limit=_MESSAGES)
    return {
        "id": conversation.id,
        "request": request_json(request) if request else None,
        "reason": request.reason if request else None,
        "language": conversation.language,
        "last_messages": messages_json(tx, last, language),
        "slots": dict(context.slots(tx, conversation_id)),
        "understood": [_understood_json(each) for each in context.understood(tx, conversation_id)],
        "failed": _failed_json(context.failures(tx, conversation_id), language),
        "window": _window_json(line, now, language),
        "queue_place": line.queue_place,
        "previous_owner": conversation.last_owner,
        "notes": [note_json(each) for each in notes.of_conversation(tx, conversation_id)],
        "tags": list(line.tags),
        "rating": {"score": rating.score, "operator": rating.operator, "at": instant(rating.at)} if rating else None,
    }


def _last(found: list[Wish]) -> Wish | None:
    return found[-1] if found else None


def _understood_json(each: context.Understood) -> shapes.Understood:
    return {
        "text": each.text,
        "intent": each.intent,
        "confidence": each.confidence,
        "ranking": [{"name": name, "confidence": confidence} for name, confidence in each.ranking],
    }


def _failed_json(failures: Failures, language: str) -> list[shapes.Failed]:
    """`kind` and `id` name the thing; `what` and `cure` are words for people."""
    sends: list[shapes.Failed] = [
        {
            "kind": "send",
            "what": _WHAT["send"][language],
            "id": each.id,
            "at": instant(each.at),
            "status": each.status.value,
            "detail": each.error,
            "cure": cures.cure(each.status, each.error, language),
        }
        for each in failures.sends
    ]
    parked: list[shapes.Failed] = [
        {
            "kind": "parked",
            "what": _WHAT["parked"][language],
            "id": each.id,
            "at": instant(each.parked_at),
            "detail": each.error,
            "cure": _RETRY[language],
        }
        for each in failures.parked
    ]
    turns: list[shapes.Failed] = [
        {
            "kind": "turn",
            "what": _WHAT["turn"][language],
            "id": each.id,
            "at": instant(each.at),
            "detail": each.error,
            "cure": None,
        }
        for each in failures.turns
    ]
    return [*sends, *parked, *turns]


def _window_json(line: Line, now: datetime, language: str) -> shapes.WindowNow:
    """Outside, the rule that holds and what may be sent all the same; `human_until`: a person may write until then."""
    account, last = line.account, line.conversation.last_inbound_at
    is_open = window.is_open(last, now)
    rule = window.rule(account.channel)
    until = window.human_until(account.channel, last) if window.as_a_person(account, last, now) else None
    shown: shapes.WindowNow = {
        "open": is_open,
        "closes_at": instant(window.closes_at(last)),
        "seconds_left": int(window.time_left(last, now).total_seconds()),
    }
    if until is not None:
        shown["human_until"] = instant(until)
    if not is_open:
        shown |= {"rule": rule.name, "may_send": list(rule.may_send), "words": rule.words[language]}
    return shown
