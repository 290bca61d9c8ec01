"""Whether the product is told of what happens: `subscribed_apps`, and how it ends after long failures.

[MSG docs: webhooks; WA docs: webhooks overview]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.clock import clock
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.nodes import MESSAGING, Nodes
from emulator.people import Account
from emulator.settings import Settings
from emulator.standing import Standings

_SHARED = (
    "messages messaging_postbacks message_reactions messaging_referrals messaging_handovers standby messaging_optins "
    "messaging_seen"
)
#: Names of fields as the two networks spell them; a name of the other one is refused.
FIELDS = {
    "messenger": frozenset(
        f"{_SHARED} message_echoes message_deliveries message_reads message_edits messaging_account_linking "
        "messaging_policy_enforcement messaging_feedback response_feedback feed".split()
    )
    - {"messaging_seen"},
    "instagram": frozenset(
        f"{_SHARED} messaging_referral messaging_handover message_edit comments live_comments mentions "
        "story_insights".split()
    )
    - {"messaging_referrals", "messaging_handovers"},
}


_LONGEST_OVERRIDE = 200


class Subscriptions:
    """Every account is subscribed to all until the product says otherwise, or fails for too long."""

    def __init__(self, settings: Callable[[], Settings], monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._off: set[str] = set()
        self._fields: dict[str, list[str]] = {}
        self._failing_since: dict[str, float] = {}

    def is_on(self, account: Account) -> bool:
        return account.id not in self._off

    def turn_on(self, account: Account, fields: list[str] | None = None) -> None:
        self._off.discard(account.id)
        self._failing_since.pop(account.id, None)
        if fields is not None:
            self._fields[account.id] = fields

    def turn_off(self, account: Account) -> None:
        self._off.add(account.id)

    def fields(self, account: Account) -> list[str]:
        return self._fields.get(account.id) or sorted(FIELDS.get(account.channel, ()))

    def told(self, account: Account, *, well: bool) -> None:
        """A webhook was answered, well or not. After an hour of nothing but failures Messenger and Instagram stop."""
        if well:
            self._failing_since.pop(account.id, None)
            return
        now = self._monotonic()
        lasted_ms = (now - self._failing_since.setdefault(account.id, now)) * 1000
        if account.channel in MESSAGING and lasted_ms >= self._settings().outage_after_ms:
            self.turn_off(account)

    def clear(self) -> None:
        self._off.clear()
        self._fields.clear()
        self._failing_since.clear()


class SubscriptionPath:
    """`GET`, `POST` and `DELETE /{business account, Page, Instagram account or me}/subscribed_apps`

    An Instagram account with Facebook Login is subscribed through its Page."""

    name = "subscription"

    def __init__(self, subscriptions: Subscriptions, nodes: Nodes, standings: Standings) -> None:
        self._subscriptions = subscriptions
        self._nodes = nodes
        self._standings = standings

    def answer(self, request: GraphRequest) -> Json | None:
        if request.path[1:] != ["subscribed_apps"] or request.method not in ("GET", "POST", "DELETE"):
            return None
        accounts = self._nodes.accounts(request)
        if not accounts:
            return None
        if request.method == "GET":
            is_on = all(self._subscriptions.is_on(account) for account in accounts)
            return {"data": [self._shown(accounts[0])] if is_on else []}
        if request.method == "DELETE":
            for account in accounts:
                self._subscriptions.turn_off(account)
            return {"success": True}
        if accounts[0].channel == "whatsapp":
            self._override(request, accounts)
        fields = None if accounts[0].channel == "whatsapp" else _fields_of(request, accounts)
        for account in accounts:
            self._subscriptions.turn_on(account, fields)
        return {"success": True}

    def _override(self, request: GraphRequest, accounts: list[Account]) -> None:
        """[WA docs: webhook overrides] Without one the app's own callback counts again. It is written down only."""
        body = request.body if isinstance(request.body, dict) else {}
        url = str(body.get("override_callback_uri") or "")
        if url and (len(url) > _LONGEST_OVERRIDE or not body.get("verify_token")):
            raise GraphError(100, "override_callback_uri has 200 characters at most, and needs a verify_token.")
        for account in accounts:
            self._standings.change(account, override_url=url)

    def _shown(self, account: Account) -> Json:
        if account.channel == "whatsapp":
            override = self._standings.of(account).override_url
            shown: Json = {"whatsapp_business_api_data": {"id": account.app_id, "name": "The product"}}
            return {**shown, "override_callback_uri": override} if override else shown
        fields = self._subscriptions.fields(account)
        return {"id": account.app_id, "name": "The product", "subscribed_fields": fields}


def _fields_of(request: GraphRequest, accounts: list[Account]) -> list[str]:
    body = request.body if isinstance(request.body, dict) else {}
    given: Any = request.query.get("subscribed_fields") or body.get("subscribed_fields")
    names = [name.strip() for name in (given.split(",") if isinstance(given, str) else given or [])]
    if not names:
        raise GraphError(100, "The parameter subscribed_fields is required.")
    # A Page's names are the Page's own, also where they are for the Instagram account linked to it.
    known = FIELDS[accounts[0].channel]
    by_page = request.path[0] == accounts[0].page_id
    known = known | FIELDS["messenger"] if by_page else known
    for n, name in enumerate(names):
        if name not in known:
            raise GraphError(
                100, f'Param subscribed_fields[{n}] must be one of {{{", ".join(sorted(known))}}} - got "{name}".'
            )
    return names
