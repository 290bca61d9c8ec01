"""What connecting an Instagram account takes of Instagram, whoever stands in for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from runtime.tokens import FreshToken


@dataclass(frozen=True, kw_only=True)
class OwnAccount:
    """Who signed in. `webhook_id` is what webhooks speak of; `app_scoped_id` is for this app alone, and another number.

    Comparing the wrong one would drop every message.
    """

    webhook_id: str
    app_scoped_id: str | None
    username: str | None
    name: str | None
    kind: str | None  # BUSINESS, MEDIA_CREATOR, PERSONAL


class SignIn(Protocol):
    """All but `page` raise `SendError`."""

    @property
    def emulated(self) -> bool:
        """Whether it is our stand-in that people sign in with; so are the accounts that come of it."""
        ...

    @property
    def base_url(self) -> str:
        """The server that such an account is served by."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Any of which may sign the account's webhooks; none: those of the house."""
        ...

    def page(self, state: str) -> str:
        """Where the account's owner signs in, and is sent back to us from."""
        ...

    async def token_for(self, code: str) -> FreshToken:
        """What the code that came back is worth: a token for sixty days. A code is good once."""
        ...

    async def who(self, token: str) -> OwnAccount: ...
