"""Messages of many conversations, page by page, and how many there are of each kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversation.account import Channel
from conversation.conversation import Conversation
from conversation.message import Author, Direction, MessageStatus
from store import message_list, messages
from store.message_list import Wanted
from tests.house import BEN, CLARA, OTHER_NUMBER, START, add_account
from tests.store.conftest import Shelf


@pytest.fixture
def other(shelf: Shelf) -> Conversation:
    """Four messages in turn, an hour from one to the next; the second and the last are in this conversation. A fifth
    one is another account's."""
    other = shelf.another_conversation(BEN)
    account = add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER)
    elsewhere = replace(shelf, account=account).another_conversation(CLARA)
    for number, where in enumerate((shelf.conversation, other, shelf.conversation, other, elsewhere)):
        messages.add_inbound(
            shelf.tx,
            where.id,
            provider_id=f"wamid.{number}",
            kind="text",
            text=f"Linha {number}",
            content={},
            reply_to=None,
            at=START + timedelta(hours=number),
        )
    return other


def texts(shelf: Shelf, wanted: Wanted, *, limit: int = 10, offset: int = 0) -> list[str | None]:
    return [each.text for each in message_list.page(shelf.tx, wanted, limit=limit, offset=offset)]


def test_pages_of_an_account_go_from_the_newest_to_the_oldest(shelf: Shelf, other: Conversation) -> None:
    wanted = Wanted(account=shelf.account.id, channel=Channel.WHATSAPP)
    assert texts(shelf, wanted, limit=3) == ["Linha 3", "Linha 2", "Linha 1"]
    assert texts(shelf, wanted, limit=3, offset=3) == ["Linha 0"]
    assert message_list.count(shelf.tx, wanted) == 4


def test_they_are_chosen_by_whose_they_are_when_and_what_they_say(shelf: Shelf, other: Conversation) -> None:
    hour = timedelta(hours=1)
    for wanted, found in (
        (Wanted(conversation=other.id), ["Linha 3", "Linha 1"]),
        (Wanted(account_ids=[]), []),
        (Wanted(account_ids=[shelf.account.id], search="linha 2"), ["Linha 2"]),
        (Wanted(channel=Channel.MESSENGER), []),
        (Wanted(direction=Direction.OUTBOUND), []),
        (Wanted(since=START + hour, until=START + 3 * hour), ["Linha 2", "Linha 1"]),
    ):
        assert texts(shelf, wanted) == found
        assert message_list.count(shelf.tx, wanted) == len(found)


def test_they_are_counted_by_what_became_of_them(shelf: Shelf, other: Conversation) -> None:
    for status in (MessageStatus.READ, MessageStatus.READ, MessageStatus.FAILED):
        made = messages.add_outbound(
            shelf.tx, other.id, author=Author.BOT, kind="text", text="oi", content={}, at=START
        )
        messages.set_status(shelf.tx, made, status)
    assert message_list.by_status(shelf.tx, Wanted(account=shelf.account.id)) == {
        (Direction.INBOUND, MessageStatus.RECEIVED): 4,
        (Direction.OUTBOUND, MessageStatus.READ): 2,
        (Direction.OUTBOUND, MessageStatus.FAILED): 1,
    }


def test_of_very_many_no_more_are_counted_than_anybody_turns_pages_for(
    shelf: Shelf, other: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_list, "COUNTED", 3)
    assert message_list.count(shelf.tx, Wanted()) == 3
