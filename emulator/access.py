"""Whether the product may still act for an account: dead tokens, permissions taken back, a locked number."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.people import Account, People

STATES = ("ok", "expired", "revoked", "locked", "policies")


class Tokens:
    """Which tokens were used for which account, as hashes: those of before can be made to expire."""

    def __init__(self) -> None:
        self._used: dict[str, set[str]] = {}
        self._dead: dict[str, set[str]] = {}
        self._dead_of_all: set[str] = set()

    def used(self, account: str, token: str) -> None:
        if token:
            self._used.setdefault(account, set()).add(_hash(token))

    def expire(self, account: str) -> None:
        self._dead.setdefault(account, set()).update(self._used.get(account, ()))

    def expire_all(self) -> None:
        self._dead_of_all.update(*self._used.values())

    def is_dead(self, account: str, token: str) -> bool:
        """Where none had been used yet, the first one that comes is the old one."""
        if not self._used.get(account):
            self.used(account, token)
            self.expire(account)
        hashed = _hash(token)
        return hashed in self._dead_of_all or hashed in self._dead.get(account, ())

    def clear(self) -> None:
        self._used.clear()
        self._dead.clear()
        self._dead_of_all.clear()


class Access:
    """Asked before anything is done for an account."""

    def __init__(self, state: Callable[[str], str]) -> None:
        self.tokens = Tokens()
        self._state = state

    def check(self, account: Account, token: str) -> None:
        state = self._state(account.id)
        if state == "expired" and self.tokens.is_dead(account.id, token):
            raise GraphError(190, "Error validating access token: Session has expired.", subcode=463)
        self.tokens.used(account.id, token)
        if state == "revoked":
            raise GraphError(10, "Application does not have permission for this action.")
        if state == "locked":
            raise GraphError(131031, "The business account was locked for violating a policy.")
        if state == "policies":
            raise GraphError(368, "Temporarily blocked for policies violations.")


class AccessPath:
    """First of the paths: whatever is asked beside sends. A business is asked for by its own id too."""

    name = "barred"

    def __init__(self, access: Access, people: People, managed: Callable[[Account], None]) -> None:
        self._access, self._people, self._managed = access, people, managed

    def answer(self, request: GraphRequest) -> Json | None:
        node = request.path[0] if request.path else ""
        account = request.account or next(
            (one for one in self._people.accounts.values() if one.business_id == node), None
        )
        is_send = request.method == "POST" and request.path[1:] == ["messages"]
        if account is not None and request.token and not is_send:
            self._access.check(account, request.token)
            self._managed(account)
        return None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
