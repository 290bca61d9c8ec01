"""/conversations/: the WhatsApp inbox, the list of all channels, and what a modal of it does"""

from __future__ import annotations

from typing import Any

from bench.dashboards import objects
from bench.dashboards.given import Given
from bench.dashboards.kinds import array, either, envelope, more, of, one_of, things, whole
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, Then, must

_AT = "/conversations/"
_ONE = f"{_AT}{{talk}}/"
TALK = objects.CONVERSATION
HUMAN, AUTO = more(TALK, mode=one_of("human")), more(TALK, mode=one_of("auto"))
_CHANNELS = {"whatsapp", "instagram", "messenger"}


async def _row(given: Given, talk: str, **query: str) -> dict[str, object]:
    found = await given.page.ask("GET", _AT, query={"page": "1", "page_size": "200", **query})
    row = next((each for each in found.results if each["id"] == talk), None)
    must(row is not None, "the conversation is not in the list")
    assert row is not None
    return dict(row)


async def _pages(given: Given, answer: Answer) -> None:
    """Page after page, until there is none."""
    await given.get("talk")
    seen: list[str] = []
    at, count = 1, 1
    while True:
        page = await given.page.ask("GET", _AT, query={"page": str(at), "page_size": "1"})
        must(page.status == 200, f"page {at} is answered {page}")
        seen += [each["id"] for each in page.results]
        count, at = page.body["count"], at + 1
        if page.body["next"] is None or at > 5:
            break
    must(len(seen) == len(set(seen)), "a row comes on two pages")
    must(at > 5 or len(seen) == count, f"{count} are counted, {len(seen)} come")


async def _only_whatsapp(given: Given, answer: Answer) -> None:
    ours = {account for account, _ in (given.scene.accounts["messenger"], given.scene.accounts["instagram"])}
    must(not ours & {each["account"] for each in answer.results}, "the WhatsApp inbox has talks of other channels")


async def _is_found(given: Given, answer: Answer) -> None:
    must(await given.get("talk") in [each["id"] for each in answer.results], "who was searched for is not found")


async def _finds_words(given: Given, answer: Answer) -> None:
    """By what was said too, and nobody where nobody said it."""
    talk, words = await given.get("talk"), f"zanzibar{given.scene.number()}"
    await given.says(words)

    async def found() -> bool:
        listed = await given.page.ask("GET", _AT, query={"page": "1", "page_size": "30", "search": words})
        return [each["id"] for each in listed.results] == [talk]

    await given.until(found, "what was said is found")
    nobody = await given.page.ask("GET", _AT, query={"page": "1", "page_size": "30", "search": "nobody said this"})
    must(nobody.results == [], "a search for what nobody said finds something")


async def _all_channels(given: Given, answer: Answer) -> None:
    must({each["platform"] for each in answer.results} == _CHANNELS, "one of the channels is missing")
    ids = [each["id"] for each in answer.results]
    must(len(ids) == len(set(ids)), "an id comes twice")
    for each in answer.results:
        account, conversation = each["route_params"].get("account"), each["route_params"].get("conversation")
        must(account and conversation == each["source_conversation_id"], f"route_params are {each['route_params']}")
        must(each["route"] == f"/inbox/{each['platform']}", f"the route is {each['route']}")


async def _older(given: Given, answer: Answer) -> None:
    """Back through the chat, message by message, until the first."""
    talk, before, seen = await given.get("talk"), None, []
    while True:
        query = {"limit": "1", **({"before_id": before} if before else {})}
        page = await given.page.ask("GET", f"{_AT}{talk}/messages/", query=query)
        must(page.status == 200, f"the older ones are answered {page}")
        seen += [each["id"] for each in page.results]
        before = page.body["next_before_id"]
        if not page.body["has_more"]:
            break
        must(before is not None, "there is more, and no mark to ask for it by")
    must(seen == [each["id"] for each in answer.results][::-1], f"page by page it is {seen}")


async def _is_read(given: Given, answer: Answer) -> None:
    must(answer.body["unread_count"] == 0, f"unread_count is {answer.body['unread_count']}")
    row = await _row(given, await given.get("unanswered"))
    must(row["unread_count"] == 0, f"the list says {row['unread_count']} unread")


async def _is_unread(given: Given, answer: Answer) -> None:
    must(answer.body["unread_count"] > 0, "what nobody has read is not unread")


def _stands_as(mode: str, silent: bool) -> Then:
    async def then(given: Given, answer: Answer) -> None:
        row = await _row(given, await given.get("talk"))
        must(row["mode"] == mode, f"the list says mode {row['mode']}")
        answered = await given.is_answered_to("are you there?")
        must(answered is not silent, "the assistant answers" if silent else "the assistant does not answer")

    return then


def _has_status(*statuses: str) -> Then:
    async def then(given: Given, answer: Answer) -> None:
        must(answer.body["status"] in statuses, f"the status is {answer.body['status']}")
        again = await given.page.ask("GET", f"{_AT}{await given.get('talk')}/")
        must(again.body["status"] == answer.body["status"], f"then it is {again.body['status']}")

    return then


