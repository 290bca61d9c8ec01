"""What the runtime asks of a channel. `connectors/` has one of each; nothing here knows Meta."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from conversation.contact import Address
from conversation.message import Author
from conversation.outbound import Special
from runtime.abilities import (
    Business,
    Files,
    Greetings,
    Own,
    Past,
    Personas,
    Profiles,
    Sharing,
    Subscription,
    Threads,
)
from store.buttons import Button


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """Something to be said, in Rasa's terms: what a `BotUttered` event holds, or an operator's text.

    `buttons`: dicts with `title` and `payload` (and `description`, for lists), as Rasa has them. `special`: what goes
    alone, in place of all else. `quotes`: the channel's id of the message that is answered, or reacted to.
    """

    text: str | None = None
    buttons: Sequence[dict[str, Any]] = ()
    image: str | None = None
    attachment: Any = None
    elements: Sequence[dict[str, Any]] = ()
    custom: dict[str, Any] = field(default_factory=dict)
    special: Special | None = None
    quotes: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """One request to the channel: `body` without its recipient, and what people are shown of it.

    `content`: more of it, for people to see. `paid`: Meta charges for it, as it was approved beforehand. `numbered`:
    choices that stand in it as lines of text. `unfit`: why it is not sent at all.
    """

    kind: str
    text: str | None
    body: dict[str, Any]
    buttons: Sequence[Button] = ()
    content: dict[str, Any] = field(default_factory=dict)
    paid: bool = False
    numbered: Sequence[Button] = ()
    unfit: str | None = None


def _nobody_asks(known_by: Sequence[Address]) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A claimed request on its way.

    `check` raises if it may no longer be started; it is asked last thing before the first byte.
    `opaque` comes back in the channel's reports, where the channel can do that.
    `window_open`: the channel's window, as it stood when the request was claimed.
    """

    account: str
    token: str | None
    addresses: Sequence[Address]
    body: dict[str, Any]
    opaque: str
    check: Callable[[], None]
    node: str | None = None  # whom the request goes through, where that is not the account: a Page
    author: Author = Author.BOT
    window_open: bool = True
    human_agent: bool = False  # a person may write a while longer, under the channel's tag for it
    persona: str | None = None  # the channel's id of the person customers are shown
    learn: Callable[[Sequence[Address]], None] = _nobody_asks  # what the answer says the contact is known by


class Channel(Protocol):
    """A channel that can be written to."""

    def render(self, utterance: Utterance, new_token: Callable[[], str]) -> list[Rendered]:
        """The requests an utterance takes, in order, within the channel's limits; what is too long is split."""
        ...

    def signals(self, provider_id: str, *, typing: bool, author: Author) -> list[dict[str, Any]]:
        """The requests that mark a message as read, and show a typing sign if asked; none where there is none."""
        ...

    async def send(self, outgoing: Outgoing) -> str | None:
        """The provider's id of what was sent; None for a request that makes no message.

        Raises `SendError`: `unknown` once the first byte may have left and no answer of the channel's came.
        """
        ...


Channels = dict[str, Channel]


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """A channel, and what else it can do beside being written to; None: it can't. See `abilities.py`."""

    channel: Channel
    profiles: Profiles | None = None
    past: Past | None = None
    threads: Threads | None = None
    subscription: Subscription | None = None
    files: Files | None = None
    personas: Personas | None = None
    business: Business | None = None
    own: Own | None = None
    greetings: Greetings | None = None
    sharing: Sharing | None = None
