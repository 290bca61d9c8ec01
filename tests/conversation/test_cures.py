"""What helps where a message was not sent."""

from __future__ import annotations

import pytest

from connectors import whatsapp_news
from connectors.graph_errors import ERRORS, GraphRefusal
from conversation import cures
from conversation.cures import cure
from conversation.message import MessageStatus
from conversation.platform_news import Standing
from runtime import meta_requests, platform_keeper
from runtime import tokens as runtime_tokens

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


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("Meta refused: the access token is not accepted (190/463, trace X).", "takes this account's token"),
        ("Meta refused: the account has no valid way to pay (131042).", "way to pay"),
        ("the account was deleted", "What waits is not lost"),
        ("Meta refused: the app secret does not belong to the access token's app (100).", "sets the right one"),
    ],
)
def test_what_helps_an_account_that_has_stopped_is_said(fault: str, words: str) -> None:
    said = cures.of_account(fault, "en")
    assert said is not None
    assert words in said
    assert cures.of_account(fault, "pt") not in (None, said)
    assert cures.of_account(None, "en") is None


def test_each_fault_of_ours_that_has_no_number_has_its_own_cure() -> None:
    verdicts = [*whatsapp_news._VERDICTS.values(), whatsapp_news._DISABLED]
    stopping = [each.why for each in verdicts if each.standing is Standing.STOPPED]
    restricted = "Meta has restricted the business account: RESTRICTED_CUSTOMER_INITIATED_MESSAGING."
    faults = [*stopping, restricted, platform_keeper._FAULT, runtime_tokens._FAULT, meta_requests._FAULT]
    assert len(faults) >= 8
    general = cures.of_account("nobody knows what", "pt")
    assert [fault for fault in faults if cures.of_account(fault, "pt") in (None, general)] == []
