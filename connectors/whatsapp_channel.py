"""WhatsApp's way out. Apart from the way in, so that the command line need not import Rasa."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from connectors import whatsapp_render
from connectors.graph import GraphClient
from connectors.reading import ident, items, obj
from connectors.whatsapp_business import WhatsAppBusiness
from connectors.whatsapp_files import WhatsAppFiles
from connectors.whatsapp_sharing import WhatsAppSharing
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from conversation.message import Author
from runtime.channel import Outgoing, Rendered, Utterance, WayOut

_PHONE = re.compile(r"\+?\d{5,20}", re.ASCII)
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}", re.ASCII)


class WhatsAppChannel:
    """What we ask of WhatsApp. `base_url_of` gives the server an account's requests go to."""

    def __init__(self, graph: GraphClient, base_url_of: Callable[[str], str]) -> None:
        self._graph = graph
        self._base_url_of = base_url_of

    def render(self, utterance: Utterance, new_token: Callable[[], str]) -> list[Rendered]:
        return whatsapp_render.render(utterance, new_token)

    def signals(self, provider_id: str, *, typing: bool, author: Author) -> list[dict[str, Any]]:
        """Marks a message and all before it as read; the typing sign lasts until we write, or 25 seconds."""
        request = {"messaging_product": "whatsapp", "status": "read", "message_id": provider_id}
        return [{**request, "typing_indicator": {"type": "text"}} if typing else request]

    async def send(self, outgoing: Outgoing) -> str | None:
        makes_message = "status" not in outgoing.body
        body = dict(outgoing.body)
        if makes_message:
            body.update(_recipient(outgoing.addresses), biz_opaque_callback_data=outgoing.opaque)
        answer = await self._graph.post(
            f"{quote(outgoing.account, safe='')}/messages",
            body,
            base_url=self._base_url_of(outgoing.account),
            token=outgoing.token,
            check=outgoing.check,
        )
        if not makes_message:
            return None
        outgoing.learn(_addresses(answer))
        return _message_id(answer)


def way_out(graph: GraphClient, base_url_of: Callable[[str], str]) -> WayOut:
    channel = WhatsAppChannel(graph, base_url_of)
    files, business = WhatsAppFiles(graph), WhatsAppBusiness(graph)
    return WayOut(channel=channel, files=files, business=business, sharing=WhatsAppSharing(graph))


def _recipient(addresses: Sequence[Address]) -> dict[str, str]:
    """The phone number where we have it, with a plus: without one Meta may take it for a local number."""
    by_kind = {address.kind: address.value for address in addresses}
    if AddressKind.GROUP in by_kind:
        return {"recipient_type": "group", "to": by_kind[AddressKind.GROUP]}
    if AddressKind.PHONE in by_kind:
        return {"to": "+" + by_kind[AddressKind.PHONE].lstrip("+")}
    if AddressKind.BSUID in by_kind:
        return {"recipient": by_kind[AddressKind.BSUID]}
    raise SendError("The contact has no address on WhatsApp.")


def _addresses(answer: dict[str, Any]) -> list[Address]:
    """Whom it was sent to, as we named them and as Meta does: it rewrites some numbers, and adds the user's id.

    [WA docs: POST /PHONE_NUMBER_ID/messages, `contacts[]`]
    """
    people = [obj(each) for each in items(answer.get("contacts"))]
    if len(people) != 1:
        return []
    found = [_address(ident(people[0].get(name)) or "") for name in ("input", "wa_id", "user_id")]
    return list(dict.fromkeys(each for each in found if each is not None))


def _address(given: str) -> Address | None:
    if _PHONE.fullmatch(given):
        return Address(kind=AddressKind.PHONE, value=given.lstrip("+"))
    return Address(kind=AddressKind.BSUID, value=given) if _BSUID.fullmatch(given) else None


def _message_id(answer: dict[str, Any]) -> str:
    for message in items(answer.get("messages")):
        provider_id = ident(obj(message).get("id"))
        if provider_id is not None:
            return provider_id
    raise SendError("Nobody knows whether Meta took it: its answer names no message.", unknown=True)
