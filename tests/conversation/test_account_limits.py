"""How much may be sent on one day, and when that day begins and ends."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conversation import account_limits
from conversation.account_limits import AccountLimits
from conversation.errors import BadInput

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def test_what_is_kept_is_what_differs_and_what_is_shown_is_all() -> None:
    limits = account_limits.read({"max_paid_per_day": 50})
    assert limits == AccountLimits(max_paid_per_day=50)
    assert account_limits.plain(limits) == {"max_paid_per_day": 50}
    assert account_limits.whole(limits) == {"max_messages_per_day": None, "max_paid_per_day": 50}
    assert account_limits.read({"max_paid_per_day": None}) == AccountLimits()


@pytest.mark.parametrize("facts", [{"max_paid": 3}, {"max_paid_per_day": -1}, {"max_messages_per_day": "many"}])
def test_what_is_no_limit_is_told(facts: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        account_limits.read(facts)


def test_the_day_is_the_accounts_own() -> None:
    late = datetime(2026, 11, 24, 2, 30, tzinfo=timezone.utc)  # half past eleven in the evening there
    assert account_limits.day_of(late, SAO_PAULO) == "2026-11-23"
    assert account_limits.day_begins(late, SAO_PAULO) == datetime(2026, 11, 23, 3, tzinfo=timezone.utc)
    assert account_limits.seconds_left(late, SAO_PAULO) == 30 * 60


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is() -> None:
    lisbon, midnight = ZoneInfo("Europe/Lisbon"), datetime(2026, 10, 24, 23, tzinfo=timezone.utc)
    assert account_limits.seconds_left(midnight, lisbon) == 25 * 3600
