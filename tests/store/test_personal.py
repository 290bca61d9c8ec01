"""Every table says what it holds of contacts: a new one that says nothing is found here."""

from __future__ import annotations

from store import personal
from store.tables import metadata

NAMED = {**personal.OF_CONVERSATION, **personal.IN_THEIR_OWN_WAY, **personal.NOTHING_OF_THEIRS}


def test_every_table_says_what_it_holds_of_contacts() -> None:
    assert set(metadata.tables) == set(NAMED)


def test_no_table_says_two_things() -> None:
    parts = (personal.OF_CONVERSATION, personal.IN_THEIR_OWN_WAY, personal.NOTHING_OF_THEIRS)
    assert sum(map(len, parts)) == len(NAMED)


def test_a_table_that_names_a_conversation_or_a_contact_is_none_that_holds_nothing() -> None:
    naming = {
        table.name
        for table in metadata.tables.values()
        if {"conversation_id", "contact_id", "sender_id", "message_id"} & set(table.columns.keys())
    }
    assert not naming & set(personal.NOTHING_OF_THEIRS)
