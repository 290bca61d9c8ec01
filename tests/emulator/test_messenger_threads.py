"""Which app may write to a customer: told, asked for, and enforced when that is wanted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.pages import OUR_APP, PAGE, PAGE_INBOX, Account, with_pages

ANOTHER = "99"


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return with_pages(settings)


@pytest.fixture
async def page(emulator: Any, product: Any) -> Account:
    page = Account(emulator, product, PAGE)
    await page.say(text="oi")
    return page


async def owner(page: Account) -> str | None:
    status, answer = await page.emulator.ask("GET", f"{PAGE}/thread_owner?recipient={page.ana}")
    assert status == 200, answer
    thread = answer["data"][0].get("thread_owner")
    return thread["app_id"] if thread else None


async def order(page: Account, name: str, **body: Any) -> int:
    return (await page.ask({"recipient": {"id": page.ana}, **body}, f"{name}_thread_control"))[0]


async def test_a_thread_is_passed_taken_and_released(page: Account, emulator: Any) -> None:
    assert await owner(page) is None
    assert await order(page, "pass", target_app_id=PAGE_INBOX, metadata="m" * 1000) == 200
    assert await owner(page) == str(PAGE_INBOX)
    assert await order(page, "take") == 200
    assert await owner(page) == OUR_APP
    assert await order(page, "release") == 200
    assert await owner(page) is None
    kinds = [entry["kind"] for entry in (await emulator.requests(""))["items"]]
    assert kinds == ["thread"] * 7


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("pass", {}),
        ("pass", {"target_app_id": "inbox"}),
        ("pass", {"target_app_id": ANOTHER, "metadata": "m" * 1001}),
        ("take", {"recipient": {"id": "1000000000000000"}}),
        ("extend", {"duration": 8 * 24 * 3600}),
        ("steal", {}),
    ],
)
async def test_an_order_that_is_wrong_changes_nothing(page: Account, name: str, body: Any) -> None:
    assert await order(page, name, **body) == 400
    assert await owner(page) is None


@pytest.mark.parametrize(
    ("how", "key", "told"),
    [
        (
            "passed",
            "pass_thread_control",
            {"previous_owner_app_id": 99, "new_owner_app_id": int(OUR_APP), "metadata": "x"},
        ),
        (
            "taken",
            "take_thread_control",
            {"previous_owner_app_id": int(OUR_APP), "new_owner_app_id": 99, "metadata": "x"},
        ),
        ("requested", "request_thread_control", {"requested_owner_app_id": 99, "metadata": "x"}),
    ],
)
async def test_the_product_is_told_who_may_write_now(page: Account, how: str, key: str, told: Any) -> None:
    await page.control("thread", control=how, app_id=ANOTHER, metadata="x")
    (item,) = page.told(key)
    assert (item["sender"], item[key]) == ({"id": page.ana}, told)
    assert await owner(page) == {"passed": OUR_APP, "taken": ANOTHER, "requested": None}[how]


async def test_while_another_app_has_it_a_send_is_refused_only_if_that_is_enforced(page: Account) -> None:
    await page.control("thread", control="taken", app_id=ANOTHER)
    await page.sent({"text": "x"})

    await page.emulator.control("PUT", "settings", {"enforce_thread": True})

    assert await page.refused({"text": "x"}) == (10, None)
    assert await order(page, "take") == 200
    await page.sent({"text": "x"})


async def test_a_message_can_hand_the_thread_over(page: Account) -> None:
    await page.sent({"text": "Uma pessoa já vem"}, thread_control={"control_type": "pass", "app_id": PAGE_INBOX})
    assert await owner(page) == str(PAGE_INBOX)
    await page.sent({"text": "De volta"}, thread_control={"control_type": "release"})
    assert await owner(page) is None
