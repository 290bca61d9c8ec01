"""Which app may write to a customer [MSG docs: conversation routing]. Asked for by another path than sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulator.clock import clock
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.people import Account, People

NETWORKS = ("messenger", "instagram")
METADATA = 1000
LASTS_S = 24 * 3600
LONGEST_S = 7 * LASTS_S
_ORDERS = ("pass", "take", "release", "request", "extend")


@dataclass(kw_only=True)
class Threads:
    """The app in control of each thread that is not idle, and until when."""

    _owners: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)

    def owner(self, account: str, customer: str) -> tuple[str, int] | None:
        app, until = self._owners.get((account, customer), ("", 0.0))
        return (app, int(until)) if until > clock.time() else None

    def give(self, account: str, customer: str, app: str, lasts_s: int = LASTS_S) -> None:
        self._owners[account, customer] = app, clock.time() + lasts_s

    def release(self, account: str, customer: str) -> None:
        self._owners.pop((account, customer), None)

    def clear(self) -> None:
        self._owners.clear()


class ThreadPath:
    """`/{account}/pass_thread_control` and its like, and `thread_owner`."""

    name = "thread"

    def __init__(self, people: People, threads: Threads) -> None:
        self._people, self._threads = people, threads

    def answer(self, request: GraphRequest) -> Json | None:
        account = request.account
        if account is None or account.channel not in NETWORKS or len(request.path) != 2:
            return None
        if request.method == "GET" and request.path[1] == "thread_owner":
            _need_token(request)
            return self._owner(account, request.query.get("recipient", ""))
        order, _, rest = request.path[1].partition("_")
        if request.method != "POST" or rest != "thread_control" or order not in _ORDERS:
            return None
        _need_token(request)
        if not isinstance(request.body, dict):
            raise GraphError(100, "The body must be a JSON object.")
        self._order(account, order, request.body)
        return {"success": True}

    def _order(self, account: Account, order: str, body: Json) -> None:
        recipient = body.get("recipient")
        who = self._customer(account, recipient.get("id") if isinstance(recipient, dict) else None)
        metadata = body.get("metadata", "")
        if not isinstance(metadata, str) or len(metadata) > METADATA:
            raise GraphError(100, f"metadata must be text of at most {METADATA} characters.")
        if order == "pass":
            self._threads.give(account.id, who, _app(body.get("target_app_id")))
        elif order == "take":
            self._threads.give(account.id, who, account.app_id)
        elif order == "release":
            self._threads.release(account.id, who)
        elif order == "extend":
            self._extend(account, who, body.get("duration"))

    def _extend(self, account: Account, who: str, duration: Any) -> None:
        if not isinstance(duration, int) or not 1 <= duration <= LONGEST_S:
            raise GraphError(100, f"duration must be from 1 to {LONGEST_S} seconds.")
        owner = self._threads.owner(account.id, who)
        if owner is None or owner[0] != account.app_id:
            raise GraphError(10, "Only the app in control may extend it.")
        self._threads.give(account.id, who, account.app_id, duration)

    def _owner(self, account: Account, scoped: str) -> Json:
        """Another app's id is shown to the owner and the default app only; this one is taken for the default."""
        owner = self._threads.owner(account.id, self._customer(account, scoped))
        return {"data": [{"thread_owner": {"app_id": owner[0], "expiration": owner[1]}} if owner else {}]}

    def _customer(self, account: Account, scoped: Any) -> str:
        customer = self._people.by_scoped_id(account.id, scoped) if isinstance(scoped, str) else None
        if customer is None:
            raise GraphError(100, "No matching user found.", subcode=2018001)
        return customer.phone


def _app(value: Any) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).isdigit():
        return str(value)
    raise GraphError(100, "target_app_id must be the id of an app.")


def _need_token(request: GraphRequest) -> None:
    if not request.token_ok:
        raise GraphError(190, "The access token is missing or not the one of this account.")
