"""Sends to Messenger and Instagram: to whom, in which manner, and what of ours goes with it.

[MSG docs: Send API, message tags; IG docs: send messages]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors import meta_render
from connectors.graph import GraphClient
from connectors.meta_network import Network
from connectors.reading import ident, obj
from conversation import window
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from conversation.message import Author
from runtime.channel import Outgoing, Rendered, Utterance

#: The one tag left of Meta's, for what a person writes outside the window.
_FOR_PEOPLE = "HUMAN_AGENT"
#: Recipients that stand for a comment or a post: one private reply, to which the window does not apply.
_PRIVATE_REPLY = ("comment_id", "post_id")


class MetaChannel:
    """What we ask of one of the two. `base_url_of` gives the server an account's requests go to."""

    def __init__(self, network: Network, graph: GraphClient, base_url_of: Callable[[str], str]) -> None:
        self._network = network
        self._graph = graph
        self._base_url_of = base_url_of

    def render(self, utterance: Utterance, new_token: Callable[[], str]) -> list[Rendered]:
        return meta_render.render(utterance, self._network, new_token)

    def signals(self, provider_id: str, *, typing: bool, author: Author) -> list[dict[str, Any]]:
        """Each alone in its request; the last words are meant, so none is named. Typing stops by itself."""
        return [{"sender_action": action} for action in ("mark_seen", *(("typing_on",) if typing else ()))]

    async def send(self, outgoing: Outgoing) -> str | None:
        makes_message = "sender_action" not in outgoing.body
        answer = await self._graph.post(
            f"{quote(outgoing.node or outgoing.account, safe='')}/messages",
            self._message(outgoing) if makes_message else self._addressed(outgoing.body, outgoing),
            base_url=self._base_url_of(outgoing.account),
            token=outgoing.token,
            check=outgoing.check,
        )
        return _message_id(answer) if makes_message else None

    def _addressed(self, body: Mapping[str, Any], outgoing: Outgoing) -> dict[str, Any]:
        return {**body, "recipient": recipient(outgoing.addresses, self._network)}

    def _message(self, outgoing: Outgoing) -> dict[str, Any]:
        """The request, or a `SendError` where Meta's rules forbid it: then it is not even begun."""
        if outgoing.body.get("tag") == _FOR_PEOPLE and outgoing.author is not Author.OPERATOR:
            raise SendError(f"Only a person may write under Meta's tag {_FOR_PEOPLE}.")
        body = {key: value for key, value in outgoing.body.items() if key not in ("messaging_type", "tag")}
        if is_private_reply(body):
            return self._marked({**body, "messaging_type": "RESPONSE"}, outgoing)
        return self._marked({**self._addressed(body, outgoing), **self._manner(outgoing)}, outgoing)

    def _manner(self, outgoing: Outgoing) -> dict[str, str]:
        if self._network.utility and "template" in obj(outgoing.body.get("message")):
            return {"messaging_type": "UTILITY"}  # approved beforehand: also outside the window
        if outgoing.window_open:
            return {"messaging_type": "UPDATE" if outgoing.author is Author.SYSTEM else "RESPONSE"}
        if outgoing.author is Author.OPERATOR and outgoing.human_agent:
            return {"messaging_type": "MESSAGE_TAG", "tag": _FOR_PEOPLE}
        rule = window.rule(self._network.channel)
        raise SendError(
            f"Not asked of Meta: the time in which it lets us write freely is over ({rule.number}).",
            error_code=rule.error_code,
            subcode=rule.subcode,
        )

    def _marked(self, body: dict[str, Any], outgoing: Outgoing) -> dict[str, Any]:
        if self._network.metadata:
            body["message"] = {**obj(body.get("message")), "metadata": outgoing.opaque}
            if outgoing.persona is not None:
                body["persona_id"] = outgoing.persona
        return body


def recipient(addresses: Sequence[Address], network: Network) -> dict[str, str]:
    """How Meta is told whom we mean."""
    by_kind = {address.kind: address.value for address in addresses}
    for kind in network.addresses:
        if kind in by_kind:
            return {"user_ref" if kind is AddressKind.USER_REF else "id": by_kind[kind]}
    raise SendError(f"The contact has no address on {network.channel.value.title()}.")


def is_private_reply(body: Mapping[str, Any]) -> bool:
    return any(key in obj(body.get("recipient")) for key in _PRIVATE_REPLY)


def _message_id(answer: dict[str, Any]) -> str:
    provider_id = ident(answer.get("message_id"))
    if provider_id is None:
        raise SendError("Nobody knows whether Meta took it: its answer names no message.", unknown=True)
    return provider_id
