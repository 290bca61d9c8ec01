"""Personas, and what a customer finds in an empty chat."""

from __future__ import annotations

from typing import Any

import pytest

PAGE, GRAM = "200000000000001", "17840000000000001"
START = {"get_started": {"payload": "START"}}
PICTURE = "https://shop.example/lu.png"


@pytest.fixture
def settings(settings: Any) -> Any:
    linked = {"channel": "instagram", "id": GRAM, "page_id": PAGE}
    return {**settings, "accounts": [{"channel": "messenger", "id": PAGE}, linked]}


def menu(*buttons: Any, locale: str = "default") -> Any:
    return {"persistent_menu": [{"locale": locale, "call_to_actions": list(buttons)}]}


def button(n: int = 1, **changes: Any) -> Any:
    return {"type": "postback", "title": f"Botão {n}", "payload": f"B{n}", **changes}


def breakers(count: int, locale: str = "default") -> Any:
    questions = [{"question": f"{n}?", "payload": f"Q{n}"} for n in range(count)]
    return {"ice_breakers": [{"locale": locale, "call_to_actions": questions}]}


async def sets(emulator: Any, body: Any, query: str = "") -> tuple[int, Any]:
    answer: tuple[int, Any] = await emulator.ask("POST", f"{PAGE}/messenger_profile{query}", json=body)
    return answer


async def shown(emulator: Any, query: str) -> Any:
    return (await emulator.ask("GET", f"{PAGE}/messenger_profile?{query}"))[1]["data"]


@pytest.mark.parametrize(
    "body",
    [
        START,
        {**START, **menu(*[button(n) for n in range(20)])},
        menu(button(type="web_url", url="https://shop.example")) | START,
        breakers(4),
        {"ice_breakers": breakers(4)["ice_breakers"][0]["call_to_actions"]},
        {"greeting": [{"locale": "default", "text": "x" * 160}]},
    ],
)
async def test_what_fits_is_kept_and_shown(emulator: Any, body: Any) -> None:
    status, answer = await sets(emulator, body)

    assert (status, answer) == (200, {"result": "success"})
    assert await shown(emulator, f"fields={','.join(body)}") == [body]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"telepathy": 1},
        {"get_started": {"payload": "x" * 1001}},
        menu(button()),
        {**START, **menu(*[button(n) for n in range(21)])},
        {**START, **menu({"type": "nested", "title": "Mais", "call_to_actions": []})},
        {**START, **menu(button(), locale="pt_BR")},
        breakers(5),
        breakers(1, locale="pt_BR"),
        {"greeting": [{"locale": "default", "text": "x" * 161}]},
    ],
)
async def test_what_does_not_fit_is_error_100_and_changes_nothing(emulator: Any, body: Any) -> None:
    status, answer = await sets(emulator, body)

    assert (status, answer["error"]["code"]) == (400, 100)
    assert await shown(emulator, "fields=get_started,persistent_menu,ice_breakers,greeting") == []


async def test_get_started_stays_while_there_is_a_menu(emulator: Any) -> None:
    await sets(emulator, {**START, **menu(button())})
    path = f"{PAGE}/messenger_profile"

    alone, _ = await emulator.ask("DELETE", path, json={"fields": ["get_started"]})
    both, _ = await emulator.ask("DELETE", path, json={"fields": ["get_started", "persistent_menu"]})

    assert (alone, both, await shown(emulator, "fields=get_started")) == (400, 200, [])


async def test_instagram_has_its_own_and_not_all_of_it(emulator: Any) -> None:
    taken, _ = await sets(emulator, breakers(1), "?platform=instagram")
    refused, _ = await sets(emulator, START, "?platform=instagram")

    assert (taken, refused) == (200, 400)
    assert await shown(emulator, "fields=ice_breakers&platform=instagram") == [breakers(1)]
    assert await shown(emulator, "fields=ice_breakers") == []


async def test_a_persona_is_made_listed_used_and_deleted(emulator: Any) -> None:
    persona = {"name": "L" * 50, "profile_picture_url": PICTURE}
    status, made = await emulator.ask("POST", f"{PAGE}/personas", json=persona)
    _, listed = await emulator.ask("GET", f"{PAGE}/personas")
    _, alone = await emulator.ask("GET", made["id"])
    deleted, _ = await emulator.ask("DELETE", made["id"])
    _, after = await emulator.ask("GET", f"{PAGE}/personas")

    assert (status, deleted, after) == (200, 200, {"data": []})
    assert alone == {**persona, "id": made["id"]}
    assert listed == {"data": [alone]}


@pytest.mark.parametrize(
    ("account", "persona", "code"),
    [
        (PAGE, {"name": "L" * 51, "profile_picture_url": PICTURE}, 100),
        (PAGE, {"name": "", "profile_picture_url": PICTURE}, 100),
        (PAGE, {"name": "Lu", "profile_picture_url": "lu.png"}, 100),
        (PAGE, {"name": "Lu"}, 100),
        (GRAM, {"name": "Lu", "profile_picture_url": PICTURE}, 100),
    ],
)
async def test_a_persona_that_meta_would_refuse_is_refused(
    emulator: Any, account: str, persona: Any, code: int
) -> None:
    status, answer = await emulator.ask("POST", f"{account}/personas", json=persona)

    assert (status, answer["error"]["code"]) == (400, code)