async def _reopens(given: Given, answer: Answer) -> None:
    talk = await given.get("talk")
    closed = await given.page.ask("POST", f"{_AT}{talk}/close/")
    must(closed.status == 200 and closed.body["status"] == "closed", f"a click on close is answered {closed}")
    opened = await given.page.ask("POST", f"{_AT}{talk}/reopen/")
    must(opened.status == 200 and opened.body["status"] == "open", f"a click on reopen is answered {opened}")


async def _takes_and_gives(given: Given, answer: Answer) -> None:
    talk = await given.get("talk")
    again = await given.page.ask("POST", f"{_AT}{talk}/switch_to_human/", {})
    must(again.status == 200, f"a second click is answered {again}")
    await _stands_as("human", silent=True)(given, answer)
    back = await given.page.ask("POST", f"{_AT}{talk}/switch_to_auto/")
    must(back.status == 200 and back.body["mode"] == "auto", f"given back it is {back}")
    await _stands_as("auto", silent=False)(given, back)


async def _is_noted(given: Given, answer: Answer) -> None:
    talk = await given.get("talk")
    await given.page.ask("POST", f"{_AT}{talk}/add_note/", {"content": "second"})
    listed = await given.page.ask("GET", f"{_AT}{talk}/notes/")
    must([each["content"] for each in listed.body] == ["second", "first"], f"the notes are {listed}, not newest first")


async def _modal(given: Given, answer: Answer) -> None:
    """What the modal loads beside the detail."""
    talk = await given.get("talk")
    chat = await given.page.ask("GET", f"{_AT}{talk}/messages/", query={"limit": "100"})
    notes = await given.page.ask("GET", f"{_AT}{talk}/notes/")
    must(chat.status == notes.status == 200, f"beside it come {chat.status} and {notes.status}")
    for complaint in (*objects.CHAT(chat.body, "messages"), *array(objects.NOTE, least=0)(notes.body, "notes")):
        must(False, complaint)


async def _tagged(given: Given, answer: Answer) -> None:
    must("vip" in answer.body["tags"], f"the tags are {answer.body['tags']}")
    gone = await given.page.ask("POST", f"{_AT}{await given.get('talk')}/remove_tag/", {"tag": "vip"})
    must(gone.status == 200 and "vip" not in gone.body["tags"], f"taken off it is {gone}")


#: WhatsApp tells the time in whole seconds.
_LATEST: dict[str, Any] = {"newest": "last_message_at", "within_s": 1.0}
_LIST = envelope(TALK, **_LATEST)
_MODALS = [
    Row(ask=f"GET {_ONE}", mark="R", on=channel, note=f"with a modal, on {channel}", shape=TALK, then=_modal)
    for channel in sorted(_CHANNELS)
]

ROWS = (
    Row(
        ask=f"GET {_AT}",
        mark="R",
        query={"page": "1", "page_size": "30"},
        shape=_LIST,
        then=_only_whatsapp,
    ),
    Row(ask=f"GET {_AT}", mark="R", shape=_LIST, then=_pages, alone=True),
    Row(ask=f"GET {_AT}", mark="R", query={"account": "{account}"}, shape=_LIST),
    Row(
        ask=f"GET {_AT}",
        mark="R",
        query={"page": "1", "page_size": "30", "search": "{reached}"},
        shape=envelope(TALK),
        then=_is_found,
    ),
    Row(ask=f"GET {_AT}", mark="R", query={"page": "1", "search": ""}, shape=_LIST, then=_finds_words),
    Row(
        ask=f"GET {_AT}universal/",
        mark="R",
        shape=either(envelope(objects.UNIVERSAL, least=3, **_LATEST), array(objects.UNIVERSAL, least=3)),
        then=_all_channels,
    ),
    Row(ask=f"GET {_ONE}", mark="R", shape=TALK),
    *_MODALS,
    Row(ask=f"GET {_ONE}messages/", mark="R", query={"limit": "100"}, shape=objects.CHAT, then=_older),
    Row(ask=f"GET {_AT}{{unanswered}}/", mark="R", shape=TALK, then=_is_unread),
    Row(ask=f"POST {_AT}{{unanswered}}/mark_as_read/", mark="R", shape=TALK, then=_is_read),
    Row(ask=f"POST {_ONE}switch_to_human/", mark="R", body={}, shape=HUMAN, then=_takes_and_gives),
    Row(ask=f"POST {_ONE}switch_to_auto/", mark="R", shape=AUTO, then=_stands_as("auto", silent=False)),
    Row(ask=f"POST {_ONE}resolve/", mark="R", shape=TALK, then=_has_status("resolved")),
    Row(ask=f"POST {_ONE}close/", mark="R", shape=TALK, then=_has_status("closed")),
    Row(ask=f"POST {_ONE}reopen/", mark="R", shape=TALK, then=_reopens),
    Row(ask=f"GET {_ONE}notes/", mark="R", shape=array(objects.NOTE, least=0)),
    Row(
        ask=f"POST {_ONE}add_note/",
        mark="R",
        body={"content": "first"},
        status=(200, 201),
        shape=objects.NOTE,
        then=_is_noted,
    ),
    Row(ask=f"POST {_ONE}add_tag/", mark="C", body={"tag": "vip"}, shape=TALK, then=_tagged),
    Row(
        ask=f"GET {_AT}stats/",
        mark="L",
        query={"account_id": "{account}"},
        shape=of(total=whole, by_status=things, by_mode=things),
    ),
)
