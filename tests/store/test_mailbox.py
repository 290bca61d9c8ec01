"""What was seen before, and whose turn it is."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from conversation.conversation import ConversationId
from conversation.mail import MailId, MailKind, MailState
from store import mailbox, messages
from store.database import Database, sqlite_url
from store.tables import dedup_keys
from tests.house import BEN, START, mail_waiting
from tests.store.conftest import Shelf

LATER = START + timedelta(seconds=30)


def put(shelf: Shelf, text: str = "oi", conversation: ConversationId | None = None) -> MailId:
    to = conversation or shelf.conversation.id
    message_id = messages.add_inbound(
        shelf.tx, to, provider_id=text, kind="text", text=text, content={}, reply_to=None, at=START
    )
    return mailbox.append(shelf.tx, to, MailKind.MESSAGE, now=START, message_id=message_id)


def test_a_key_is_new_once(db: Database) -> None:
    assert db.write_now(mailbox.first_time, "whatsapp:1:message:x", START)
    assert not db.write_now(mailbox.first_time, "whatsapp:1:message:x", START)
    assert db.write_now(mailbox.first_time, "whatsapp:2:message:x", START)


def test_of_two_connections_at_once_one_is_first(db_path: Path) -> None:
    barrier, firsts = threading.Barrier(2), []

    def accept() -> None:
        database = Database(sqlite_url(db_path))
        barrier.wait(10)
        firsts.append([database.write_now(mailbox.first_time, f"key {i}", START) for i in range(50)])
        database.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [a + b for a, b in zip(*firsts, strict=True)] == [1] * 50


def test_no_key_of_a_customer_is_kept_only_a_hash(db: Database) -> None:
    db.write_now(mailbox.first_time, "5511988887777", START)
    (row,) = db.read_now(lambda tx: tx.execute(dedup_keys.select()).all())
    assert len(row.key) == 16
    assert b"5511988887777" not in row.key


def test_the_lowest_not_done_comes_first_and_the_next_after_it_is_done(shelf: Shelf) -> None:
    put(shelf, "um")
    put(shelf, "dois")
    first = mail_waiting(shelf.tx, shelf.conversation.id)
    assert first.text == "um"
    assert mailbox.finish(shelf.tx, first, MailState.DONE, START)
    assert mail_waiting(shelf.tx, shelf.conversation.id).text == "dois"


def test_a_mail_to_be_tried_later_holds_up_its_conversation_and_no_other(shelf: Shelf) -> None:
    ben = shelf.another_conversation(BEN)
    put(shelf, "um")
    put(shelf, "dois")
    put(shelf, "eu", ben.id)
    mailbox.try_again(shelf.tx, mail_waiting(shelf.tx, shelf.conversation.id), not_before=LATER, error="x")
    assert mailbox.lowest_waiting(shelf.tx, shelf.conversation.id, START) is None
    assert mailbox.conversations_waiting(shelf.tx, START) == [ben.id]
    assert mail_waiting(shelf.tx, shelf.conversation.id, LATER).text == "um"
    assert mailbox.conversations_waiting(shelf.tx, LATER) == [shelf.conversation.id, ben.id]


def test_the_conversation_that_waited_longest_comes_first_and_busy_ones_are_left_out(shelf: Shelf) -> None:
    ben = shelf.another_conversation(BEN)
    put(shelf, "b", ben.id)
    put(shelf, "a")
    put(shelf, "b2", ben.id)
    assert mailbox.conversations_waiting(shelf.tx, START) == [ben.id, shelf.conversation.id]
    assert mailbox.conversations_waiting(shelf.tx, START, [ben.id]) == [shelf.conversation.id]


def test_a_mail_is_finished_once_and_only_by_its_own_attempt(shelf: Shelf) -> None:
    put(shelf)
    mail = mail_waiting(shelf.tx, shelf.conversation.id)
    mailbox.try_again(shelf.tx, mail, not_before=START, error="x")
    assert not mailbox.finish(shelf.tx, mail, MailState.DONE, START)
    again = mail_waiting(shelf.tx, shelf.conversation.id)
    assert again.attempts == 1
    assert again.turn_key == mail.turn_key
    assert mailbox.finish(shelf.tx, again, MailState.DONE, START)
    assert not mailbox.finish(shelf.tx, again, MailState.DONE, START)


def test_what_waits_is_marked_as_seen_and_what_comes_later_is_not(shelf: Shelf) -> None:
    put(shelf, "antes")
    mailbox.mark_seen_by_person(shelf.tx, shelf.conversation.id)
    put(shelf, "depois")
    first = mail_waiting(shelf.tx, shelf.conversation.id)
    assert first.seen_by_person
    mailbox.finish(shelf.tx, first, MailState.DONE, START)
    assert not mail_waiting(shelf.tx, shelf.conversation.id).seen_by_person


@pytest.mark.parametrize("kind", list(MailKind))
def test_every_kind_of_mail_survives_the_trip(shelf: Shelf, kind: MailKind) -> None:
    payload = {"payload": "/greet", "deep": {"list": [1, "ção"]}}
    given = mailbox.append(shelf.tx, shelf.conversation.id, kind, now=START, payload=payload)
    mail = mail_waiting(shelf.tx, shelf.conversation.id)
    assert (mail.id, mail.kind, mail.payload, mail.arrived_at) == (given, kind, payload, START)


def test_what_waits_is_counted(shelf: Shelf) -> None:
    put(shelf)
    put(shelf)
    mailbox.finish(shelf.tx, mail_waiting(shelf.tx, shelf.conversation.id), MailState.PARKED, START)
    assert mailbox.still_waiting(shelf.tx) == 1
