"""What can be read again: profiles and the Conversations API of Messenger and Instagram."""

from __future__ import annotations

from typing import Any

import pytest

PAGE, GRAM, ANA, BEN = "200000000000001", "17840000000000001", "5511988887777", "14155550123"
DETAILS = "messages{id,created_time,from,to,message,reply_to}"


@pytest.fixture
def settings(settings: Any) -> Any:
    linked = {"channel": "instagram", "id": GRAM, "name": "Cantina Gram", "page_id": PAGE}
    accounts = [{"channel": "messenger", "id": PAGE, "name": "Cantina"}, linked]
    customers = [{"name": "Ana Souza", "phone": ANA}, {"name": "Ben", "phone": BEN}]
    return {**settings, "accounts": accounts, "customers": customers, "conversation_calls_per_s": 0}


@pytest.fixture
def writes(emulator: Any) -> Any:
    async def say(account: str, customer: str, **what: Any) -> str:
        said = await emulator.control("POST", "say", {"account": account, "customer": customer, **what})
        return str(said["id"])

    return say


async def list_of(emulator: Any, query: str, node: str = PAGE) -> list[Any]:
    status, answer = await emulator.ask("GET", f"{node}/conversations?{query}")
    assert status == 200, answer
    items: list[Any] = answer["data"]
    return items


async def scoped_id(emulator: Any, platform: str, name: str) -> str:
    """As the product learns it: from a conversation's participants."""
    chats = await list_of(emulator, f"platform={platform}&fields=participants")
    people = [person for chat in chats for person in chat["participants"]["data"]]
    return next(str(p["id"]) for p in people if name in (p.get("name"), p.get("username")))


async def test_a_conversation_is_read_again_newest_first(emulator: Any, writes: Any) -> None:
    first = await writes(PAGE, ANA, text="oi")
    second = await writes(PAGE, ANA, text="tem mesa?", reply_to=first)

    (chat,) = await list_of(emulator, "platform=messenger")
    status, whole = await emulator.ask("GET", f"{chat['id']}?fields={DETAILS}")

    assert chat["id"].startswith("t_")
    assert chat["updated_time"].endswith("+0000")
    assert (status, whole["id"]) == (200, chat["id"])
    newest, oldest = whole["messages"]["data"]
    assert (newest["id"], newest["message"], newest["reply_to"]) == (second, "tem mesa?", {"mid": first})
    assert (oldest["id"], oldest["message"]) == (first, "oi")
    assert "reply_to" not in oldest
    assert oldest["from"]["name"] == "Ana Souza"
    assert oldest["to"]["data"][0]["id"] == PAGE


async def test_the_shops_own_words_from_the_inbox_are_there_too(emulator: Any, writes: Any) -> None:
    await writes(PAGE, ANA, text="oi")
    await emulator.control("POST", "phone", {"account": PAGE, "customer": ANA, "text": "Sou a Lu"})

    (chat,) = await list_of(emulator, f"platform=messenger&fields={DETAILS}")

    assert [(m["from"]["name"], m["message"]) for m in chat["messages"]["data"]] == [
        ("Cantina", "Sou a Lu"),
        ("Ana Souza", "oi"),
    ]


async def test_what_is_no_message_or_was_taken_back_is_not_told(emulator: Any, writes: Any) -> None:
    kept, gone = await writes(GRAM, ANA, text="fica"), await writes(GRAM, ANA, text="sai")
    await writes(GRAM, ANA, reaction={"message_id": kept, "emoji": "👍"})
    await writes(GRAM, ANA, unsend={"message_id": gone})

    (chat,) = await list_of(emulator, f"platform=instagram&fields={DETAILS}")

    assert [m["message"] for m in chat["messages"]["data"]] == ["fica"]


async def test_a_page_and_its_instagram_account_are_told_apart_by_the_platform(emulator: Any, writes: Any) -> None:
    await writes(PAGE, ANA, text="no Messenger")
    await writes(GRAM, BEN, text="no Instagram")

    (by_page,) = await list_of(emulator, f"platform=instagram&fields={DETAILS}")
    (by_itself,) = await list_of(emulator, f"platform=instagram&fields={DETAILS}", node=GRAM)
    (messenger,) = await list_of(emulator, f"platform=messenger&fields={DETAILS}")

    assert by_page == by_itself
    assert by_page["messages"]["data"][0]["message"] == "no Instagram"
    assert set(by_page["messages"]["data"][0]["from"]) == {"username", "id"}
    assert messenger["messages"]["data"][0]["message"] == "no Messenger"


async def test_conversations_come_in_pages_latest_first_and_each_once(emulator: Any, writes: Any) -> None:
    phones = [f"1555000{n:04}" for n in range(5)]
    for n, phone in enumerate(phones):
        await writes(PAGE, phone, text=str(n))

    seen: list[Any] = []
    query = {"platform": "messenger", "limit": "2", "fields": "messages.limit(1){message}"}
    while True:
        _, answer = await emulator.ask("GET", f"{PAGE}/conversations", params=query)
        seen += answer["data"]
        if "next" not in answer.get("paging", {}):
            break
        query["after"] = answer["paging"]["cursors"]["after"]

    assert [chat["messages"]["data"][0]["message"] for chat in seen] == ["4", "3", "2", "1", "0"]


