"""What helps where a message was not sent."""

from __future__ import annotations

import pytest

from connectors.graph_errors import ERRORS, Fault, GraphRefusal
from conversation.cures import cure
from conversation.message import MessageStatus

FAILED = MessageStatus.FAILED


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("131047 Re-engagement message", "template"),
        ("131026 Message undeliverable", "reach them"),
        ("Meta refused: too many messages to this contact (131056, trace Ab1).", "minute"),
        ("Meta refused: the access token is not accepted (190).", "token"),
        ("Meta refused: this contact can't be reached (100/2018001, trace Ab1).", "reach them"),
        ("Meta refused: the time … is over (10/2018278).", "template"),
        ("Meta refused: the access token may not do this (10).", "permission"),
        ("something else", "Try again"),
        ("the 190th (time)", "Try again"),
        (None, "Try again"),
    ],
)
def test_it_goes_by_metas_number(error: str | None, word: str) -> None:
    told = cure(FAILED, error, "en")
    assert told is not None
    assert word in told


def test_every_fault_that_somebody_can_mend_has_a_cure_of_its_own() -> None:
    """As a refusal names it; the others are for whoever runs it."""
    left = (Fault.TEMPLATE, Fault.REQUEST, Fault.IDENTITY, Fault.FEATURE, Fault.UNLISTED)
    without = {
        (code, subcode)
        for (code, subcode), rule in ERRORS.items()
        if rule.fault not in left and (code < 201 or code > 299)  # the permissions: 200 stands for them
        if cure(FAILED, str(GraphRefusal(rule, code, subcode, "Ab1", None)), "en") == cure(FAILED, None, "en")
    }
    assert without == set()


def test_both_languages_and_the_house_s_own_for_others() -> None:
    assert cure(FAILED, "131047 x", "pt") == cure(FAILED, "131047 x", "fr") != cure(FAILED, "131047 x", "en")


def test_what_did_not_fail_needs_none_and_what_nobody_knows_is_told() -> None:
    assert cure(MessageStatus.READ, None, "en") is None
    assert cure(MessageStatus.WITHDRAWN, "a person took over", "en") is None
    assert "ask the customer" in str(cure(MessageStatus.UNKNOWN, "timeout", "en"))
