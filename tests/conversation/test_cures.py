"""What helps where a message was not sent."""

from __future__ import annotations

import pytest

from connectors.graph_errors import ERRORS, GraphRefusal
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
        ("Meta refused: the time … is over (10/2018278).", "utility messages"),
        ("Meta refused: the time … is over (10/2534022).", "7 days"),
        ("Meta refused: the request is not one Meta takes (100).", "won't help"),
        ("Meta refused: this contact can't be reached (200/2018028).", "testers"),
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


def test_every_code_of_metas_table_has_a_cure_of_its_own_in_both_languages() -> None:
    for language in ("pt", "en"):
        without = {
            (code, subcode)
            for (code, subcode), rule in ERRORS.items()
            if cure(FAILED, str(GraphRefusal(rule, code, subcode, "Ab1", None)), language)
            == cure(FAILED, None, language)
        }
        assert without == set()


def test_both_languages_and_the_house_s_own_for_others() -> None:
    assert cure(FAILED, "131047 x", "pt") == cure(FAILED, "131047 x", "fr") != cure(FAILED, "131047 x", "en")


def test_what_did_not_fail_needs_none_and_what_nobody_knows_is_told() -> None:
    assert cure(MessageStatus.READ, None, "en") is None
    assert cure(MessageStatus.WITHDRAWN, "a person took over", "en") is None
    assert "ask the customer" in str(cure(MessageStatus.UNKNOWN, "timeout", "en"))
