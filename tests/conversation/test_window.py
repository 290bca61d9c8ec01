"""The time in which a channel lets us write freely, and what holds when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from connectors.graph_errors import Fault, rule_for
from conversation import window
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.channel_settings import ChannelSettings
from conversation.message import Author
from conversation.window import Allowed

WROTE = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
MOMENT = timedelta(microseconds=1)
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
NOT_PEOPLE = (Author.BOT, Author.SYSTEM, Author.CONTACT)
TWO = (Channel.MESSENGER, Channel.INSTAGRAM)


def account(channel: Channel, *, human_agent: bool = True) -> Account:
    return Account(
        id=AccountId("a"), channel=channel, provider_id="1", name="Shop", agent_id=AgentId("g"),
        channel_settings=ChannelSettings(human_agent=human_agent),
    )  # fmt: skip


def test_it_is_open_for_a_day_and_not_a_moment_longer() -> None:
    closes = window.closes_at(WROTE)
    assert closes == WROTE + DAY
    assert window.is_open(WROTE, closes - MOMENT)
    assert not window.is_open(WROTE, closes)


def test_who_never_wrote_has_none() -> None:
    assert window.closes_at(None) is None
    assert not window.is_open(None, WROTE)
    assert window.time_left(None, WROTE) == timedelta()
    for channel in Channel:
        assert window.may_write(account(channel), Author.OPERATOR, None, WROTE) == window.rule(channel)


def test_what_is_left_of_it_never_is_less_than_nothing() -> None:
    assert window.time_left(WROTE, WROTE + timedelta(hours=20)) == timedelta(hours=4)
    assert window.time_left(WROTE, WROTE + timedelta(hours=30)) == timedelta()


@pytest.mark.parametrize("channel", Channel)
def test_the_rule_that_is_named_is_the_one_by_which_meta_refuses(channel: Channel) -> None:
    rule = window.rule(channel)
    assert rule.error_code is not None
    assert rule_for(rule.error_code, rule.subcode).fault is Fault.WINDOW
    for words in rule.words.values():
        assert rule.number in words and channel.value in words.lower()
    assert set(rule.words) == {"pt", "en"}


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("author", Author)
def test_within_a_day_whoever_may_speak_writes_freely(channel: Channel, author: Author) -> None:
    written = window.may_write(account(channel, human_agent=False), author, WROTE, WROTE + DAY - MOMENT)
    assert written is Allowed.FREELY


@pytest.mark.parametrize("channel", TWO)
def test_a_person_may_write_for_a_week_and_not_a_moment_longer(channel: Channel) -> None:
    ours = account(channel)
    assert window.human_until(channel, WROTE) == WROTE + WEEK
    for later in (DAY, WEEK - MOMENT):
        assert window.may_write(ours, Author.OPERATOR, WROTE, WROTE + later) is Allowed.AS_A_PERSON
    assert window.may_write(ours, Author.OPERATOR, WROTE, WROTE + WEEK) == window.rule(channel)


@pytest.mark.parametrize("channel", TWO)
@pytest.mark.parametrize("author", NOT_PEOPLE)
def test_nobody_else_may_write_after_a_day(channel: Channel, author: Author) -> None:
    assert window.may_write(account(channel), author, WROTE, WROTE + DAY) == window.rule(channel)


@pytest.mark.parametrize("channel", TWO)
def test_nor_may_a_person_where_meta_has_not_granted_it(channel: Channel) -> None:
    ours = account(channel, human_agent=False)
    assert window.may_write(ours, Author.OPERATOR, WROTE, WROTE + DAY) == window.rule(channel)


def test_on_whatsapp_a_person_has_no_longer_time_than_others() -> None:
    assert window.human_until(Channel.WHATSAPP, WROTE) is None
    refused = window.may_write(account(Channel.WHATSAPP), Author.OPERATOR, WROTE, WROTE + DAY)
    assert refused == window.rule(Channel.WHATSAPP)
