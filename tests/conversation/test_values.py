"""Statuses that only go up, ids that tell nothing, errors that say what happened."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from conversation import errors
from conversation.ids import new_id
from conversation.message import LADDER, MessageStatus, after_report

S = MessageStatus
REPORTED = [S.SENT, S.DELIVERED, S.READ, S.FAILED]
OUTBOUND = [*LADDER, S.FAILED]


def height(status: MessageStatus) -> int:
    """A failure stands where it counts: above what is only sent, below what the phone has."""
    return LADDER.index(S.SENT) * 2 + 1 if status is S.FAILED else LADDER.index(status) * 2


@given(st.sampled_from(OUTBOUND), st.lists(st.sampled_from(REPORTED), max_size=12))
def test_whatever_is_reported_in_whatever_order_a_status_never_goes_down(
    start: MessageStatus, reports: list[MessageStatus]
) -> None:
    current = start
    for report in reports:
        following = after_report(current, report)
        assert height(following) >= height(current)
        current = following


@given(st.lists(st.sampled_from([S.SENT, S.DELIVERED, S.READ]), min_size=1, max_size=6), st.randoms())
def test_without_a_failure_the_order_of_reports_does_not_matter(reports: list[MessageStatus], random: object) -> None:
    shuffled = sorted(reports, key=lambda _: random.random())  # type: ignore[attr-defined]
    ends = set()
    for order in (reports, shuffled):
        current = S.ACCEPTED
        for report in order:
            current = after_report(current, report)
        ends.add(current)
    assert ends == {max(reports, key=LADDER.index)}


def test_a_failure_counts_until_the_phone_has_it() -> None:
    assert after_report(S.ACCEPTED, S.FAILED) is S.FAILED
    assert after_report(S.SENT, S.FAILED) is S.FAILED
    assert after_report(S.FAILED, S.SENT) is S.FAILED
    assert after_report(S.DELIVERED, S.FAILED) is S.DELIVERED
    assert after_report(S.FAILED, S.DELIVERED) is S.DELIVERED


def test_a_report_on_something_given_up_is_believed() -> None:
    assert after_report(S.WITHDRAWN, S.DELIVERED) is S.DELIVERED


def test_ids_are_their_prefix_and_a_hundred_random_bits_and_never_the_same() -> None:
    made = {new_id("cnv") for _ in range(2_000)}
    assert len(made) == 2_000
    assert all(re.fullmatch(r"cnv_[0-9a-hjkmnp-tv-z]{20}", each) for each in made)


def test_an_id_is_no_number_and_holds_none_that_the_log_would_take_for_a_phone() -> None:
    for each in (new_id("cnv") for _ in range(2_000)):
        assert not each.isdigit()
        assert not re.search(r"(?<!\w)\d{8,}(?!\w)", each)


def test_every_error_of_ours_has_one_base_and_a_code_of_its_own() -> None:
    made = [
        errors.NotFound("x"),
        errors.BadInput("x"),
        errors.Refused("x"),
        errors.NotOwner("ana"),
        errors.SendError("x"),
    ]
    assert all(isinstance(each, errors.BatonError) for each in made)
    assert len({each.code for each in made}) == len(made)
