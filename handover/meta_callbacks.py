"""/meta/deauthorize and /meta/data-deletion: what Meta posts to an app, and the page that shows how far a wish is.

No role: each is signed with an app's secret, and the page is asked for by a code that only who wished has.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from conversation.errors import BatonError, NotFound
from handover import plain_page
from handover.auth import answer, language
from handover.plain_page import Told
from handover.schemas import error_json
from runtime.meta_requests import Standing

log = structlog.get_logger()

_WORDS = {
    "pt": {
        "title": "Exclusão de dados",
        "received": "O pedido foi recebido em {received}.",
        "waits": "Uma pessoa vai apagar os dados até {done_by}. Ainda não foi feito.",
        "done": "Os dados foram apagados em {done}.",
        "none": "Não há nenhum pedido com este código.",
        "day": "%d/%m/%Y",
    },
    "en": {
        "title": "Data deletion",
        "received": "The request was received on {received}.",
        "waits": "A person will delete the data by {done_by}. It is not done yet.",
        "done": "The data were deleted on {done}.",
        "none": "There is no request with this code.",
        "day": "%Y-%m-%d",
    },
}
Handler = Callable[[Request], Awaitable[Any]]


class MetaCallbacks(InputChannel):
    """`credentials.yml`: `handover.meta_callbacks.MetaCallbacks:`. Not a channel: it never makes a message."""

    @classmethod
    def name(cls) -> str:
        return "meta_callbacks"

    def url_prefix(self) -> str:
        return "/meta"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("meta_callbacks")

        @blueprint.post("/deauthorize")
        @_answered
        async def deauthorize(request: Request) -> Any:
            await _requests(request).deauthorize(_signed(request))
            return {"status": "ok"}

        @blueprint.post("/data-deletion")
        @_answered
        async def data_deletion(request: Request) -> Any:
            """As Meta wants it: where the state can be seen, and under which code."""
            code = await _requests(request).wish_for_deletion(_signed(request))
            return {"url": f"{_requests(request).public_url}/meta/data-deletion/{code}", "confirmation_code": code}

        @blueprint.get("/data-deletion/<code:str>")
        async def standing(request: Request, code: str) -> HTTPResponse:
            words, spoken = _WORDS[language(request)], language(request)
            try:
                told, status = _told(await _requests(request).standing(code), words), 200
            except NotFound:
                told, status = Told(title=words["title"], lines=(words["none"],)), 404
            return plain_page.page(told, language=spoken, status=status)

        return blueprint


def _answered(handler: Handler) -> Callable[[Request], Awaitable[HTTPResponse]]:
    @wraps(handler)
    async def guarded(request: Request) -> HTTPResponse:
        try:
            return answer(await handler(request))
        except BatonError as error:
            log.warning("meta_callback_refused", route=handler.__name__, code=error.code)
            status, body = error_json(error, language(request))
            return answer(body, status)

    return guarded


def _requests(request: Request) -> Any:
    return request.app.ctx.baton.meta_requests


def _signed(request: Request) -> str:
    """A form's one field."""
    form = request.form
    return str((form.get("signed_request") if form else None) or "")


def _told(standing: Standing, words: dict[str, str]) -> Told:
    def day(moment: Any) -> str:
        return "" if moment is None else moment.strftime(words["day"])

    state = words["done"] if standing.done_at is not None else words["waits"]
    lines = (words["received"], state)
    days = {"received": standing.received_at, "done_by": standing.done_by, "done": standing.done_at}
    shown = {name: day(moment) for name, moment in days.items()}
    return Told(title=words["title"], lines=tuple(line.format(**shown) for line in lines))
