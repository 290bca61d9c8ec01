"""What somebody who takes over is told at once."""

from __future__ import annotations

from typing import Any

from conversation import window
from conversation.account import Channel
from conversation.errors import SendError
from conversation.message import MessageStatus
from store import notes, ratings, tags, trackers
from tests.handover.conftest import Api
from tests.house import START, Script, Stage


async def context(api: Api, conversation_id: str) -> dict[str, Any]:
    status, body = await api.get(f"/conversations/{conversation_id}/context")
    assert status == 200
    return dict(body)


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value, "timestamp": 1.0}


def user(text: str, *ranking: tuple[str, float]) -> dict[str, Any]:
    ranked = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    parsed = {"intent": ranked[0], "intent_ranking": ranked} if ranked else {}
    return {"event": "user", "text": text, "parse_data": parsed, "timestamp": 1.0}


async def test_why_by_whom_and_what_was_said(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("Quero falar com alguém!")
    for i in range(11):
        await stage.hears(f"linha {i}")
    await api.post(f"/conversations/{conversation_id}/request", body={"reason": "anger", "priority": "urgent"})
    await stage.db.write(tags.put, conversation_id, "vip", by="ana", now=START)
    await stage.db.write(notes.add, conversation_id, "Cliente antigo.", by="ben", now=START)
    shown = await context(api, conversation_id)
    assert (shown["reason"], shown["request"]["priority"], shown["queue_place"]) == ("anger", "urgent", 1)
    assert [m["text"] for m in shown["last_messages"]] == [f"linha {i}" for i in range(1, 11)]
    assert (shown["tags"], [n["text"] for n in shown["notes"]]) == (["vip"], ["Cliente antigo."])
    assert shown["previous_owner"] is None
    await api.post(f"/conversations/{conversation_id}/take")
    await api.post(f"/conversations/{conversation_id}/release")
    shown = await context(api, conversation_id)
    assert (shown["previous_owner"], shown["request"]["state"]) == ("ana", "answered")


async def test_what_the_model_thought_and_how_sure_it_was(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    events = [
        user("um", ("greet", 0.9)),
        user("dois", ("ask_menu", 0.8)),
        user("recorded while a person had it"),
        user("três", ("order", 0.5), ("ask_menu", 0.3), ("greet", 0.1), ("thank", 0.05)),
        user("quatro", ("complaint", 0.7)),
    ]
    await stage.db.write(trackers.append, conversation_id, events, now=START)
    understood = (await context(api, conversation_id))["understood"]
    assert [(each["text"], each["intent"]) for each in understood] == [
        ("dois", "ask_menu"),
        ("três", "order"),
        ("quatro", "complaint"),
    ]
    assert understood[1]["confidence"] == 0.5
    assert [(each["name"], each["confidence"]) for each in understood[1]["ranking"]] == [
        ("order", 0.5),
        ("ask_menu", 0.3),
        ("greet", 0.1),
    ]


async def test_the_slots_of_this_session_as_they_are_now(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    events = [
        slot("order_number", "1"),
        slot("from_before", "x"),
        {"event": "session_started", "timestamp": 1.0},
        slot("order_number", "12"),
        slot("order_number", "4711"),
        slot("dish", "moqueca"),
        slot("dish", None),
        slot("requested_slot", "order_number"),
        slot("agent_verdict", {"answer": True}),
        slot("useless_answers", 2),
    ]
    await stage.db.write(trackers.append, conversation_id, events, now=START)
    assert (await context(api, conversation_id))["slots"] == {"order_number": "4711", "useless_answers": 2}
    forgets = [{"event": "restart", "timestamp": 1.0}, slot("dish", "feijoada")]
    await stage.db.write(trackers.append, conversation_id, forgets, now=START)
    assert (await context(api, conversation_id))["slots"] == {"dish": "feijoada"}


async def test_what_failed_and_what_helps(stage: Stage, api: Api) -> None:
    api.language = None  # Portuguese, where nobody says otherwise
    conversation_id = await stage.hears()
    stage.channel.answers.append(SendError("Meta refused: the access token is not accepted (190).", error_code=190))
    async with stage.delivering():
        await api.post(f"/conversations/{conversation_id}/reply", body={"text": "um"})
        await api.post(f"/conversations/{conversation_id}/reply", body={"text": "dois"})
        await stage.sent(1)
    error = "131026 Message undeliverable"
    await stage.report("wamid.out.1", MessageStatus.FAILED, error=error)
    failed = (await context(api, conversation_id))["failed"]
    assert [(each["kind"], each["status"]) for each in failed] == [("send", "failed"), ("send", "failed")]
    assert failed[0]["detail"] == error
    assert "bloqueou a loja" in failed[0]["cure"]
    assert "token" in failed[1]["cure"]
    _, page = await api.get(f"/conversations/{conversation_id}/messages")
    assert [m["cure"] is None for m in page["items"]] == [True, False, False]


async def test_turns_that_failed_and_mail_that_is_parked(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("veneno")
    stage.dialogue.script += [Script(raises=RuntimeError("boom")) for _ in range(3)]
    await stage.turn(conversation_id)
    (trying,) = (await context(api, conversation_id))["failed"]
    assert (trying["kind"], trying["detail"]) == ("turn", "RuntimeError")
    for _ in range(2):
        stage.clock.wind(60)
        await stage.turn(conversation_id)
    (parked,) = (await context(api, conversation_id))["failed"]
    assert (parked["kind"], parked["detail"]) == ("parked", "RuntimeError")


async def test_how_long_the_window_is_open_and_what_holds_when_it_is_not(stage: Stage, api: Api) -> None:
    api.language = None  # Portuguese, where nobody says otherwise
    conversation_id = await stage.hears()
    stage.clock.wind(3_600)
    shown = (await context(api, conversation_id))["window"]
    assert shown == {"open": True, "closes_at": "2026-03-03T12:00:00.000+00:00", "seconds_left": 23 * 3600}
    stage.clock.wind(23 * 3_600)
    shown = (await context(api, conversation_id))["window"]
    assert (shown["open"], shown["seconds_left"], shown["may_send"]) == (False, 0, ["template"])
    assert shown["words"] == window.rule(Channel.WHATSAPP).words["pt"]


async def test_what_the_customer_said_of_the_help_they_had(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    assert (await context(api, conversation_id))["rating"] is None
    await stage.db.write(ratings.ask, conversation_id, "ana", START)
    await stage.db.write(ratings.give, conversation_id, 4, START)
    rating = (await context(api, conversation_id))["rating"]
    assert (rating["score"], rating["operator"]) == (4, "ana")
