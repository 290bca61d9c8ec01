"""Where the facts about a shop come from, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actions.shop import ShopError, shop_of
from tests.actions.given import make_tracker


def test_without_settings_the_shop_is_the_sample_in_shop_yml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_FILE", raising=False)

    shop = shop_of(make_tracker())

    assert shop.name == "Cantina da Praça"
    assert shop.time_zone.key == "America/Sao_Paulo"
    assert shop.hours[0] == ()


def test_the_accounts_facts_stand_over_the_file_one_by_one(shop_file: Callable[..., Path]) -> None:
    shop_file(name="From the file", phone="1")
    own = {"name": "Bar do Zé", "menu_link": None}

    shop = shop_of(make_tracker(metadata={"shop": own}))

    assert shop.name == "Bar do Zé"
    assert shop.phone == "1"
    assert shop.menu_link == "https://cantina.example/menu"


def test_an_edited_file_is_read_again(shop_file: Callable[..., Path]) -> None:
    path = shop_file(name="Before")
    assert shop_of(make_tracker()).name == "Before"

    shop_file(name="After")
    os.utime(path, ns=(1, 1))

    assert shop_of(make_tracker()).name == "After"


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"hours": {"montag": ["10:00-12:00"]}}, "hours"),
        ({"hours": {"monday": "10:00-12:00"}}, "hours"),
        ({"hours": {"monday": ["10 to 12"]}}, "hours"),
        ({"delivery_area": "Centro"}, "delivery_area"),
        ({"name": "  "}, "name"),
        ({"menu_link": 7}, "menu_link"),
    ],
)
def test_a_fact_that_cannot_be_read_is_named_and_not_replaced_by_the_samples(facts: dict[str, Any], named: str) -> None:
    with pytest.raises(ShopError, match=named):
        shop_of(make_tracker(metadata={"shop": facts}))
