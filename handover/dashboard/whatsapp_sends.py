"""/api/v1/whatsapp/messages/send_…/: what operators write, by account and number, as the dashboard asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Union

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from conversation.errors import BadInput, NotYet
from conversation.outbound import Choice, Outbound
from conversation.said import say
from handover import once
from handover.auth import answer, language
from handover.dashboard import reaching, template_parts
from handover.dashboard.door import route
from handover.dashboard.media_links import Links, links_of
from handover.dashboard.objects.message import messages_json
from handover.dashboard.reaching import Number, Reached
from handover.dashboard.template_parts import Component
from handover.sends import Text
from runtime.ownership import Done
from store import quotes
from store.idempotency import Once
from store.operators import Operator, Role

MESSAGES = "/whatsapp/messages"
To = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Title = Annotated[str, msgspec.Meta(max_length=72)]
#: A line above or below, as a text or in Meta's shape.
Beside = Union[str, dict[str, Any], None]
#: What of a request's own marks goes back with its answer.
_MARKS = ("client_request_id", "source")


class SendBody(msgspec.Struct):
    """`reply_to`: a message's id, ours or the channel's. `metadata`: its `client_request_id` is sent once only."""

    account_id: str
    to: To
    reply_to: Union[str, int, None] = None
    metadata: Union[dict[str, Any], None] = None


class TextBody(SendBody, kw_only=True):
    text: Text


class TemplateBody(SendBody, kw_only=True):
    template_name: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    language_code: Annotated[str, msgspec.Meta(min_length=2, max_length=15)] = "pt_BR"
    components: Union[list[Component], None] = None


class Button(msgspec.Struct):
    title: Title = ""
    reply: Union[dict[str, Any], None] = None


class ButtonsBody(SendBody, kw_only=True):
    body_text: Text
    buttons: Annotated[list[Button], msgspec.Meta(max_length=3)]
    header: Beside = None
    footer: Beside = None


class Row(msgspec.Struct):
    title: Title
    description: Union[Title, None] = None


class Section(msgspec.Struct):
    rows: list[Row]


class ListBody(SendBody, kw_only=True):
    body_text: Text
    button_text: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    sections: list[Section]
    header: Beside = None
    footer: Beside = None


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", f"{MESSAGES}/send_text/", role=Role.OPERATOR, body=TextBody)
    async def dash_send_text(request: Request, operator: Operator, body: TextBody) -> HTTPResponse:
        """A text; takes the conversation where nobody has it."""
        return await send(request, operator, body, Outbound(text=body.text))

    @route(blueprint, "POST", f"{MESSAGES}/send_template/", role=Role.OPERATOR, body=TemplateBody)
    async def dash_send_template(request: Request, operator: Operator, body: TemplateBody) -> HTTPResponse:
        """One that Meta has approved. It begins a conversation with a number that nobody has written from."""
        made = template_parts.template(body.template_name, body.language_code, body.components or [])
        number = await reaching.number_of(request, operator, body.account_id, body.to)
        if number is None or body.reply_to not in (None, ""):
            return await send(request, operator, body, Outbound(special=made))
        return await _begin(request, operator, number, body, Outbound(special=made))

    @route(blueprint, "POST", f"{MESSAGES}/send_interactive_buttons/", role=Role.OPERATOR, body=ButtonsBody)
    async def dash_send_buttons(request: Request, operator: Operator, body: ButtonsBody) -> HTTPResponse:
        """A text with up to three buttons; what is chosen comes back as the customer's words."""
        titles = [str((each.reply or {}).get("title") or each.title) for each in body.buttons]
        choices = tuple(Choice(title=title) for title in titles)
        return await send(request, operator, body, Outbound(text=_whole(body), choices=choices))

    @route(blueprint, "POST", f"{MESSAGES}/send_interactive_list/", role=Role.OPERATOR, body=ListBody)
    async def dash_send_list(request: Request, operator: Operator, body: ListBody) -> HTTPResponse:
        """A text with a list to choose from."""
        rows = [row for section in body.sections for row in section.rows]
        choices = tuple(Choice(title=row.title, description=row.description or "") for row in rows)
        outbound = Outbound(text=_whole(body), choices=choices, list_label=body.button_text)
        return await send(request, operator, body, outbound)

    @route(blueprint, "POST", f"{MESSAGES}/send_catalog_menu/", role=Role.OPERATOR)
    async def dash_send_catalog_menu(request: Request, operator: Operator) -> HTTPResponse:
        """There is none here."""
        raise NotYet(say("There is no catalogue here to send from."))


async def send(request: Request, operator: Operator, body: SendBody, outbound: Outbound) -> HTTPResponse:
    reached = await reaching.reach(request, operator, body.account_id, body.to)
    return await send_to(request, operator, reached, body, outbound)


async def send_to(
    request: Request, operator: Operator, reached: Reached, body: SendBody, outbound: Outbound
) -> HTTPResponse:
    """The message as it stands, under the id that its events have later: it is sent after this answer."""
    house, here = request.app.ctx.baton, reached.conversation_id
    if body.reply_to not in (None, ""):
        asked = (here, str(body.reply_to))
        outbound = replace(outbound, quotes=await house.db.read(reaching.message_named, *asked))
    done = await house.ownership.send(here, outbound, by=operator.name, once=_once(request, operator, here, body))
    return await _sent(request, body, done)


async def _begin(
    request: Request, operator: Operator, number: Number, body: SendBody, outbound: Outbound
) -> HTTPResponse:
    here = number.account.id
    begin = request.app.ctx.baton.ownership.begin
    same = _once(request, operator, here, body)
    return await _sent(request, body, await begin(here, number.to, outbound, by=operator.name, once=same))


def _marks(body: SendBody) -> dict[str, str]:
    return {name: value for name in _MARKS if isinstance(value := (body.metadata or {}).get(name), str)}


def _once(request: Request, operator: Operator, here: str, body: SendBody) -> Once | None:
    key = _marks(body).get("client_request_id")
    return once.under(key, request, operator, here, body) if key else once.asked(request, operator, here, body)


async def _sent(request: Request, body: SendBody, done: Done) -> HTTPResponse:
    made = await request.app.ctx.baton.db.read(_shown, done.message_ids, links_of(request), language(request))
    return answer({**made, "metadata": {**made["metadata"], **_marks(body)}}, 201)


def _shown(tx: Connection, message_ids: Sequence[int], links: Links, language: str) -> dict[str, Any]:
    """The first of them: a text that is too long for one message is several."""
    (first,) = quotes.named(tx, message_ids[:1])
    return messages_json(tx, [first], links, language)[0]


def _whole(body: ButtonsBody | ListBody) -> str:
    """What stands above and below goes with the text: a message of ours has one."""
    return "\n\n".join(part for part in (_line(body.header), body.body_text, _line(body.footer)) if part)


def _line(given: Beside) -> str:
    if isinstance(given, dict):
        text = given.get("text")
        if not isinstance(text, str):
            raise BadInput(say("What stands above the text or below it is a text."))
        return text
    return given or ""
