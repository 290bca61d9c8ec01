"""Conversations by what somebody remembers of them: a name, a part of a number, words that were said.

Names and numbers are looked for among all contacts. Words only among the newest messages: reading all of them for each
key that is pressed would take seconds in a large shop.
"""

from __future__ import annotations

from typing import Any

import regex
import sqlalchemy as sa

from conversation.errors import BadInput
from conversation.phone_numbers import alike
from conversation.said import say
from store import folding
from store.tables import addresses, contacts, conversations, messages

#: Of all accounts together.
NEWEST = 20_000
LEAST, LONGEST = 2, 100
_NUMBER = regex.compile(r"[\d\s+().\-/]+")
_FEWEST_DIGITS = 4


def found_by(text: str) -> Any:
    """A condition on conversations."""
    wanted = " ".join(text.split())
    if len(wanted) < LEAST:
        raise BadInput(say("A search needs {least} characters at least.", least=LEAST))
    pattern = sa.literal(folding.pattern(wanted), sa.Text)  # a column of words would cut it to its length
    return sa.or_(
        conversations.c.contact_id.in_(_by_address(wanted)),
        conversations.c.contact_id.in_(sa.select(contacts.c.id).where(_named(pattern))),
        conversations.c.id.in_(_said(pattern)),
    )


def _named(pattern: Any) -> Any:
    """As the channel has it, as operators call them, or by the username."""
    columns = (contacts.c.name, contacts.c.given_name, contacts.c.username)
    return sa.or_(*(sa.and_(column.is_not(None), column.regexp_match(pattern)) for column in columns))


def _said(pattern: Any) -> Any:
    newest = (
        sa.select(messages.c.conversation_id, messages.c.text).order_by(messages.c.id.desc()).limit(NEWEST).subquery()
    )
    return sa.select(newest.c.conversation_id).where(newest.c.text.is_not(None), newest.c.text.regexp_match(pattern))


def _by_address(wanted: str) -> Any:
    """A number however it is written: +55 (11) 98888-7777, 011 98888 7777; other ids by their beginning."""
    digits = regex.sub(r"\D", "", wanted).lstrip("0")
    if _NUMBER.fullmatch(wanted) and len(digits) >= _FEWEST_DIGITS:
        is_it = sa.or_(addresses.c.value.contains(digits, autoescape=True), addresses.c.value.in_(alike(digits)))
        return sa.select(addresses.c.contact_id).where(is_it)
    return sa.select(addresses.c.contact_id).where(addresses.c.value == wanted)
