"""The judge of `bench crash`: each way in which a promise can break is seen, and what the rules explain is not one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.crashes import judge, places
from bench.crashes.fleet import Said
from bench.crashes.judge import Evidence
from bench.crashes.ledger import Books, Kept, Row
from bench.crashes.places import Place
from bench.crashes.posts import Post
from bench.harness.journal import Request

HERE = "cnv_a"


def said(n: int, says: int = 1) -> Said:
    return Said(key=f"#00.{n:04}", text=f"#00.{n:04} think=1 say={says}", provider_id=f"wamid.{n}", says=says)


def kept(n: int, **other: Any) -> Kept:
    usual = Kept(
        provider_id=f"wamid.{n}",
        conversation_id=HERE,
        text=said(n).text,
        verdict="ANSWER",
        mail_id=n,
        mail_state="done",
        cut_off=0,
    )
    return dataclasses.replace(usual, **other)


def answer(n: int, part: int = 0) -> str:
    return f"bot: {said(n).text} | asked 5 | {part}"


def row(n: int, **other: Any) -> Row:
    usual = Row(
        id=n, conversation_id=HERE, text=answer(n), state="sent", resent=False, claimed_at=None, shown="accepted"
    )
    return dataclasses.replace(usual, **other)


def arrived(n: int, at: int, *, of_row: int | None = None, text: str | None = None) -> Request:
    return Request(
        n=at,
        received_ns=at,
        answered_ns=at,
        account="1",
        kind="text",
        to="551",
        text=text or answer(n),
        opaque=str(of_row or n),
        message_id=None,
    )


def posted(*messages: int, at: int = 1, taken: bool = True, reports_on: tuple[int, ...] = ()) -> Post:
    return Post(
        ended_ns=at,
        attempt=1,
        taken=taken,
        messages=frozenset(f"wamid.{n}" for n in messages),
        reports_on=frozenset(map(str, reports_on)),
    )


def evidence(messages: int = 2, **other: Any) -> Evidence:
    """All is well, unless told otherwise."""
    numbers = range(1, messages + 1)
    usual: dict[str, Any] = {
        "said": [said(n) for n in numbers],
        "posts": [posted(*numbers)],
        "requests": [arrived(n, 10 * n) for n in numbers],
        "books": books(),
        "acts": [(f"key.{n}", f"wamid.{n}") for n in numbers],
    }
    return Evidence(**{**usual, **other})


def books(**other: Any) -> Books:
    usual: dict[str, Any] = {
        "kept": [kept(1), kept(2)],
        "rows": [row(1), row(2)],
        "words": [(HERE, said(1).text), (HERE, said(2).text)],
    }
    return Books(**{**usual, **other})


def test_when_all_is_well_nothing_is_found() -> None:
    judged = judge.judge(evidence())

    assert (judged.accepted, judged.refused, judged.lost, judged.twice, judged.disordered) == (2, 0, 0, 0, 0)
    assert (judged.unanswered, judged.unknown, judged.not_shown, judged.parked, judged.acted_again) == (0, 0, 0, 0, 0)
    assert judged.acts_of == Counter()


@pytest.mark.parametrize(
    ("what", "books_"),
    [
        ("not kept", books(kept=[kept(1)])),
        ("kept twice", books(kept=[kept(1), kept(2), kept(2, mail_id=3)])),
        ("still waiting", books(kept=[kept(1), kept(2, mail_state="new", verdict=None)])),
        ("no verdict", books(kept=[kept(1), kept(2, verdict=None)])),
        ("not heard", books(words=[(HERE, said(1).text)])),
        ("heard twice", books(words=[(HERE, said(n).text) for n in (1, 2, 2)])),
    ],
)
def test_accepted_mail_without_exactly_one_effect_is_lost(what: str, books_: Books) -> None:
    assert judge.judge(evidence(books=books_)).lost_of == {what: 1}


def test_what_never_got_its_200_was_not_promised() -> None:
    judged = judge.judge(evidence(posts=[posted(1), posted(2, taken=False)], books=books(kept=[kept(1)])))

    assert (judged.refused, judged.lost) == (1, 0)


def test_a_second_request_for_a_row_that_was_not_to_be_sent_again_is_blind() -> None:
    assert judge.judge(evidence(requests=[arrived(1, 10), arrived(2, 20), arrived(2, 30)])).twice_of["blindly"] == 1


def resent(claimed_at_ns: int) -> Books:
    """Row 2 was sent once more, by a claim at that time of the journal's clock."""
    wall_s = (claimed_at_ns + time.time_ns() - time.monotonic_ns()) / 1e9
    claimed_at = dt.datetime.fromtimestamp(wall_s, dt.timezone.utc)
    return books(rows=[row(1), row(2, resent=True, claimed_at=claimed_at)])


def test_a_second_request_is_explained_while_no_report_on_the_first_had_come() -> None:
    second = 5 * 10**9
    requests = [arrived(1, 10), arrived(2, 20), arrived(2, second)]
    silent = evidence(requests=requests, books=resent(second), posts=[posted(1, 2)])
    late = evidence(
        requests=requests, books=resent(second), posts=[posted(1, 2), posted(at=9 * 10**9, reports_on=(2,))]
    )

    for each in map(judge.judge, (silent, late)):
        assert (each.twice, each.arrived_twice, each.resent) == (0, 1, 1)


