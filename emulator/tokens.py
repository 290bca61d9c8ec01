"""The tokens that were given out by logging in, how old they are, and when they die."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.clock import clock
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.settings import Settings

SHORT_S, LONG_S = 3600, 5_183_944  # [IG docs: business login]
PERMISSIONS = (
    "instagram_business_basic",
    "instagram_business_manage_messages",
    "instagram_business_manage_comments",
)


@dataclass(kw_only=True)
class Token:
    """One token of an account. Times are seconds on the wall clock."""

    account: str
    text: str = field(repr=False)
    long: bool
    issued_at: float
    expires_at: float


class Tokens:
    """By their text. One that is not known here was never given out, and is taken for what it is."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._tokens: dict[str, Token] = {}

    def issue(self, account: str, *, long: bool) -> Token:
        now = clock.time()
        token = Token(
            account=account,
            text=f"IGAA{secrets.token_urlsafe(40)}",
            long=long,
            issued_at=now,
            expires_at=now + (LONG_S if long else SHORT_S),
        )
        self._tokens[token.text] = token
        return token

    def get(self, text: str) -> Token | None:
        return self._tokens.get(text)

    def account_of(self, text: str) -> str | None:
        token = self._tokens.get(text)
        return token.account if token else None

    def exchanged(self, text: str) -> Token:
        """A short one for a long one."""
        token = self._living(text)
        if token.long:
            raise GraphError(100, "This token is a long-lived one already.")
        return self.issue(token.account, long=True)

    def refreshed(self, text: str) -> Token:
        """A long one that is a day old at least for one that lives as long again [IG docs: refresh access token]."""
        token = self._living(text)
        if not token.long:
            raise GraphError(100, "A short-lived token cannot be refreshed.")
        if (clock.time() - token.issued_at) * 1000 < self._settings().token_min_age_ms:
            raise GraphError(100, "The token is not old enough to be refreshed.")
        return self.issue(token.account, long=True)

    def age(self, account: str, seconds: float) -> int:
        """Makes all of an account's tokens older; how many there are."""
        aged = [token for token in self._tokens.values() if token.account == account]
        for token in aged:
            token.issued_at -= seconds
            token.expires_at -= seconds
        return len(aged)

    def clear(self) -> None:
        self._tokens.clear()

    def _living(self, text: str) -> Token:
        token = self._tokens.get(text)
        if token is None:
            raise GraphError(190, "This token was not given out here.")
        if is_dead(token):
            raise GraphError(190, "The token has expired.", subcode=463)
        return token


class DeadTokens:
    """First of the paths: whatever is asked with a token that has expired is refused."""

    name = "expired"

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def answer(self, request: GraphRequest) -> Json | None:
        token = self._tokens.get(request.token)
        if token is not None and is_dead(token):
            raise GraphError(190, "The token has expired.", subcode=463)
        return None


def is_dead(token: Token) -> bool:
    return token.expires_at <= clock.time()
