"""The app that the product is: its token and secret, what it is subscribed to, and where it is called.

[Graph docs: debug_token; Graph docs: app subscriptions; Graph docs: app access tokens]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.people import Account, People
from emulator.settings import Settings
from emulator.standing import SCOPES, TOPICS, Standings
from emulator.subscriptions import FIELDS

_WHATSAPP_FIELDS = (
    *("messages", "account_update", "account_alerts", "account_review_update"),
    *("business_capability_update", "history", "message_template_components_update", "message_template_quality_update"),
    *(
        "message_template_status_update",
        "messaging_handovers",
        "phone_number_name_update",
        "phone_number_quality_update",
    ),
    *("smb_app_state_sync", "smb_message_echoes", "standby", "template_category_update"),
    *("user_preferences", "user_id_update"),
)


class AppPath:
    """`GET /debug_token`, `GET /{app}`, `GET`, `POST` and `DELETE /{app}/subscriptions`"""

    name = "app"

    def __init__(
        self,
        people: People,
        standings: Standings,
        settings: Callable[[], Settings],
        whose: Callable[[str], str | None],
    ) -> None:
        """`whose`: the account that a token was given out for by logging in; `LoginPath` tells of those."""
        self._people, self._standings, self._settings, self._whose = people, standings, settings, whose

    def answer(self, request: GraphRequest) -> Json | None:
        if request.method == "GET" and request.path == ["debug_token"]:
            return self._debugged(request)
        accounts = [a for a in self._people.accounts.values() if request.path and a.app_id == request.path[0]]
        if not accounts or request.path[0] in self._people.accounts:
            return None
        if request.path[1:] == [] and request.method == "GET":
            self._need_app_token(request, accounts)
            return {"id": request.path[0], "name": "The product"}
        if request.path[1:] != ["subscriptions"] or request.method not in ("GET", "POST", "DELETE"):
            return None
        self._need_app_token(request, accounts)
        if request.method == "GET":
            return {"data": self._subscribed(accounts)}
        return self._change(request, accounts)

    def _debugged(self, request: GraphRequest) -> Json | None:
        """Asked by the token itself, or by the app's own."""
        asked = request.query.get("input_token", "")
        if self._whose(asked) is not None:
            return None
        if not asked:
            raise GraphError(100, "The parameter input_token is required.")
        if not request.token:
            raise GraphError(190, "An access token is required to request this resource.")
        known = list(self._people.accounts.values())
        # An account without a token takes any: such a one is then of all of these.
        whose = [a for a in known if a.token == asked] or [a for a in known if not a.token]
        if not whose:
            return {"data": {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Malformed token."}}}
        granted: dict[str, list[str]] = {}
        for account in whose:
            asset = account.business_id if account.channel == "whatsapp" else account.page_id or account.id
            for scope in SCOPES[account.channel]:
                if scope not in self._standings.of(account).missing_scopes:
                    granted.setdefault(scope, []).append(asset)
        first = self._standings.of(whose[0])
        return {
            "data": {
                "app_id": whose[0].app_id,
                "type": "SYSTEM_USER" if whose[0].channel == "whatsapp" else "PAGE",
                "application": "The product",
                "is_valid": not first.token_expired,
                "expires_at": first.token_ends_at,
                "data_access_expires_at": 0,
                "scopes": list(granted),
                "granular_scopes": [{"scope": scope, "target_ids": assets} for scope, assets in granted.items()],
            }
        }

    def _need_app_token(self, request: GraphRequest, accounts: list[Account]) -> None:
        secrets = {account.app_secret or self._settings().app_secret for account in accounts}
        app_id, _, secret = request.token.partition("|")
        if app_id != request.path[0] or not secret or secret not in secrets:
            raise GraphError(190, "Error validating application. The app's token is needed here, and good.")

    def _subscribed(self, accounts: list[Account]) -> list[Json]:
        """One for each kind of account; the first account of a kind speaks for it."""
        found: dict[str, Json] = {}
        for account in accounts:
            standing = self._standings.of(account)
            own = f"{self._settings().webhook_base}/webhooks/{account.channel}/webhook"
            url = own if standing.callback_url is None else standing.callback_url
            names = sorted(FIELDS.get(account.channel, _WHATSAPP_FIELDS))
            fields = [{"name": name, "version": "v24.0"} for name in names if name not in standing.missing_fields]
            if url:
                shown: Json = {"object": TOPICS[account.channel], "callback_url": url, "active": True}
                found.setdefault(account.channel, {**shown, "fields": fields})
        return list(found.values())

    def _change(self, request: GraphRequest, accounts: list[Account]) -> Json:
        """What is given is written down. Webhooks go on to where they went: nothing may leave this machine."""
        given = {**(request.body if isinstance(request.body, dict) else {}), **request.query}
        meant = [account for account in accounts if TOPICS[account.channel] == given.get("object")]
        if not meant:
            raise GraphError(100, f"The parameter object must be one of {', '.join(sorted(TOPICS.values()))}.")
        for account in meant:
            if request.method == "DELETE":
                self._standings.change(account, callback_url="")
                continue
            names = _names(given.get("fields"))
            known = frozenset(FIELDS.get(account.channel, _WHATSAPP_FIELDS))
            strange = sorted(set(names) - known)
            if strange or not names or not given.get("callback_url") or not given.get("verify_token"):
                raise GraphError(100, f"callback_url, verify_token and known fields are required ({strange}).")
            missing = tuple(sorted(known - set(names)))
            self._standings.change(account, callback_url=str(given["callback_url"]), missing_fields=missing)
        return {"success": True}


def _names(given: Any) -> list[str]:
    names = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    return [str(name).strip() for name in names if str(name).strip()]