def test_a_second_request_after_a_report_on_the_first_is_not_explained() -> None:
    second = 5 * 10**9
    requests = [arrived(1, 10), arrived(2, 20), arrived(2, second)]
    reported = [posted(1, 2), posted(at=10**9, reports_on=(2,))]

    judged = judge.judge(evidence(requests=requests, books=resent(second), posts=reported))

    assert judged.twice_of["after a report"] == 1


def test_a_third_request_is_never_explained() -> None:
    requests = [arrived(1, 10), arrived(2, 20), arrived(2, 30), arrived(2, 40)]

    assert judge.judge(evidence(requests=requests, books=resent(30))).twice_of["more than once more"] == 1


def test_two_rows_with_the_same_answer_are_two_answers() -> None:
    judged = judge.judge(evidence(books=books(rows=[row(1), row(2), row(3, text=answer(2))])))

    assert judged.twice_of["two answers"] == 1


def test_an_answer_before_that_to_an_earlier_message_is_disordered() -> None:
    assert judge.judge(evidence(requests=[arrived(2, 10), arrived(1, 20)])).disordered_of["answers"] == 1


def test_order_is_that_of_arrival_whatever_the_customer_wrote_first() -> None:
    swapped = books(kept=[kept(2, mail_id=1), kept(1, mail_id=2)], words=[(HERE, said(2).text), (HERE, said(1).text)])

    assert judge.judge(evidence(requests=[arrived(2, 10), arrived(1, 20)], books=swapped)).disordered == 0


def test_what_was_sent_once_more_may_come_late_and_is_counted() -> None:
    once_more = books(rows=[row(1, resent=True), row(2)])

    judged = judge.judge(evidence(requests=[arrived(2, 10), arrived(1, 20)], books=once_more))

    assert (judged.disordered, judged.came_late) == (0, 1)


def test_a_tracker_that_heard_the_later_message_first_is_disordered() -> None:
    judged = judge.judge(evidence(books=books(words=[(HERE, said(2).text), (HERE, said(1).text)])))

    assert judged.disordered_of["trackers"] == 1


@pytest.mark.parametrize(
    ("what", "acts"),
    [
        ("never", [("key.1", "wamid.1")]),
        ("two keys", [("key.1", "wamid.1"), ("key.2", "wamid.2"), ("key.3", "wamid.2")]),
        ("again for no reason", [("key.1", "wamid.1"), ("key.2", "wamid.2"), ("key.2", "wamid.2")]),
    ],
)
def test_what_was_done_outside_is_done_once_a_turn_under_one_key(what: str, acts: list[tuple[str, str]]) -> None:
    assert judge.judge(evidence(acts=acts)).acts_of == {what: 1}


def test_after_a_turn_that_was_cut_off_it_may_be_done_again_under_the_same_key() -> None:
    acts = [("key.1", "wamid.1"), ("key.2", "wamid.2"), ("key.2", "wamid.2")]

    judged = judge.judge(evidence(acts=acts, books=books(kept=[kept(1), kept(2, cut_off=1)])))

    assert (judged.acts_of, judged.acted_again) == (Counter(), 1)


def test_a_gap_must_be_shown_as_unknown() -> None:
    first_only = [arrived(1, 10)]
    shown = books(rows=[row(1), row(2, state="unknown", shown="unknown")])

    assert judge.judge(evidence(requests=first_only)).not_shown == 1
    judged = judge.judge(evidence(requests=first_only, books=shown))
    assert (judged.unanswered, judged.unknown, judged.not_shown) == (1, 1, 0)


def test_half_an_answer_is_none() -> None:
    judged = judge.judge(evidence(said=[said(1), said(2, says=2)]))

    assert (judged.unanswered, judged.not_shown) == (1, 1)


def test_parked_mail_is_counted() -> None:
    assert judge.judge(evidence(books=books(kept=[kept(1), kept(2, mail_state="parked")]))).parked == 1


def test_a_line_that_a_kill_cut_off_is_no_act(tmp_path: Path) -> None:
    (tmp_path / "acts").write_text("key.1 wamid.1\nkey.2 wam")

    assert judge.read_acts(tmp_path / "acts") == [("key.1", "wamid.1")]


def test_recovery_is_from_each_kill_to_what_happened_before_the_next() -> None:
    killed_ms, happened_ms = (1, 5, 9, 20), (4, 6, 12)

    found = judge.recovery_ms([at * 10**6 for at in killed_ms], [at * 10**6 for at in happened_ms])

    assert found == [3.0, 1.0, 3.0]
    assert judge.recovery_ms([10**6, 2 * 10**6], [4 * 10**6]) == [2.0]


def test_the_same_seed_kills_at_the_same_places_each_as_often_as_any_other() -> None:
    assert places.plan(1, 100) == places.plan(1, 100) != places.plan(2, 100)
    often = Counter(places.plan(1, 100))
    assert set(often) == set(Place) and max(often.values()) - min(often.values()) <= 1


def test_a_place_that_was_planned_and_never_hit_is_missing() -> None:
    assert places.missing(Counter({Place.IN_TURN: 1}), [Place.IN_TURN, Place.CLAIMED]) == ["after_claim"]
