"""Whether Meta tells us; and that it does, of all it knows by the names we know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.meta_subscription import MetaSubscription
from conversation.account import Channel
from conversation.errors import SendError
from tests.connectors.graph_pages import INSTAGRAM, PAGE, Pages, refusal, serving

ASK, ORDER = f"GET /{PAGE}/subscribed_apps", f"POST /{PAGE}/subscribed_apps"
DONE = {"success": True}


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with serving() as found:
        yield found


@pytest.fixture
async def subscription() -> AsyncIterator[MetaSubscription]:
    graph = GraphClient()
    yield MetaSubscription(graph)
    await graph.close()


def orders(pages: Pages) -> list[list[str]]:
    return [query["subscribed_fields"].split(",") for method, _, query in pages.asked if method == "POST"]


@pytest.mark.parametrize(
    ("told", "app_id", "is_on"),
    [
        ([], None, False),
        ([{"id": "11", "name": "Baton"}], None, True),
        ([{"id": "11", "name": "Baton"}], "11", True),
        ([{"id": "99", "name": "Another"}], "11", False),
        ([{"id": 11}], "11", True),
        ([{"name": "Baton"}], "11", True),  # of an app without a number nobody can say whose it is
    ],
)
async def test_we_are_told_where_our_app_is_among_those(
    pages: Pages, subscription: MetaSubscription, told: list[Any], app_id: str | None, is_on: bool
) -> None:
    pages.answers[ASK] = {"data": told}
    settings: dict[str, Any] = {"app_id": app_id} if app_id else {}
    assert await subscription.is_on(pages.reach(**settings)) is is_on


async def test_it_is_turned_on_with_the_fields_of_the_channel(pages: Pages, subscription: MetaSubscription) -> None:
    pages.answers |= {ORDER: DONE, f"POST /{INSTAGRAM}/subscribed_apps": DONE}
    await subscription.turn_on(pages.reach())
    await subscription.turn_on(pages.reach(Channel.INSTAGRAM, login="instagram"))
    page, instagram = orders(pages)
    assert {"messages", "message_echoes", "message_reads", "standby"} <= set(page)
    assert {"messages", "messaging_seen", "comments"} <= set(instagram) and "message_echoes" not in instagram


async def test_an_instagram_account_through_facebook_leaves_its_page_what_messenger_needs(
    pages: Pages, subscription: MetaSubscription
) -> None:
    pages.answers[ORDER] = DONE
    await subscription.turn_on(pages.reach(Channel.INSTAGRAM, page_id=PAGE))
    await subscription.turn_on(pages.reach())
    through_page, of_page = orders(pages)
    assert through_page == of_page


async def test_a_name_that_is_refused_is_dropped_by_its_place(pages: Pages, subscription: MetaSubscription) -> None:
    pages.answers[ORDER] = [refusal(100, "Param subscribed_fields[3] is not one."), DONE]
    await subscription.turn_on(pages.reach())
    first, second = orders(pages)
    assert second == first[:3] + first[4:]


async def test_where_meta_says_which_it_knows_the_others_are_dropped(
    pages: Pages, subscription: MetaSubscription
) -> None:
    known = "messages, messaging_postbacks, message_reads, feed"
    pages.answers[ORDER] = [refusal(100, f"Param subscribed_fields[9] must be one of {{{known}}}"), DONE]
    await subscription.turn_on(pages.reach())
    assert orders(pages)[1] == ["messages", "messaging_postbacks", "message_reads"]


@pytest.mark.parametrize("said", ["", "Invalid parameter", "Param subscribed_fields[0] is not one."])
async def test_where_it_says_nothing_of_use_the_few_that_are_needed_remain(
    pages: Pages, subscription: MetaSubscription, said: str
) -> None:
    pages.answers[ORDER] = [refusal(100, said), DONE]
    await subscription.turn_on(pages.reach())
    assert orders(pages)[1] == ["messages", "messaging_postbacks"]


async def test_what_remains_refused_is_raised(pages: Pages, subscription: MetaSubscription) -> None:
    pages.answers[ORDER] = refusal(100, "Invalid parameter")
    with pytest.raises(SendError):
        await subscription.turn_on(pages.reach())
    assert len(orders(pages)) == 2


async def test_no_names_are_dropped_for_another_reason(pages: Pages, subscription: MetaSubscription) -> None:
    pages.answers[ORDER] = refusal(190, "Param subscribed_fields[3] is not one.")
    with pytest.raises(SendError):
        await subscription.turn_on(pages.reach())
    assert len(orders(pages)) == 1
