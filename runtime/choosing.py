"""A choice out of a list that went as numbered lines, written as its number or its title.

Only the newest list of the conversation counts, and only until we write again: after that a number is just a number.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from conversation.choosing import LONGEST, chosen
from conversation.conversation import ConversationId
from store import buttons, offered
from store.buttons import Button


def by_words(tx: Connection, conversation_id: ConversationId, text: str | None) -> Button | None:
    if not text or len(text) > LONGEST or not buttons.any_numbered(tx, conversation_id):
        return None
    found = offered.newest(tx, conversation_id)
    place = None if found is None else chosen(text, found.titles)
    if found is None or place is None:
        return None
    same = [
        each
        for each in buttons.numbered(tx, conversation_id, found.at)
        if each.number == place + 1 and each.title == found.titles[place]
    ]
    return same[0] if len({each.payload for each in same}) == 1 else None
