"""What a contact does on Messenger or Instagram without saying anything: comes by a link, opts in, links an account,
gives feedback. Nobody waits for an answer, and what a link or a plugin carries is never an order."""

from __future__ import annotations

from typing import Any

from connectors import messaging_event, reading
from connectors.messaging_event import Event
from connectors.reading import Unreadable, ident
from conversation.arrivals import ACCOUNT_LINKING, FEEDBACK, OPTIN, REFERRAL, Inbound
from conversation.contact import Address, AddressKind


def referral(event: Event, told: dict[str, Any]) -> Inbound:
    """A link to an open thread opens the window; an ad's click does by the message that comes with it."""
    return _signal(event, REFERRAL, told, opens_window=reading.text(told.get("source")) != "ADS")


def optin(event: Event, told: dict[str, Any]) -> Inbound:
    """By a plugin, which opens the window; one with a type allows certain messages and no others."""
    return _signal(event, OPTIN, told, opens_window="type" not in told, addresses=_who_opted_in(event, told))


def account_linking(event: Event, told: dict[str, Any]) -> Inbound:
    return _signal(event, ACCOUNT_LINKING, told, opens_window=False)


def feedback(event: Event, told: dict[str, Any]) -> Inbound:
    """To a template that asks for it; or, of a certain message, by a thumb up or down."""
    return _signal(event, FEEDBACK, told, opens_window=False, about=ident(told.get("mid")))


def _who_opted_in(event: Event, told: dict[str, Any]) -> tuple[Address, ...]:
    """The checkbox plugin names no sender, only its own reference."""
    user_ref = ident(told.get("user_ref"))
    by_plugin = (Address(kind=AddressKind.USER_REF, value=user_ref),) if user_ref else ()
    try:
        return tuple(dict.fromkeys((*messaging_event.contact(event), *by_plugin)))
    except Unreadable:
        if by_plugin:
            return by_plugin
        raise


def _signal(
    event: Event,
    kind: str,
    told: dict[str, Any],
    *,
    opens_window: bool,
    about: str | None = None,
    addresses: tuple[Address, ...] = (),
) -> Inbound:
    return Inbound(
        account=event.account,
        addresses=addresses or messaging_event.contact(event),
        provider_id=event.key(kind, told),
        kind=kind,
        sent_at=event.sent_at,
        reply_to=about,
        content=told,
        standby=event.standby,
        opens_window=opens_window,
    )
