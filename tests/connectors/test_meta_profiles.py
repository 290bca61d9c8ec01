"""Who somebody is, as far as Meta tells; and when it never will."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.meta_profiles import MetaProfiles
from conversation.account import Channel
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from runtime.abilities import Profile
from tests.connectors.graph_pages import Pages, refusal, serving

RITA = "7000000000000001"


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with serving() as found:
        yield found


@pytest.fixture
async def profiles() -> AsyncIterator[MetaProfiles]:
    graph = GraphClient()
    yield MetaProfiles(graph)
    await graph.close()


async def asked(pages: Pages, profiles: MetaProfiles, answer: Any, kind: AddressKind) -> Profile | None:
    pages.answers[f"GET /{RITA}"] = answer
    channel = Channel.INSTAGRAM if kind is AddressKind.IGSID else Channel.MESSENGER
    return await profiles.profile(pages.reach(channel), Address(kind=kind, value=RITA))


async def test_messenger_tells_a_name_and_a_picture(pages: Pages, profiles: MetaProfiles) -> None:
    answer = {"first_name": "Rita", "last_name": "Lima", "profile_pic": "https://cdn.example/r.jpg", "id": RITA}
    found = await asked(pages, profiles, answer, AddressKind.PSID)
    assert found == Profile(
        name="Rita Lima",
        picture_url="https://cdn.example/r.jpg",
        facts={"first_name": "Rita", "last_name": "Lima"},
    )
    wanted = pages.asked[0][2]["fields"].split(",")
    assert not {"locale", "timezone", "gender"} & set(wanted), "they need a permission more"


async def test_instagram_tells_a_user_name_and_who_follows_whom(pages: Pages, profiles: MetaProfiles) -> None:
    answer = {"name": "Rita", "username": "ritinha", "follower_count": 3, "is_user_follow_business": True, "odd": {}}
    found = await asked(pages, profiles, answer, AddressKind.IGSID)
    facts = {"follower_count": 3, "is_user_follow_business": True}
    assert found == Profile(name="Rita", username="ritinha", facts=facts)


async def test_a_profile_with_nothing_in_it_is_one(pages: Pages, profiles: MetaProfiles) -> None:
    assert await asked(pages, profiles, {"id": RITA}, AddressKind.PSID) == Profile()


@pytest.mark.parametrize("error", [refusal(230), refusal(100, error_subcode=2018001)])
async def test_who_can_never_be_looked_at_is_nobody(pages: Pages, profiles: MetaProfiles, error: Any) -> None:
    assert await asked(pages, profiles, error, AddressKind.IGSID) is None


@pytest.mark.parametrize("error", [refusal(10), refusal(200), refusal(190), refusal(4), refusal(100, error_subcode=33)])
async def test_what_may_be_mended_is_raised(pages: Pages, profiles: MetaProfiles, error: Any) -> None:
    with pytest.raises(SendError):
        await asked(pages, profiles, error, AddressKind.PSID)


async def test_who_wrote_through_a_plugin_has_no_profile(pages: Pages, profiles: MetaProfiles) -> None:
    assert await asked(pages, profiles, {}, AddressKind.USER_REF) is None
    assert pages.asked == []
