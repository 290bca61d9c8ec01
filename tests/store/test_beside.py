"""What stands beside a conversation: notes, tags, ratings; and canned replies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conversation.errors import BadInput, NotFound
from store import canned, notes, notices, ratings, tags
from store.canned import CannedReply
from tests.house import BEN, OTHER_NUMBER, START, add_account
from tests.store.conftest import Shelf

LATER = START + timedelta(minutes=5)


def told(shelf: Shelf, kind: str) -> list[Any]:
    return [each["facts"] for each in notices.after(shelf.tx, 0) if each["kind"] == kind]


class TestNotes:
    def test_are_kept_in_order_with_who_and_when_and_told_without_their_words(self, shelf: Shelf) -> None:
        first = notes.add(shelf.tx, shelf.conversation.id, "Alérgica a camarão\n", by="ana", now=START)
        second = notes.add(shelf.tx, shelf.conversation.id, "Ligou também", by="bia", now=LATER)
        assert notes.of_conversation(shelf.tx, shelf.conversation.id) == [first, second]
        assert (first.text, first.by, first.at) == ("Alérgica a camarão", "ana", START)
        assert told(shelf, "note") == [{"note": first.id, "by": "ana"}, {"note": second.id, "by": "bia"}]

    def test_a_removed_one_is_gone_and_can_not_be_removed_from_elsewhere(self, shelf: Shelf) -> None:
        note = notes.add(shelf.tx, shelf.conversation.id, "x", by="ana", now=START)
        elsewhere = shelf.another_conversation(BEN)
        with pytest.raises(NotFound):
            notes.remove(shelf.tx, elsewhere.id, note.id, by="bia", of_anybody=True, now=LATER)
        notes.remove(shelf.tx, shelf.conversation.id, note.id, by="bia", of_anybody=True, now=LATER)
        assert notes.of_conversation(shelf.tx, shelf.conversation.id) == []
        with pytest.raises(NotFound):
            notes.remove(shelf.tx, shelf.conversation.id, note.id, by="bia", of_anybody=True, now=LATER)

    @pytest.mark.parametrize("text", ["", " \n", "x" * 10_001])
    def test_an_empty_or_endless_one_is_none(self, shelf: Shelf, text: str) -> None:
        with pytest.raises(BadInput):
            notes.add(shelf.tx, shelf.conversation.id, text, by="ana", now=START)


class TestTags:
    def put(self, shelf: Shelf, tag: str, by: str = "ana") -> str:
        return tags.put(shelf.tx, shelf.conversation.id, tag, by=by, now=START)

    def test_there_is_one_of_each_however_it_is_written(self, shelf: Shelf) -> None:
        assert self.put(shelf, "  Pedido  Grande ") == "pedido grande"
        self.put(shelf, "PEDIDO GRANDE", by="bia")
        self.put(shelf, "festa")
        assert tags.of_conversation(shelf.tx, shelf.conversation.id) == ["festa", "pedido grande"]
        assert [each["tag"] for each in told(shelf, "tag")] == ["pedido grande", "festa"]

    def test_removing_one_that_is_gone_is_no_news(self, shelf: Shelf) -> None:
        self.put(shelf, "festa")
        for _ in range(2):
            tags.remove(shelf.tx, shelf.conversation.id, "Festa", by="ana", now=START)
        assert tags.of_conversation(shelf.tx, shelf.conversation.id) == []
        assert len(told(shelf, "tag")) == 2

    def test_of_several_at_once_each_has_its_own(self, shelf: Shelf) -> None:
        other = shelf.another_conversation(BEN)
        self.put(shelf, "festa")
        assert tags.of_several(shelf.tx, [shelf.conversation.id, other.id]) == {
            shelf.conversation.id: ["festa"],
            other.id: [],
        }

    @pytest.mark.parametrize("tag", ["", "  ", "x" * 61])
    def test_an_empty_or_endless_one_is_none(self, shelf: Shelf, tag: str) -> None:
        with pytest.raises(BadInput):
            self.put(shelf, tag)


class TestRatings:
    def test_a_number_answers_the_question_once(self, shelf: Shelf) -> None:
        asked = ratings.ask(shelf.tx, shelf.conversation.id, "ana", START)
        assert ratings.open_question(shelf.tx, shelf.conversation.id, LATER) == asked
        given = ratings.give(shelf.tx, shelf.conversation.id, 4, LATER)
        assert given is not None
        assert (given.id, given.operator, given.score, given.at) == (asked.id, "ana", 4, LATER)
        assert ratings.open_question(shelf.tx, shelf.conversation.id, LATER) is None
        assert ratings.give(shelf.tx, shelf.conversation.id, 1, LATER) is None
        assert ratings.latest(shelf.tx, shelf.conversation.id) == given

    def test_where_nobody_asked_or_long_ago_it_is_none(self, shelf: Shelf) -> None:
        assert ratings.give(shelf.tx, shelf.conversation.id, 5, START) is None
        ratings.ask(shelf.tx, shelf.conversation.id, "ana", START)
        assert ratings.give(shelf.tx, shelf.another_conversation(BEN).id, 5, START) is None
        assert ratings.give(shelf.tx, shelf.conversation.id, 5, START + timedelta(hours=25)) is None
        assert ratings.latest(shelf.tx, shelf.conversation.id) is None

    def test_it_is_the_last_question_that_is_answered(self, shelf: Shelf) -> None:
        ratings.ask(shelf.tx, shelf.conversation.id, "ana", START)
        ratings.ask(shelf.tx, shelf.conversation.id, "bia", LATER)
        given = ratings.give(shelf.tx, shelf.conversation.id, 5, LATER)
        assert given is not None and given.operator == "bia"


class TestCannedReplies:
    def add(self, shelf: Shelf, shortcut: str = "hours", language: str = "pt", **given: Any) -> CannedReply:
        made = {"text": "Abrimos às 9, {customer}.", "by": "ana", "now": START}
        return canned.add(shelf.tx, shortcut=shortcut, language=language, **{**made, **given})

    def test_are_listed_by_their_shortcut_and_language(self, shelf: Shelf) -> None:
        english, hours, address = self.add(shelf, language="en"), self.add(shelf, "/Hours"), self.add(shelf, "endereço")
        assert hours.shortcut == "hours"
        assert canned.all_of(shelf.tx) == [address, english, hours]

    def test_an_accounts_own_stands_before_that_of_all(self, shelf: Shelf) -> None:
        other = add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER)
        general, own = self.add(shelf), self.add(shelf, text="Às 10.", account_id=shelf.account.id)
        assert canned.for_account(shelf.tx, shelf.account.id) == [own]
        assert canned.for_account(shelf.tx, other.id) == [general]
        assert canned.all_of(shelf.tx, [other.id]) == [general]
        assert canned.all_of(shelf.tx, [shelf.account.id]) == [general, own]

    def test_there_is_one_of_each_also_after_a_change(self, shelf: Shelf) -> None:
        hours, other = self.add(shelf), self.add(shelf, "other")
        with pytest.raises(BadInput):
            self.add(shelf, "HOURS")
        facts: dict[str, Any] = {"language": "pt", "text": "Novo", "by": "bia", "now": LATER}
        with pytest.raises(BadInput):
            canned.change(shelf.tx, other.id, shortcut="hours", **facts)
        changed = canned.change(shelf.tx, hours.id, shortcut="hours", **facts)
        assert (changed.text, changed.by, changed.at) == ("Novo", "bia", LATER)

    def test_one_that_is_removed_is_gone(self, shelf: Shelf) -> None:
        hours = self.add(shelf)
        canned.remove(shelf.tx, hours.id)
        assert canned.all_of(shelf.tx) == []
        for act in (canned.remove, canned.get):
            with pytest.raises(NotFound):
                act(shelf.tx, hours.id)

    @pytest.mark.parametrize(
        "given",
        [
            {"shortcut": ""},
            {"shortcut": "two words"},
            {"shortcut": "x" * 61},
            {"language": "pt-BR"},
            {"text": " "},
            {"text": "x" * 4_097},
            {"text": "Olá {cliente}"},
        ],
    )
    def test_what_could_not_be_used_is_not_kept(self, shelf: Shelf, given: dict[str, Any]) -> None:
        with pytest.raises(BadInput):
            self.add(shelf, **given)

    def test_an_unknown_account_has_none(self, shelf: Shelf) -> None:
        with pytest.raises(NotFound):
            self.add(shelf, account_id="acc_nowhere")
