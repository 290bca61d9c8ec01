"""One history, only appended to, and what its events mean for who answers."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from conversation.conversation import HandoverState
from conversation.handover import Command
from store import conversations, handovers, notices, requests, trackers
from store.database import Database
from store.trackers import Position, TrackerMoved
from tests.house import START
from tests.store.conftest import Shelf


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value, "timestamp": 1.0}


def user(text: str) -> dict[str, Any]:
    return {"event": "user", "text": text, "timestamp": 1.0}


SESSION = {"event": "session_started", "timestamp": 1.0}


class TestAppending:
    def test_each_event_gets_the_next_number(self, shelf: Shelf) -> None:
        assert trackers.append(shelf.tx, "x", [user("a"), user("b")], now=START).seq == 2
        assert trackers.append(shelf.tx, "x", [user("c")], now=START, expected_seq=2).seq == 3
        assert [e["text"] for e in trackers.events_after(shelf.tx, "x", 1)] == ["b", "c"]

    def test_who_decided_on_less_than_is_stored_writes_nothing(self, shelf: Shelf) -> None:
        trackers.append(shelf.tx, "x", [user("a")], now=START)
        with pytest.raises(TrackerMoved):
            trackers.append(shelf.tx, "x", [user("b")], now=START, expected_seq=0)
        assert len(trackers.events_after(shelf.tx, "x", 0)) == 1

    def test_who_decided_on_less_is_told_even_where_nothing_is_to_be_written(self, shelf: Shelf) -> None:
        trackers.append(shelf.tx, "x", [user("a")], now=START)
        with pytest.raises(TrackerMoved):
            trackers.append(shelf.tx, "x", [], now=START, expected_seq=0)

    def test_the_latest_session_is_known(self, shelf: Shelf) -> None:
        trackers.append(shelf.tx, "x", [SESSION, user("a")], now=START)
        position = trackers.append(shelf.tx, "x", [user("b"), SESSION, user("c")], now=START)
        assert position == trackers.position(shelf.tx, "x") == Position(seq=5, session_seq=4)

    def test_what_numpy_left_in_an_event_is_stored_as_plain_values(self, shelf: Shelf) -> None:
        event = slot("x", {"score": numpy.float32(0.5), "name": numpy.str_("oi"), "many": numpy.int64(2)})
        trackers.append(shelf.tx, "x", [event], now=START)
        (stored,) = trackers.events_after(shelf.tx, "x", 0)
        assert stored["value"] == {"score": 0.5, "name": "oi", "many": 2}

    def test_deleted_means_unknown_and_a_new_one_starts_at_one(self, shelf: Shelf) -> None:
        trackers.append(shelf.tx, "x", [user("a")], now=START)
        assert trackers.sender_ids(shelf.tx, limit=9) == ["x"]
        trackers.delete(shelf.tx, "x")
        assert not trackers.exists(shelf.tx, "x")
        assert trackers.append(shelf.tx, "x", [user("b")], now=START).seq == 1


class TestProjecting:
    def append(self, shelf: Shelf, *events: dict[str, Any]) -> HandoverState:
        trackers.append(shelf.tx, shelf.conversation.id, events, now=START)
        return conversations.get(shelf.tx, shelf.conversation.id).state

    def requests(self, shelf: Shelf) -> list[tuple[str, str]]:
        return [(r.state.value, r.reason) for r in requests.of_conversation(shelf.tx, shelf.conversation.id)]

    def test_a_wish_for_a_person_makes_a_request_a_log_line_and_a_notice_and_moves_no_number(
        self, shelf: Shelf
    ) -> None:
        wish = {"reason": "complaint", "order": 12}
        assert self.append(shelf, slot("handover_request", wish)) is HandoverState.PENDING
        assert conversations.get(shelf.tx, shelf.conversation.id).ownership == 0
        (request,) = requests.of_conversation(shelf.tx, shelf.conversation.id)
        assert (request.state.value, request.reason, request.details) == ("pending", "complaint", wish)
        (line,) = handovers.log_of(shelf.tx, shelf.conversation.id)
        assert (line["before"], line["after"], line["by"]) == ("bot", "pending", "assistant")
        assert [n["kind"] for n in notices.after(shelf.tx, 0)] == ["handover"]

    def test_asking_twice_is_one_request(self, shelf: Shelf) -> None:
        self.append(shelf, slot("handover_request", {"reason": "a"}))
        self.append(shelf, slot("handover_request", {"reason": "b"}))
        assert self.requests(shelf) == [("pending", "a")]

    def test_a_word_instead_of_facts_is_the_reason(self, shelf: Shelf) -> None:
        self.append(shelf, slot("handover_request", "fallback"))
        assert self.requests(shelf) == [("pending", "fallback")]

    def test_the_customer_changes_their_mind(self, shelf: Shelf) -> None:
        self.append(shelf, slot("handover_request", {"reason": "a"}))
        assert self.append(shelf, slot("handover_request", None)) is HandoverState.BOT
        assert self.requests(shelf) == [("cancelled", "a")]

    def test_a_pause_of_a_story_is_a_wish_for_a_person(self, shelf: Shelf) -> None:
        assert self.append(shelf, {"event": "pause", "timestamp": 1.0}) is HandoverState.PENDING
        assert self.requests(shelf) == [("pending", "paused")]

    def test_a_person_who_takes_it_answers_the_request(self, shelf: Shelf) -> None:
        self.append(shelf, slot("handover_request", {"reason": "a"}))
        handovers.command(shelf.tx, shelf.conversation.id, Command.TAKE, by="ana", now=START)
        assert self.requests(shelf) == [("answered", "a")]

    def test_a_wish_while_a_person_has_it_changes_nothing(self, shelf: Shelf) -> None:
        handovers.command(shelf.tx, shelf.conversation.id, Command.TAKE, by="ana", now=START)
        assert self.append(shelf, slot("handover_request", {"reason": "a"})) is HandoverState.HUMAN
        assert self.append(shelf, slot("handover_request", None)) is HandoverState.HUMAN
        assert self.requests(shelf) == []

    def test_other_slots_and_other_senders_mean_nothing(self, shelf: Shelf) -> None:
        assert self.append(shelf, slot("size", "large"), slot("handover_request", None)) is HandoverState.BOT
        trackers.append(shelf.tx, "rasa-shell", [slot("handover_request", {"reason": "a"})], now=START)
        assert self.requests(shelf) == []


def test_a_refused_append_projects_nothing(db: Database, shelf: Shelf) -> None:
    trackers.append(shelf.tx, shelf.conversation.id, [user("a")], now=START)
    with pytest.raises(TrackerMoved):
        trackers.append(
            shelf.tx, shelf.conversation.id, [slot("handover_request", {"reason": "a"})], now=START, expected_seq=0
        )
    assert conversations.get(shelf.tx, shelf.conversation.id).state is HandoverState.BOT
