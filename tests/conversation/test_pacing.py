"""How fast a number may write: what is in its bucket, and how long one waits for the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from conversation import pacing
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.channel_settings import ChannelSettings
from conversation.pacing import Bucket, Pace
from conversation.platform_facts import PlatformFacts

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
PACE = Pace(per_s=2.0, size=4.0)


def account(channel: Channel = Channel.WHATSAPP, meta: PlatformFacts | None = None, **settings: Any) -> Account:
    return Account(
        id=AccountId("acc"),
        channel=channel,
        provider_id="1",
        name="n",
        agent_id=AgentId("agt"),
        channel_settings=ChannelSettings(**settings),
        meta=meta or PlatformFacts(),
    )


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_bucket_that_nobody_took_from_is_full_and_gives_all_it_holds_at_once() -> None:
    bucket = None
    for _ in range(4):
        assert pacing.wait_s(bucket, PACE, NOW) == 0
        bucket = pacing.taken(bucket, PACE, NOW)
    assert pacing.wait_s(bucket, PACE, NOW) == pytest.approx(0.5)
    assert pacing.wait_s(bucket, PACE, at(0.5)) == 0


def test_it_never_holds_more_than_its_size_however_long_nobody_writes() -> None:
    assert pacing.level(Bucket(level=0.0, at=NOW), PACE, at(3600)) == 4.0


def test_a_clock_that_goes_back_adds_nothing_and_takes_nothing() -> None:
    assert pacing.level(Bucket(level=3.0, at=NOW), PACE, at(-60)) == 3.0


def test_what_is_to_be_left_for_others_is_left() -> None:
    bucket = Bucket(level=1.5, at=NOW)
    assert pacing.wait_s(bucket, PACE, NOW) == 0
    assert pacing.wait_s(bucket, PACE, NOW, leaving=1.0) == pytest.approx(0.25)


def test_no_second_has_more_than_the_rate_from_whenever_it_is_counted() -> None:
    pace, sent, now, bucket = pacing.of_number(account()), list[float](), NOW, None
    assert pace is not None
    while now < at(5):
        if pacing.wait_s(bucket, pace, now) == 0:
            bucket = pacing.taken(bucket, pace, now)
            sent.append((now - NOW).total_seconds())
        else:
            now += timedelta(milliseconds=5)
    most = max(sum(start <= each < start + 1 for each in sent) for start in sent)
    assert most <= 80
    assert len(sent) > 5 * 70


@pytest.mark.parametrize(
    ("settings", "meta", "rate"),
    [
        ({}, {}, 80),
        ({"messages_per_s": 30}, {}, 30),
        ({}, {"throughput": "STANDARD"}, 80),
        ({}, {"throughput": "HIGH"}, 1000),
        ({"messages_per_s": 30}, {"throughput": "HIGH"}, 30),
        ({}, {"throughput": "HIGH", "on_phone_app": True}, 20),
        ({"messages_per_s": 10}, {"on_phone_app": True}, 10),
        ({"messages_per_s": 500}, {"on_phone_app": True}, 20),
    ],
)
def test_a_numbers_rate_is_what_meta_says_of_it_unless_it_was_set_by_hand(
    settings: dict[str, Any], meta: dict[str, Any], rate: float
) -> None:
    pace = pacing.of_number(account(meta=PlatformFacts(**meta), **settings))
    assert pace is not None
    assert pace.per_s + pace.size == pytest.approx(rate)


def test_only_whatsapp_has_these_paces_and_no_time_between_two_messages_is_none_to_keep() -> None:
    assert pacing.of_number(account(Channel.MESSENGER)) is None
    assert pacing.of_pair(account(Channel.INSTAGRAM)) is None
    assert pacing.of_pair(account(pair_every_s=0)) is None


def test_forty_five_to_one_contact_at_once_then_one_in_six_seconds() -> None:
    pair = pacing.of_pair(account())
    assert pair == Pace(per_s=1 / 6, size=45.0)


def test_after_a_refusal_only_what_was_refused_may_be_tried() -> None:
    bucket = pacing.emptied(NOW)
    assert pacing.wait_s(bucket, PACE, NOW) == 0
    assert pacing.wait_s(pacing.taken(bucket, PACE, NOW), PACE, NOW) == pytest.approx(0.5)


def test_the_slowest_number_still_writes() -> None:
    pace = pacing.of_number(replace(account(), channel_settings=ChannelSettings(messages_per_s=0.5)))
    assert pace is not None
    assert pacing.wait_s(None, pace, NOW, leaving=pacing.left_to_messages(pace)) == 0
