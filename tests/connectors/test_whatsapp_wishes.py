"""WhatsApp tells what a contact wants of marketing: it is read as their wish, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import whatsapp_parse
from conversation.arrivals import Arrival, MarketingWish
from conversation.contact import Address, AddressKind
from tests.connectors.only import only, unfamiliar

NOW = datetime.fromtimestamp(1790000000, timezone.utc) + timedelta(days=1)
ANA = (Address(kind=AddressKind.BSUID, value="BR.1001"), Address(kind=AddressKind.PHONE, value="5511988880001"))

Parse = Callable[..., list[Arrival]]


@pytest.fixture
def parse(payload: Callable[[str, str], Any]) -> Parse:
    def parsed(**told: Any) -> list[Arrival]:
        body = payload("whatsapp", "user_preferences")
        body["entry"][0]["changes"][0]["value"]["user_preferences"][0].update(told)
        return whatsapp_parse.parse(body, NOW)

    return parsed


@pytest.mark.parametrize(("value", "wanted"), [("stop", False), ("resume", True), ("signup", True)])
def test_a_wish_is_the_contacts_and_says_what_they_want(parse: Parse, value: str, wanted: bool) -> None:
    wish = only(MarketingWish, parse(value=value))
    assert (wish.addresses, wish.wanted, wish.account) == (ANA, wanted, "700000000000001")
    assert wish.at == datetime.fromtimestamp(1790000000, timezone.utc)


def test_the_same_wish_is_known_again_and_a_later_one_is_another(parse: Parse) -> None:
    first, again, later = parse(), parse(), parse(timestamp=1790000001)
    assert only(MarketingWish, first).key == only(MarketingWish, again).key != only(MarketingWish, later).key


@pytest.mark.parametrize("told", [{"value": "bla"}, {"value": ["stop"]}, {"category": "other"}, {"category": None}])
def test_what_says_something_else_is_only_kept(parse: Parse, told: dict[str, Any]) -> None:
    assert unfamiliar(parse(**told)).kind == "user_preferences"


def test_a_wish_of_nobody_is_kept(parse: Parse) -> None:
    assert unfamiliar(parse(wa_id=None, user_id=None)).kind == "unreadable_wish"
