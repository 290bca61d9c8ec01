"""/whatsapp/messages/ and the inbox's commands"""

from __future__ import annotations

import base64
from typing import Any

from bench.dashboards import objects
from bench.dashboards.given import Given
from bench.dashboards.kinds import envelope, flag, more, of, one_of, text, whole
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, must

_AT = "/whatsapp/messages/"
_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SENT = more(objects.MESSAGE, direction=one_of("outbound"))
_STATS = of(
    by_status=of(sent=whole, delivered=whole, read=whole, failed=whole), total=whole, inbound=whole, outbound=whole
)
_ONCE = {"client_request_id": "{once}", "source": "inbox"}
_TEXT = {"account_id": "{account}", "to": "{peer}", "text": "text of {talk}", "metadata": _ONCE}
_RANGE = {"account_id": "{account}", "start_date": "2020-01-01", "end_date": "2099-12-31"}


async def _leaves_once(given: Given, answer: Answer) -> None:
    """Asked again under the same mark, the customer has it once all the same."""
    again = await given.page.ask("POST", f"{_AT}send_text/", await given.filled(_TEXT))
    must(again.status < 300, f"asked again it is answered {again}")
    must(again.body["id"] == answer.body["id"], "asked again it is another message")
    times = await given.heard(f"text of {await given.get('talk')}")
    must(times == 1, f"the customer got it {times} times")
    shown = await given.page.ask("GET", f"/conversations/{await given.get('talk')}/messages/", query={"limit": "100"})
    must(answer.body["id"] in [each["id"] for each in shown.results], "the chat does not show it")


async def _leaves(given: Given, answer: Answer) -> None:
    product, customer = given.scene.product, await given.get("customer")
    kind = answer.body["message_type"]
    found = await product.journal.arrived(
        customer.number, lambda r: r.to == customer.address and r.kind in _AS_SENT.get(kind, (kind,)), 20.0
    )
    must(found is not None, f"nothing of the kind {kind} reached the customer")


#: What a message of ours is to Meta.
_AS_SENT = {"template": ("template",), "image": ("image",), "text": ("text",)}


async def _is_the_chat(given: Given, answer: Answer) -> None:
    talk = await given.get("talk")
    must({each["conversation_id"] for each in answer.results} == {talk}, "messages of others are among them")
    must({each["direction"] for each in answer.results} == {"inbound", "outbound"}, "one of the two sides is missing")


async def _is_silent(given: Given, answer: Answer) -> None:
    talk = await given.get("talk")
    shown = await given.page.ask("GET", f"/conversations/{talk}/")
    must(shown.body["mode"] == "human", f"/bot off leaves the mode at {shown.body['mode']}")
    must(not await given.is_answered_to("are you there?"), "the assistant answers after /bot off")


async def _is_noted(given: Given, answer: Answer) -> None:
    notes = await given.page.ask("GET", f"/conversations/{await given.get('talk')}/notes/")
    must("remember this" in [each["content"] for each in notes.body], f"the notes are {notes}")


async def _is_no_message(given: Given, answer: Answer) -> None:
    must(answer.body["ok"] is False and not answer.body["enviar_ao_cliente"], f"what is not served answers {answer}")


def _command(word: str, **more: Any) -> Row:
    body = {"texto": word, "conversation_id": "{talk}", "confirmado": False}
    shape = of(ok=flag, texto=text, enviar_ao_cliente=flag)
    return Row(
        ask="POST /whatsapp/comandos/executar/", mark="C", note=word, body=body, shape=shape,
        **more,
    )  # fmt: skip


_TALK = {"account": "{account}", "phone_number": "{peer}", "limit": "100", "ordering": "-created_at"}
_DONE = (200, 201)

ROWS = (
    Row(ask=f"POST {_AT}send_text/", mark="R", body=_TEXT, status=_DONE, shape=SENT, then=_leaves_once),
    Row(
        ask=f"POST {_AT}send_template/",
        mark="C",
        body={
            "account_id": "{account}",
            "to": "{reached}",
            "template_name": "hello_world",
            "language_code": "en_US",
            "components": [],
        },
        status=_DONE,
        shape=more(SENT, message_type=one_of("template")),
        then=_leaves,
    ),
    Row(ask=f"POST {_AT}stats/", mark="R", body=_RANGE, shape=_STATS),
    Row(ask=f"GET {_AT}stats/", mark="R", query=_RANGE, shape=_STATS),
    Row(
        ask=f"GET {_AT}",
        mark="R",
        query={**_TALK, "phone_number": "{reached}"},
        shape=envelope(objects.MESSAGE, least=2, newest="created_at"),
        then=_is_the_chat,
    ),
    Row(ask=f"GET {_AT}", mark="R", query={"account": "{account}"}, shape=envelope(objects.MESSAGE)),
    Row(
        ask=f"POST {_AT}send_media/",
        mark="C",
        body={"account_id": "{account}", "to": "{reached}", "file": _PICTURE, "caption": "a picture"},
        upload=True,
        status=_DONE,
        shape=SENT,
        then=_leaves,
    ),
    Row(
        ask=f"POST {_AT}send_file/",
        mark="L",
        body={"account_id": "{account}", "to": "{reached}", "file": _PICTURE},
        upload=True,
        status=_DONE,
        shape=SENT,
        then=_leaves,
    ),
    _command("/bot off", then=_is_silent),
    _command("/nota remember this", then=_is_noted),
    _command("/cupom X", then=_is_no_message),
)
