"""What Meta remembers, read as if it had been told: the same kinds, the same words, whoever wrote it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.meta_past import MetaPast
from conversation.account import Channel
from conversation.arrivals import Attachment, Echo, EchoSource, Inbound
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from runtime.abilities import PastConversation
from tests.connectors.graph_pages import INSTAGRAM, PAGE, TOKEN, Pages, refusal, serving

RITA = {"id": "7000000000000001", "name": "Rita Lima"}
SHOP = {"id": PAGE, "name": "Cantina"}
AT = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
TALK = PastConversation(id="t_1", updated_at=AT, addresses=())


class Watch:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with serving() as found:
        yield found


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def past(watch: Watch) -> AsyncIterator[MetaPast]:
    graph = GraphClient()
    yield MetaPast(graph, sleep=watch.sleep, monotonic=watch.monotonic)
    await graph.close()


def message(**given: Any) -> dict[str, Any]:
    made = {"id": "m_1", "created_time": "2026-03-02T12:00:00+0000", "from": RITA, "to": {"data": [SHOP]}}
    return {**made, "message": "oi", **given}


async def read(pages: Pages, past: MetaPast, *found: Any, **reach: Any) -> Any:
    pages.answers["GET /t_1"] = {"id": "t_1", "messages": {"data": list(found)}}
    return await past.messages(pages.reach(**reach), TALK)


async def test_conversations_come_page_by_page_and_the_address_with_the_token_is_not_followed(
    pages: Pages, past: MetaPast
) -> None:
    people = {"data": [RITA, SHOP]}
    talk = {"id": "t_1", "updated_time": "2026-03-02T12:00:00+0000", "participants": people}
    paging = {"cursors": {"before": "a", "after": "b"}, "next": "https://elsewhere.example/?access_token=x"}
    ends = {"cursors": {"before": "b", "after": "c"}}
    pages.answers[f"GET /{PAGE}/conversations"] = [{"data": [talk], "paging": paging}, {"data": [], "paging": ends}]
    first = await past.conversations(pages.reach())
    (found,) = first.conversations
    assert (found.id, found.updated_at, found.name) == ("t_1", AT, "Rita Lima")
    assert found.addresses == (Address(kind=AddressKind.PSID, value=RITA["id"]),)
    assert first.after == "b"
    last = await past.conversations(pages.reach(), after=first.after)
    assert (list(last.conversations), last.after) == ([], None)
    queries = [query for _, _, query in pages.asked]
    assert [query["platform"] for query in queries] == ["messenger", "messenger"]
    assert [query.get("after") for query in queries] == [None, "b"]
    assert pages.tokens == {f"Bearer {TOKEN}"}, "in the header, never in an address"


async def test_instagram_through_facebook_is_asked_for_through_its_page(pages: Pages, past: MetaPast) -> None:
    pages.answers[f"GET /{PAGE}/conversations"] = {"data": []}
    await past.conversations(pages.reach(Channel.INSTAGRAM, page_id=PAGE))
    assert pages.asked[0][2]["platform"] == "instagram"


async def test_who_wrote_decides_and_the_oldest_comes_first(pages: Pages, past: MetaPast) -> None:
    later = {"created_time": "2026-03-02T12:00:05+0000"}
    found = await read(
        pages, past, message(id="m_2", message="tem sim", **{"from": SHOP, "to": {"data": [RITA]}, **later}), message()
    )
    question, reply = found
    assert isinstance(question, Inbound) and isinstance(reply, Echo)
    rita = (Address(kind=AddressKind.PSID, value=RITA["id"]),)
    assert (question.account, question.addresses, question.provider_id) == (PAGE, rita, "m_1")
    assert (question.text, question.name, question.sent_at, question.recovered) == ("oi", "Rita Lima", AT, True)
    assert (reply.addresses, reply.text, reply.source) == (rita, "tem sim", EchoSource.PHONE)
    assert reply.may_be_ours and reply.recovered


async def test_two_of_one_second_stay_in_their_order(pages: Pages, past: MetaPast) -> None:
    found = await read(pages, past, message(id="m_2", message="b"), message(message="a"))
    assert [each.text for each in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("attached", "kind", "file"),
    [
        ({"mime_type": "image/jpeg", "image_data": {"url": "https://cdn.example/a"}}, "image", "https://cdn.example/a"),
        ({"mime_type": "video/mp4", "video_data": {"url": "https://cdn.example/b"}}, "video", "https://cdn.example/b"),
        ({"mime_type": "audio/mp4", "file_url": "https://cdn.example/c"}, "audio", "https://cdn.example/c"),
        ({"name": "conta.pdf", "file_url": "https://cdn.example/d"}, "document", "https://cdn.example/d"),
        ({"type": "image", "payload": {"url": "https://cdn.example/e"}}, "image", "https://cdn.example/e"),
    ],
)
async def test_what_is_attached_is_read_in_either_form(
    pages: Pages, past: MetaPast, attached: dict[str, Any], kind: str, file: str
) -> None:
    (found,) = await read(pages, past, message(message="", attachments={"data": [attached]}))
    assert (found.kind, found.text) == (kind, None)
    assert found.attachments == (Attachment(kind=kind, url=file),)


async def test_what_was_answered_is_named(pages: Pages, past: MetaPast) -> None:
    (found,) = await read(pages, past, message(reply_to={"mid": "m_0"}))
    assert (found.kind, found.reply_to) == ("text", "m_0")


async def test_what_meta_does_not_show_is_shown_as_that(pages: Pages, past: MetaPast) -> None:
    (found,) = await read(pages, past, message(message="", is_unsupported=True))
    assert found.kind == "unsupported"


@pytest.mark.parametrize(
    "bare",
    [
        {"id": "m_0"},
        {"id": "m_0", "created_time": "2026-03-02T11:00:00+0000"},
        {"id": "m_0", "created_time": "2026-03-02T11:00:00+0000", "message": "?", "to": {"data": [RITA]}},
        {"id": "m_0", "created_time": "2026-03-02T11:00:00+0000", "message": "?", "from": SHOP},
        {},
        "?",
    ],
)
async def test_what_has_no_details_any_more_is_left_out(pages: Pages, past: MetaPast, bare: Any) -> None:
    found = await read(pages, past, message(), bare)
    assert [each.provider_id for each in found] == ["m_1"]


@pytest.mark.parametrize("sender", [{"id": INSTAGRAM}, {"id": "998877", "username": "cantina"}, {"id": PAGE}])
async def test_instagram_knows_the_account_under_several_ids(
    pages: Pages, past: MetaPast, sender: dict[str, str]
) -> None:
    rita = {"id": "7000000000000001", "username": "ritinha"}
    (found,) = await read(
        pages,
        past,
        message(**{"from": sender, "to": {"data": [rita]}}),
        channel=Channel.INSTAGRAM,
        page_id=PAGE,
        username="cantina",
    )
    assert isinstance(found, Echo) and found.account == INSTAGRAM
    assert found.addresses == (Address(kind=AddressKind.IGSID, value=rita["id"]),)


async def test_an_account_is_asked_twice_a_second_at_most(pages: Pages, past: MetaPast, watch: Watch) -> None:
    pages.answers[f"GET /{PAGE}/conversations"] = {"data": []}
    for _ in range(5):
        await past.conversations(pages.reach())
    assert watch.slept >= 2.0
    slept = watch.slept
    watch.now += 10
    await past.conversations(pages.reach())
    assert watch.slept == slept, "who has waited need not wait again"


async def test_a_throttle_says_that_it_passes(pages: Pages, past: MetaPast) -> None:
    pages.answers[f"GET /{PAGE}/conversations"] = refusal(613)
    with pytest.raises(SendError) as caught:
        await past.conversations(pages.reach())
    assert caught.value.retryable
