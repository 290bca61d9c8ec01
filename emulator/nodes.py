"""What the first part of a Graph path stands for: one of our accounts, or a customer as an account knows them."""

from __future__ import annotations

from collections.abc import Callable

from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.people import Account, Customer, People

MESSAGING = ("messenger", "instagram")


class Nodes:
    """Looks them up. `whose` knows the account that a token was given out for."""

    def __init__(self, people: People, whose: Callable[[str], str | None]) -> None:
        self._people = people
        self._whose = whose

    def accounts(self, request: GraphRequest, *channels: str) -> list[Account]:
        """All that the path's first part stands for, the account of that id first: a Page's is also that of the
        Instagram account linked to it. With a token that is good enough for each of them, or error 190."""
        node = request.path[0] if request.path else ""
        known = self._people.accounts.values()
        if node == "me":
            found = [account for account in known if self._is_for(request.token, account)]
        else:
            numbers = [account for account in known if account.channel == "whatsapp" and account.business_id == node]
            found = self._people.accounts_at(node) or numbers
        found = [account for account in found if not channels or account.channel in channels]
        if found:
            need_token(request, *found)
        return found

    def one(self, request: GraphRequest, *channels: str) -> Account | None:
        return next(iter(self.accounts(request, *channels)), None)

    def customer(self, node: str) -> tuple[Account, Customer] | None:
        """By the id that one account knows them by."""
        for account in self._people.accounts.values():
            customer = self._people.by_scoped_id(account.id, node) if account.channel in MESSAGING else None
            if customer is not None:
                return account, customer
        return None

    def _is_for(self, token: str, account: Account) -> bool:
        return bool(token) and (account.token == token or self._whose(token) == account.id)


def need_token(request: GraphRequest, *accounts: Account) -> None:
    wanted = {account.token for account in accounts if account.token}
    if not request.token or (wanted and request.token not in wanted):
        raise GraphError(190, "The access token is missing or not the one of this account.")


def wanted_fields(request: GraphRequest, *default: str) -> list[str]:
    return [name.strip() for name in request.query.get("fields", "").split(",") if name.strip()] or list(default)
