"""What a channel may be able to do beside being written to. Each is asked for by one part of the runtime alone.

All raise `SendError`; `retryable` says whether asking again later may help.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from conversation.account import Account
from conversation.arrivals import Arrival, Attachment
from conversation.contact import Address
from conversation.template_draft import Draft


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What is needed to ask a channel anything for an account. `node`: what stands for it in the path."""

    account: Account
    node: str
    base_url: str
    token: str | None


#: The reach of an account, by its id.
ReachOf = Callable[[str], Awaitable[Reach]]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a channel tells of a contact. The picture's address does not last."""

    name: str | None = None
    username: str | None = None
    picture_url: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class Profiles(Protocol):
    async def profile(self, reach: Reach, address: Address) -> Profile | None:
        """None: the channel tells nobody about them (no consent, gone)."""
        ...


@dataclass(frozen=True, kw_only=True)
class PastConversation:
    """A conversation as the channel remembers it. `id` is the channel's own."""

    id: str
    updated_at: datetime
    addresses: tuple[Address, ...]
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class PastPage:
    """Some of them, latest first. `after`: asks for those that follow; None: there are no more."""

    conversations: Sequence[PastConversation]
    after: str | None


class Past(Protocol):
    async def conversations(self, reach: Reach, *, after: str | None = None) -> PastPage: ...

    async def messages(self, reach: Reach, conversation: PastConversation) -> Sequence[Arrival]:
        """What was said in it as far as the channel tells, oldest first: `Inbound` and `Echo`, `recovered`."""
        ...


class Threads(Protocol):
    """Which app may write to a contact, where a channel lets several."""

    async def pass_on(self, reach: Reach, addresses: Sequence[Address], *, app: str, metadata: str = "") -> None:
        """`app`: the id of the app that may write from now on, or `inbox`: the channel's own."""
        ...

    async def take(self, reach: Reach, addresses: Sequence[Address], *, metadata: str = "") -> None: ...

    async def release(self, reach: Reach, addresses: Sequence[Address]) -> None: ...


class Subscription(Protocol):
    """Whether the channel tells us of what happens."""

    async def is_on(self, reach: Reach) -> bool: ...

    async def turn_on(self, reach: Reach) -> None: ...


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """Where a file can be had now. `headers` are for that server alone, and never for one it redirects to."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    declared_type: str | None = None
    name: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file of ours that is to be sent."""

    path: Path
    kind: str  # image, video, audio, document
    type: str
    name: str | None = None


class Files(Protocol):
    async def source(self, reach: Reach, attachment: Attachment) -> FileSource: ...

    async def upload(self, reach: Reach, file: StoredFile) -> str:
        """The channel's id of it, good for more than one message."""
        ...


@dataclass(frozen=True, kw_only=True)
class OwnProfile:
    """What a channel tells of an account of ours. The picture's address does not last."""

    username: str | None = None
    name: str | None = None
    followers: int = 0
    follows: int = 0
    posts: int = 0
    biography: str | None = None
    website: str | None = None
    picture_url: str | None = None


class Own(Protocol):
    async def own_profile(self, reach: Reach) -> OwnProfile: ...


class Greetings(Protocol):
    """What a customer finds before anything was said: greeting, questions to begin with, menu, domains."""

    async def greetings(self, reach: Reach) -> Mapping[str, Any]:
        """What is set, by the channel's own names."""
        ...

    async def greet_with(self, reach: Reach, changes: Mapping[str, Any]) -> None:
        """An empty one is taken away; what is not named stays."""
        ...


class Personas(Protocol):
    async def persona(self, reach: Reach, *, name: str, picture_url: str | None) -> str:
        """The channel's id of somebody whom customers are shown as who writes."""
        ...


@dataclass(frozen=True, kw_only=True)
class Template:
    """A message that the channel has approved beforehand, or not yet. `components`: as the channel has them."""

    id: str
    name: str
    language: str
    category: str
    status: str
    components: Sequence[Mapping[str, Any]] = ()
    quality: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a channel says of a token. `expires_at`: None where it does not end."""

    valid: bool
    expires_at: datetime | None = None


class Business(Protocol):
    """What a channel keeps of the business behind an account."""

    async def profile(self, reach: Reach) -> Mapping[str, Any]:
        """What customers can read of it, by the channel's own names."""
        ...

    async def set_profile(self, reach: Reach, changes: Mapping[str, Any]) -> None:
        """What is not named stays."""
        ...

    async def templates(self, reach: Reach, business_id: str) -> Sequence[Template]: ...

    async def create_template(self, reach: Reach, business_id: str, draft: Draft) -> Template:
        """As it is now, which is hardly ever approved."""
        ...

    async def remove_template(self, reach: Reach, business_id: str, name: str) -> None:
        """In all its languages."""
        ...

    async def facts(self, reach: Reach) -> Mapping[str, Any]:
        """Of the number, by the names of `platform_facts.PlatformFacts`; those that are told."""
        ...

    async def token(self, reach: Reach) -> Token | None:
        """Until when the reach's token is good; None where nobody says."""
        ...


class Sharing(Protocol):
    """Where another of the account's own devices has what was said before, and gives it once if it is asked."""

    async def ask(self, reach: Reach) -> bool:
        """It comes by webhook from now on. Whether any of it was not given before."""
        ...