async def test_only_the_newest_twenty_messages_have_details(emulator: Any, writes: Any) -> None:
    ids = [await writes(PAGE, ANA, text=str(n)) for n in range(22)]

    (chat,) = await list_of(emulator, "platform=messenger")
    _, whole = await emulator.ask("GET", f"{chat['id']}/messages?fields=id,message&limit=100")
    old = await emulator.ask("GET", f"{ids[1]}?fields=message")
    new = await emulator.ask("GET", f"{ids[2]}?fields=message,from")

    assert [m["id"] for m in whole["data"]] == ids[::-1]
    assert ["message" in m for m in whole["data"]] == [True] * 20 + [False] * 2
    assert (old[0], old[1]["error"]["code"]) == (400, 100)
    assert "has been deleted" in str(old[1])
    assert (new[0], new[1]["message"]) == (200, "2")


async def test_a_third_call_within_a_second_is_error_613(emulator: Any, writes: Any) -> None:
    await emulator.control("PUT", "settings", {"conversation_calls_per_s": 2})
    answers = [await emulator.ask("GET", f"{PAGE}/conversations") for _ in range(3)]

    assert [answer.get("error", {}).get("code") for _, answer in answers] == [None, None, 613]
    assert (await emulator.requests("kind=conversations"))["items"][2]["status"] == 400


async def test_ids_may_come_without_what_webhooks_put_before_them(emulator: Any, writes: Any) -> None:
    await emulator.control("PUT", "settings", {"past_ids": "bare"})
    own_id = await writes(PAGE, ANA, text="oi")

    (chat,) = await list_of(emulator, f"platform=messenger&fields={DETAILS}")

    assert own_id.startswith("m_")
    assert chat["messages"]["data"][0]["id"] == own_id[2:]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{PAGE}/conversations?platform=whatsapp", 100),
        (f"{PAGE}/conversations?fields=messages{{id", 100),
        (f"{PAGE}/conversations?limit=0", 100),
        (f"{PAGE}/conversations?after=nonsense", 100),
        ("t_1/messages", 100),
    ],
)
async def test_what_is_asked_wrongly_is_refused(emulator: Any, path: str, code: int) -> None:
    status, answer = await emulator.ask("GET", path)

    assert (status, answer["error"]["code"]) == (400, code)


async def test_nothing_is_read_without_a_token(emulator: Any, writes: Any) -> None:
    await writes(PAGE, ANA, text="oi")
    (chat,) = await list_of(emulator, "platform=messenger")
    ana = await scoped_id(emulator, "messenger", "Ana Souza")

    for path in (f"{PAGE}/conversations", chat["id"], ana):
        status, answer = await emulator.ask("GET", path, token="")
        assert (status, answer["error"]["code"]) == (401, 190), path


async def test_who_wrote_has_a_profile_with_a_picture_that_is_served_here(emulator: Any, writes: Any) -> None:
    await writes(PAGE, ANA, text="oi")
    ana = await scoped_id(emulator, "messenger", "Ana Souza")

    status, profile = await emulator.ask("GET", f"{ana}?fields=first_name,last_name,profile_pic,locale")

    picture = profile.pop("profile_pic")
    assert (status, profile) == (200, {"first_name": "Ana", "last_name": "Souza", "id": ana})
    async with emulator.http.get(picture) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert (await response.read()).startswith(b"\x89PNG")


async def test_a_pictures_address_expires(emulator: Any, writes: Any) -> None:
    await emulator.control("PUT", "settings", {"cdn_url_ms": 0})
    await writes(PAGE, ANA, text="oi")
    ana = await scoped_id(emulator, "messenger", "Ana Souza")

    _, profile = await emulator.ask("GET", f"{ana}?fields=profile_pic")

    async with emulator.http.get(profile["profile_pic"]) as response:
        assert response.status == 403


async def test_an_instagram_profile_has_a_user_name(emulator: Any, writes: Any) -> None:
    await writes(GRAM, ANA, text="oi")
    (chat,) = await list_of(emulator, "platform=instagram&fields=participants")
    ana = chat["participants"]["data"][0]

    _, profile = await emulator.ask("GET", f"{ana['id']}?fields=name,username,is_verified_user")

    wanted = {"name": "Ana Souza", "username": ana["username"], "is_verified_user": False, "id": ana["id"]}
    assert profile == wanted


async def test_of_somebody_who_never_wrote_nothing_is_told(emulator: Any, writes: Any) -> None:
    await writes(PAGE, ANA, text="oi")
    ana = await scoped_id(emulator, "messenger", "Ana Souza")
    await emulator.control("POST", "reset")

    status, answer = await emulator.ask("GET", f"{ana}?fields=first_name")

    assert (status, answer["error"]["code"]) == (400, 230)
