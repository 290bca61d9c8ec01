"""What was seen before, and whose turn it is."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from conversation.conversation import ConversationId
from conversation.mail import Mail, MailId, MailKind, MailState
from store import leases, mailbox, messages
from store.database import Database
from store.leases import Holder
from store.tables import dedup_keys
from tests.house import BEN, HOLDER, START, mail_waiting
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


def test_of_two_connections_at_once_one_is_first(db_url: str) -> None:
    barrier, firsts = threading.Barrier(2), []

    def accept() -> None:
        database = Database(db_url)
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
    assert waiting(shelf, START) == [ben.id]
    assert mail_waiting(shelf.tx, shelf.conversation.id, LATER).text == "um"
    assert waiting(shelf, LATER) == [shelf.conversation.id, ben.id]


def test_the_conversation_that_waited_longest_comes_first_and_busy_ones_are_left_out(shelf: Shelf) -> None:
    ben = shelf.another_conversation(BEN)
    put(shelf, "b", ben.id)
    put(shelf, "a")
    put(shelf, "b2", ben.id)
    assert waiting(shelf, START) == [ben.id, shelf.conversation.id]
    assert waiting(shelf, START, but_not=[ben.id]) == [shelf.conversation.id]


def test_a_conversation_leased_to_another_waits_until_the_lease_is_over_or_its_house_takes_it(shelf: Shelf) -> None:
    put(shelf)
    leases.take(shelf.tx, shelf.conversation.id, Holder(house="b", name="1"), now=START, ttl_s=15)
    assert waiting(shelf, START) == []
    assert waiting(shelf, START, Holder(house="b", name="2")) == [shelf.conversation.id]
    assert waiting(shelf, START + timedelta(seconds=15)) == [shelf.conversation.id]


def waiting(shelf: Shelf, now: datetime, holder: Holder = HOLDER, but_not: Sequence[str] = ()) -> list[ConversationId]:
    return [each.conversation_id for each in mailbox.conversations_waiting(shelf.tx, now, holder, but_not)]


def begun(shelf: Shelf) -> Mail:
    mail = mailbox.begin(shelf.tx, mail_waiting(shelf.tx, shelf.conversation.id))
    assert mail is not None
    return mail


def test_a_mail_is_finished_once_and_only_by_the_turn_that_began_last(shelf: Shelf) -> None:
    put(shelf)
    first, second = begun(shelf), begun(shelf)
    assert first.turn_key == second.turn_key
    assert not mailbox.finish(shelf.tx, first, MailState.DONE, START)
    assert mailbox.finish(shelf.tx, second, MailState.DONE, START)
    assert not mailbox.finish(shelf.tx, second, MailState.DONE, START)


def test_of_two_who_read_the_same_mail_one_begins(shelf: Shelf) -> None:
    put(shelf)
    mail = mail_waiting(shelf.tx, shelf.conversation.id)
    assert mailbox.begin(shelf.tx, mail) is not None
    assert mailbox.begin(shelf.tx, mail) is None


class TestATurnThatLeftNoTraceOfItsEnd:
    def test_is_a_crash_at_the_next_begin(self, shelf: Shelf) -> None:
        put(shelf)
        assert [begun(shelf).crashes for _ in range(3)] == [0, 1, 2]

    def test_makes_the_mail_a_suspect(self, shelf: Shelf) -> None:
        put(shelf)
        assert [each.suspect for each in mailbox.conversations_waiting(shelf.tx, START, HOLDER)] == [False]
        begun(shelf)
        assert [each.suspect for each in mailbox.conversations_waiting(shelf.tx, START, HOLDER)] == [True]

    def test_one_that_was_put_back_or_failed_is_none(self, shelf: Shelf) -> None:
        put(shelf)
        mailbox.put_back(shelf.tx, begun(shelf))
        mailbox.try_again(shelf.tx, begun(shelf), not_before=START, error="x")
        last = begun(shelf)
        assert (last.crashes, last.attempts) == (0, 1)

    def test_an_older_turn_can_not_say_that_it_ended(self, shelf: Shelf) -> None:
        put(shelf)
        old, _ = begun(shelf), begun(shelf)
        mailbox.put_back(shelf.tx, old)
        mailbox.try_again(shelf.tx, old, not_before=LATER, error="x")
        assert begun(shelf).crashes == 2


class TestParked:
    def park(self, shelf: Shelf) -> Mail:
        put(shelf, "veneno")
        mail = begun(shelf)
        mailbox.finish(shelf.tx, mail, MailState.PARKED, LATER, recorded=True)
        mailbox.note_error(shelf.tx, mail, "RuntimeError")
        return mail

    def test_it_is_shown_with_what_went_wrong(self, shelf: Shelf) -> None:
        mail = self.park(shelf)
        (parked,) = mailbox.parked(shelf.tx)
        assert (parked.id, parked.text, parked.error, parked.parked_at) == (mail.id, "veneno", "RuntimeError", LATER)
        assert mailbox.count_parked(shelf.tx) == 1

    def test_taken_out_it_starts_anew_under_the_same_key(self, shelf: Shelf) -> None:
        mail = self.park(shelf)
        mailbox.mark_seen_by_person(shelf.tx, shelf.conversation.id)
        assert mailbox.retry(shelf.tx, mail.id)
        assert mailbox.count_parked(shelf.tx) == 0
        again = begun(shelf)
        assert (again.attempts, again.crashes, again.seen_by_person, again.recorded) == (0, 0, False, True)
        assert again.turn_key == mail.turn_key
        assert not mailbox.finish(shelf.tx, mail, MailState.DONE, LATER)

    def test_what_is_not_parked_is_not_taken_out(self, shelf: Shelf) -> None:
        put(shelf)
        assert not mailbox.retry(shelf.tx, mail_waiting(shelf.tx, shelf.conversation.id).id)
        assert not mailbox.retry(shelf.tx, 999)


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
