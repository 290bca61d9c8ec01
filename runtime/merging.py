"""What a channel tells of who somebody is: addresses that are one contact's, and two contacts that are one.

Merged where both are named in one breath: in a message, in a report on one of ours, in the answer to a request, in
what WhatsApp itself says of a number that changed. Never by a name: those are given up and taken by others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.contact import Address, AddressKind, ContactId
from conversation.errors import BadInput
from conversation.said import say
from store import audit, contacts, erasing, former_addresses, merging, messages
from store.deeds import Deed
from store.merging import Done

log = structlog.get_logger()

#: Who merges by nobody's order, as the audit log names it.
BY = "system"
#: By these WhatsApp names one person. Others are of channels that know somebody by one id, or of several people.
_OF_A_PERSON = frozenset({AddressKind.PHONE, AddressKind.BSUID})

#: Who changes their number may write from the new one before we are told. Who wrote from it earlier is somebody else.
_MAY_WRITE_FIRST = timedelta(days=1)


def contact_of(
    tx: Connection, account_id: AccountId, known_by: Sequence[Address], name: str | None, now: datetime
) -> ContactId:
    """As `contacts.find_or_add`; where the addresses are of several contacts, those are one from now on."""
    met = contacts.meet(tx, account_id, known_by, name, now)
    if not met.others:
        return met.id
    contact_id = _joined(tx, account_id, known_by, (met.id, *met.others), now)
    if name:
        contacts.call(tx, contact_id, name)
    return contact_id


def learned(tx: Connection, account_id: AccountId, known_by: Sequence[Address], now: datetime) -> ContactId | None:
    """These are one person's, by what the channel says of something we sent. None: nobody we know."""
    if len(known_by) < 2 or not _OF_A_PERSON.issuperset(each.kind for each in known_by):
        return None
    if contacts.find(tx, account_id, known_by) is None:
        return None
    return contact_of(tx, account_id, known_by, None, now)


def becomes(
    tx: Connection,
    account_id: AccountId,
    contact_id: ContactId,
    was: Sequence[Address],
    known_by: Sequence[Address],
    told_at: datetime,
    now: datetime,
) -> ContactId:
    """The channel says that they changed their number, or their id: the old one may be somebody else's tomorrow."""
    if _is_of_somebody_before(tx, contact_id, told_at):
        log.info("change_told_late", contact=contact_id)
        return contact_id
    contacts.hold(tx, account_id, known_by)
    kinds = {each.kind for each in known_by}
    gone = [each for each in was if each.kind in kinds and each not in known_by]
    former_addresses.take_away(tx, contact_id, gone)
    for address in known_by:
        owner = contacts.find(tx, account_id, [address])
        if owner is not None and owner != contact_id:
            if _had_it_before(tx, owner, address, told_at):
                former_addresses.take_away(tx, owner, [address])
                log.info("number_changed_hands", contact=owner, now=contact_id)
            else:
                contact_id = _merge(tx, contact_id, owner, now)
        if address not in contacts.all_of(tx, account_id, [address]):
            contacts.add_address(tx, account_id, contact_id, address)
    return contact_id


def _is_of_somebody_before(tx: Connection, contact_id: ContactId, told_at: datetime) -> bool:
    """Whether this contact first wrote after that: then it is about whoever had the number before them."""
    first = messages.first_inbound_at(tx, contact_id)
    return first is not None and first > told_at


def _had_it_before(tx: Connection, owner: ContactId, address: Address, told_at: datetime) -> bool:
    """Whether the number they come to was somebody else's, whose words are none of theirs: known here long before they
    changed. A user id that is told to be theirs never was."""
    since = contacts.get(tx, owner).created_at
    return address.kind is AddressKind.PHONE and since is not None and since < told_at - _MAY_WRITE_FIRST


def _joined(
    tx: Connection,
    account_id: AccountId,
    known_by: Sequence[Address],
    found: Sequence[ContactId],
    now: datetime,
) -> ContactId:
    """One contact of several. A user id is a person's for good, a phone number is not: where two contacts have ids of
    their own, the number has changed hands, and it goes without what was said from it before."""
    owners = contacts.all_of(tx, account_id, known_by)
    named = next((owner for address, owner in owners.items() if address.kind is AddressKind.BSUID), None)
    contact_id = named or found[0]
    for other in found:
        if other == contact_id:
            continue
        if named is not None and _is_somebody_else(tx, other):
            phones = [each for each in known_by if each.kind is AddressKind.PHONE]
            former_addresses.take_away(tx, other, phones)
            missing = [each for each in phones if each not in contacts.addresses_of(tx, contact_id)]
            for phone in missing:
                contacts.add_address(tx, account_id, contact_id, phone)
            log.info("number_changed_hands", contact=other, now=contact_id)
        else:
            contact_id = _merge(tx, contact_id, other, now)
    return contact_id


def _is_somebody_else(tx: Connection, contact_id: ContactId) -> bool:
    """They have a user id, and it is not the one that was told."""
    return any(each.kind is AddressKind.BSUID for each in contacts.addresses_of(tx, contact_id))


def _merge(tx: Connection, one: ContactId, other: ContactId, now: datetime) -> ContactId:
    if erasing.is_under_way(tx, one) or erasing.is_under_way(tx, other):
        return one
    done = merging.merge(tx, one, other, by=BY, now=now)
    if done is None:
        return one
    audit.append(tx, Deed(by=BY, action="merge_contacts", at=now, facts=facts_of(done), contact=done.contact))
    log.info("contacts_merged", contact=done.contact, was=done.contact_was, conversation=done.conversation)
    return done.contact


def by_hand(tx: Connection, one: str, other: str, *, by: str, now: datetime) -> Done:
    """Somebody knows that they are one. The audit log is told by whoever carries it out for them."""
    done = merging.merge(tx, one, other, by=by, now=now)
    if done is None:
        raise BadInput(say("They are one contact already."))
    return done


def facts_of(done: Done) -> dict[str, str]:
    """For the audit log: ids, and nothing else."""
    found = {
        "contact_id": done.contact,
        "contact_was": done.contact_was,
        "conversation_id": done.conversation,
        "conversation_was": done.conversation_was,
    }
    return {name: value for name, value in found.items() if value is not None}
