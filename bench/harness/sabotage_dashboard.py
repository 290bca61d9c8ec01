"""What an existing dashboard is told, spoilt: see sabotage.py."""

from __future__ import annotations

from typing import Any


def bare_list() -> None:
    """The dashboard's lists come without their envelope."""
    from handover.dashboard import envelope

    envelope.of_all = list  # type: ignore[assignment]
    envelope.of_page = lambda request, results, **_: list(results)  # type: ignore[assignment,return-value]


def no_mode() -> None:
    """The dashboard is told that the assistant answers, whoever does."""
    from handover.dashboard.objects import standing

    standing.mode_of = lambda *_: "auto"  # type: ignore[assignment]


def null_date() -> None:
    """A message has no moment."""
    from handover.dashboard.objects import message

    messages_json = message.messages_json

    def without(*given: Any) -> list[dict[str, Any]]:
        return [{**each, "created_at": None} for each in messages_json(*given)]

    message.messages_json = without  # type: ignore[assignment]


def token_shown() -> None:
    """A number is shown with the token that was given last."""
    from handover.dashboard.objects import whatsapp_account
    from runtime.account_setup import AccountSetup

    given, hide_all, account_json = list[Any](), AccountSetup._hide_all, whatsapp_account.account_json

    def heed(self: AccountSetup, token: str | None, secrets: Any) -> None:
        given.append(token)
        hide_all(self, token, secrets)

    def shown(*of: Any, **told: Any) -> Any:
        return {**account_json(*of, **told), "access_token": given[-1] if given else None}

    AccountSetup._hide_all = heed  # type: ignore[method-assign]
    whatsapp_account.account_json = shown


def cors_closed() -> None:
    """No page of another site may ask."""
    from handover import browsers

    protect = browsers.protect
    browsers.protect = lambda app, **given: protect(app, **{**given, "origins": ()})
