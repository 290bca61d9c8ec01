"""What every channel means by the same things: who writes, whose an echo is, what is only heard, what is a signal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.reading import items, obj
from conversation.arrivals import (
    BUTTON,
    REACTION,
    SIGNALS,
    TEXT,
    AccountNews,
    AccountTrouble,
    Echo,
    EchoSource,
    Edited,
    Inbound,
    Removed,
    SeenUpTo,
    StatusReport,
    ThreadControl,
    Unfamiliar,
)
from conversation.message import MessageStatus
from tests.connectors.contract import CONTRACTS, NOW, Contract, StillClock, each_body, each_channel, each_with

_REPORTED = {MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.FAILED}


@each_channel
def test_a_text_is_a_text_of_somebody(contract: Contract) -> None:
    text = contract.text
    assert text.kind == TEXT and text.text and text.addresses and text.opens_window
    assert not (text.standby or text.ours or text.recovered)


def _all_are_called_the_same(file: Path) -> bool:
    entries = [obj(entry) for entry in items(json.loads(file.read_text()).get("entry"))]
    talks = [obj(talk) for entry in entries for key in ("messaging", "standby") for talk in items(entry.get(key))]
    ends = [{obj(talk.get("sender")).get("id"), obj(talk.get("recipient")).get("id")} for talk in talks]
    return any(len(each) == 1 and None not in each for each in ends)


@each_body
def test_nobody_is_in_conversation_with_the_account_itself(contract: Contract, file: Path) -> None:
    if _all_are_called_the_same(file):
        pytest.skip("whoever logged this body has masked all ids alike: there is nobody to tell apart")
    for arrival in contract.connector(StillClock()).parse(json.loads(file.read_text())):
        if not isinstance(arrival, (Unfamiliar, StatusReport, AccountTrouble, AccountNews)):
            assert arrival.addresses or isinstance(arrival, (Edited, Removed)), "known by their message"
            assert arrival.account not in [address.value for address in arrival.addresses]


@each_body
def test_nothing_has_happened_in_the_future(contract: Contract, file: Path) -> None:
    for arrival in contract.connector(StillClock()).parse(json.loads(file.read_text())):
        moments = [getattr(arrival, name, None) for name in ("at", "sent_at", "until")]
        assert all(moment is None or moment <= NOW for moment in moments)


@each_body
def test_signals_and_what_is_only_heard_are_no_orders(contract: Contract, file: Path) -> None:
    """What counts as the shop's own menu is chosen there alone: no customer's words, no link's reference."""
    for arrival in contract.connector(StillClock()).parse(json.loads(file.read_text())):
        if isinstance(arrival, Inbound):
            assert not arrival.ours or (arrival.kind == BUTTON and arrival.choice and not arrival.standby)
            assert arrival.kind not in SIGNALS or arrival.choice is None
        if isinstance(arrival, StatusReport):
            assert arrival.status in _REPORTED


@each_with("choice")
def test_what_is_chosen_is_an_id(contract: Contract) -> None:
    (chosen,) = contract.case("choice")
    assert isinstance(chosen, Inbound) and chosen.kind == BUTTON and chosen.choice and not chosen.ours


@each_with("echo")
def test_what_our_side_wrote_elsewhere_is_an_echo_to_the_contact(contract: Contract) -> None:
    (echo,) = contract.case("echo")
    assert isinstance(echo, Echo) and echo.source is EchoSource.PHONE and echo.opaque is None
    assert set(echo.addresses) & set(contract.addresses)


@each_with("own_echo")
def test_an_echo_that_may_be_of_our_own_says_so(contract: Contract) -> None:
    (echo,) = contract.case("own_echo")
    assert isinstance(echo, Echo) and echo.may_be_ours


@each_with("standby")
def test_what_another_app_may_answer_is_only_heard(contract: Contract) -> None:
    found = contract.case("standby")
    assert found and all(isinstance(each, (Inbound, Echo)) for each in found)
    assert all(each.standby for each in found if isinstance(each, Inbound))
    assert all(each.source is EchoSource.APP for each in found if isinstance(each, Echo))


@each_with("reports")
def test_reports_name_their_message(contract: Contract) -> None:
    reports = [each for each in contract.case("reports") if isinstance(each, StatusReport)]
    assert [report.status for report in reports][:2] == [MessageStatus.SENT, MessageStatus.DELIVERED]
    assert all(report.provider_id and report.opaque for report in reports)


@pytest.mark.parametrize("case", ["delivered", "read"])
def test_watermarks_say_how_far(case: str) -> None:
    told = [contract for contract in CONTRACTS if contract.has(case)]
    assert told
    for contract in told:
        (seen,) = contract.case(case)
        assert isinstance(seen, SeenUpTo) and seen.status.value == case
        assert seen.until or seen.provider_ids


@each_with("edited")
def test_an_edit_has_the_new_words(contract: Contract) -> None:
    (edited,) = contract.case("edited")
    assert isinstance(edited, Edited) and edited.provider_id and edited.text and edited.number >= 1


@each_with("removed")
def test_what_was_taken_back_names_its_message_and_nothing_else(contract: Contract) -> None:
    (removed,) = contract.case("removed")
    assert isinstance(removed, Removed) and removed.provider_id == contract.text.provider_id


@each_with("reaction")
def test_a_reaction_names_its_message_and_one_taken_back_opens_no_window(contract: Contract) -> None:
    (given,), (back,) = contract.case("reaction"), contract.case("taken_back")
    assert isinstance(given, Inbound) and given.kind == REACTION and given.reply_to and given.text
    assert isinstance(back, Inbound) and back.kind == REACTION and back.reply_to and not back.text
    assert given.provider_id != back.provider_id


@each_with("control_passed")
def test_a_thread_passed_to_us_is_ours_and_one_taken_is_anothers(contract: Contract) -> None:
    passed, taken = contract.case("control_passed")[0], contract.case("control_taken")[0]
    assert isinstance(passed, ThreadControl) and passed.holder is None
    assert isinstance(taken, ThreadControl) and taken.holder
    assert passed.key != taken.key


@each_with("signal")
def test_a_signal_says_nothing(contract: Contract) -> None:
    (signal,) = contract.case("signal")
    assert isinstance(signal, Inbound) and signal.kind in SIGNALS
    assert signal.text is None and signal.choice is None and signal.content


@each_with("unknown")
def test_a_kind_that_nobody_knows_is_kept_whole(contract: Contract) -> None:
    (found,) = contract.case("unknown")
    kept = found.body if isinstance(found, Unfamiliar) else found.content if isinstance(found, Inbound) else {}
    assert "hologram" in json.dumps(kept) and found.account == contract.account
