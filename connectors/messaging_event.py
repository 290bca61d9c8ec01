"""One item of a Messenger or Instagram webhook, and what all items have in common: whose it is, when it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors import reading
from connectors.reading import Unreadable, ident, obj
from conversation.arrivals import Unfamiliar
from conversation.contact import Address, AddressKind


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What Messenger and Instagram tell differently."""

    object: str  # as a body names it
    person: AddressKind
    echoes_name_the_app: bool  # so that an echo can be known for an inbox's
    shares_are_files: bool  # what is shared is to be had at its URL; else that is a page


MESSENGER = Dialect(object="page", person=AddressKind.PSID, echoes_name_the_app=True, shares_are_files=False)
INSTAGRAM = Dialect(object="instagram", person=AddressKind.IGSID, echoes_name_the_app=False, shares_are_files=True)


@dataclass(frozen=True, kw_only=True)
class Event:
    """An item of `messaging`, or of `standby`: of a thread that another app may write to."""

    network: Dialect
    account: str
    entry_time: Any
    standby: bool
    item: dict[str, Any]
    now: datetime

    @property
    def told_at(self) -> Any:
        """Its time as it came. Deliveries and account linking may have none but the entry's."""
        own = self.item.get("timestamp")
        return own if reading.time_of(own) else self.entry_time

    @property
    def sent_at(self) -> datetime:
        return reading.instant(self.told_at, self.now)

    @property
    def at(self) -> datetime:
        """Never in the future."""
        return min(self.sent_at, self.now)

    @property
    def ends(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return obj(self.item.get("sender")), obj(self.item.get("recipient"))

    @property
    def ours(self) -> tuple[bool, bool]:
        """Which of the two ends is the account."""
        sender, recipient = self.ends
        return ident(sender.get("id")) == self.account, ident(recipient.get("id")) == self.account

    @property
    def is_from_the_account(self) -> bool:
        return self.ours == (True, False)

    @property
    def is_echo(self) -> bool:
        """By its mark; and what an account wrote is no contact's though it lacks the mark."""
        return bool(obj(self.item.get("message")).get("is_echo")) or self.is_from_the_account

    def key(self, kind: str, *parts: Any) -> str:
        """What an event without an id of its own is known by."""
        ends = [self.item.get("sender"), self.item.get("recipient")]
        return f"{kind}:{reading.digest(self.account, kind, ends, self.told_at, *parts)}"

    def unfamiliar(self, kind: str, piece: Any) -> Unfamiliar:
        """`piece`, known by all that the item is."""
        known_by = reading.digest(self.account, self.item, piece)
        return Unfamiliar(account=self.account, kind=kind, body=reading.whole(piece), key=known_by)


def contact(event: Event) -> tuple[Address, ...]:
    """Whoever of the two is not the account. Where that does not tell them apart, an echo's is its recipient."""
    sender, recipient = event.ends
    other = recipient if event.is_echo and event.ours != (False, True) else sender
    addresses = _addresses(event.network, other)
    if not addresses:
        raise Unreadable("nobody is named")
    return addresses


def contact_if_named(event: Event) -> tuple[Address, ...]:
    """For what is known by the message it names: whose that is need not be told again."""
    try:
        return contact(event)
    except Unreadable:
        return ()


def _addresses(network: Dialect, person: dict[str, Any]) -> tuple[Address, ...]:
    """Of somebody who wrote through a plugin there may be no more than its own reference."""
    given = ((network.person, ident(person.get("id"))), (AddressKind.USER_REF, ident(person.get("user_ref"))))
    return tuple(Address(kind=kind, value=value) for kind, value in given if value)
