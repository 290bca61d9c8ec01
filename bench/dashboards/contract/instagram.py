"""/instagram/…, as two generations of pages ask"""

from __future__ import annotations

from typing import Any

from bench.dashboards import objects
from bench.dashboards.given import SECRET, Given
from bench.dashboards.kinds import array, either, envelope, flag, full, more, of, one_of
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, both, must

_ON = "instagram"
_ACCOUNTS, _TALKS = "/instagram/accounts/", "/instagram/conversations/"
_ONE = f"{_ACCOUNTS}{{spare}}/"
TALK, MESSAGE, SEED = objects.INSTAGRAM_CONVERSATION, objects.INSTAGRAM_MESSAGE, objects.INSTAGRAM_SEED_MESSAGE
_OURS = {"direction": one_of("outbound"), "is_from_business": one_of(True)}
_FORM = {
    "name": "{new_name}",
    "instagram_account_id": "{unknown}",
    "instagram_user_id": "{unknown}",
    "username": "shop",
    "access_token": f"{SECRET}-instagram",
    "facebook_page_id": "200000000000777",
    "app_id": "",
    "app_secret": "",
    "webhook_verify_token": "",
    "messaging_enabled": True,
    "auto_response_enabled": True,
}


async def _both_say_the_same(given: Given, answer: Answer) -> None:
    talk = await given.get("talk")
    seed = await given.page.ask("GET", "/instagram/messages/", query={"conversation_id": talk})
    now = await given.page.ask("GET", f"{_TALKS}{talk}/messages/")
    ids = [each["id"] for each in now.results]
    must([each["id"] for each in seed.results] == ids[::-1], "the two generations are told two chats")
    sides = {each["direction"]: each["is_from_business"] for each in now.results}
    must(sides == {"inbound": False, "outbound": True}, f"the sides of the bubbles are {sides}")


async def _arrives(given: Given, answer: Answer) -> None:
    times = await given.heard(f"text of {await given.get('talk')}")
    must(times == 1, f"the customer got it {times} times")
    must(answer.body["content"], "the bubble is empty")


async def _is_of_one_account(given: Given, answer: Answer) -> None:
    account = await given.get("account")
    must({each["account"] for each in answer.results} == {account}, "talks of other accounts are among them")


async def _is_read(given: Given, answer: Answer) -> None:
    listed = await given.page.ask("GET", _TALKS)
    found = [each["unread_count"] for each in listed.results if each["id"] == await given.get("unanswered")]
    must(found == [0], f"the list says {found} unread")


async def _typing_is_seen(given: Given, answer: Answer) -> None:
    customer = await given.get("customer")
    seen = await given.scene.product.journal.arrived(
        customer.number, lambda r: r.kind == "typing" and r.to == customer.address, 20.0
    )
    must(seen is not None, "the customer is shown nothing")


async def _is_off(given: Given, answer: Answer) -> None:
    listed = await given.page.ask("GET", _ACCOUNTS)
    found = [each["is_active"] for each in listed.results if each["id"] == await given.get("spare")]
    must(found == [False], f"the list says is_active {found}")
    must(not await given.is_answered_to("are you off?"), "the assistant answers on an account that is off")


async def _is_gone(given: Given, answer: Answer) -> None:
    listed = await given.page.ask("GET", _ACCOUNTS)
    must(await given.get("spare") not in [each["id"] for each in listed.results], "it is still in the list")


def _row(ask: str, mark: str, **more: Any) -> Row:
    return Row(ask=ask, mark=mark, on=_ON, **more)


def _spelled(ask: str, *tails: str, methods: tuple[str, ...] = ("POST",), **same: Any) -> list[Row]:
    return [row for method in methods for row in both(f"{method} {ask}*/", *tails, on=_ON, **same)]


_SYNCED = of(synced=flag)
_PEER = {"account_id": "{account}", "recipient_id": "{reached}"}
_MINE = {"account_id": "{account}", "recipient_id": "{held}"}

ROWS = (
    _row(f"GET {_ACCOUNTS}", "R", shape=envelope(objects.INSTAGRAM_ACCOUNT)),
    _row(f"POST {_ACCOUNTS}", "C", body=_FORM, status=(200, 201), shape=objects.INSTAGRAM_ACCOUNT),
    _row(f"GET {_ONE}", "C", shape=objects.INSTAGRAM_ACCOUNT),
    _row(
        f"PATCH {_ONE}",
        "C",
        body={"is_active": False},
        shape=more(objects.INSTAGRAM_ACCOUNT, is_active=one_of(False)),
        then=_is_off,
    ),
    _row(f"DELETE {_ONE}", "C", status=(204,), then=_is_gone),
    _row(f"POST {_ONE}sync/", "R", shape=of(status=full, message=full)),
    *_spelled(_ONE, "sync_profile", "sync-profile", methods=("GET", "POST"), mark="C", shape=_SYNCED),
    *_spelled(_ONE, "sync_conversations", "sync-conversations", mark="C", shape=_SYNCED),
    _row(f"POST {_ONE}refresh-token/", "C"),
    _row(f"GET {_ACCOUNTS}{{account}}/stats/", "R", shape=objects.INSTAGRAM_STATS),
    _row(f"GET {_ACCOUNTS}connect-url/", "R", shape=of(url=full), one_word=True),
    _row(
        f"GET {_TALKS}",
        "R",
        query={"account": "{account}"},
        shape=envelope(TALK, newest="last_message_at", within_s=1.0),
        then=_is_of_one_account,
    ),
    _row(f"GET {_TALKS}", "R", query={"account_id": "{account}"}, shape=envelope(TALK), then=_is_of_one_account),
    _row(
        f"GET {_TALKS}{{talk}}/messages/",
        "R",
        shape=either(envelope(MESSAGE, least=2, oldest="created_at"), array(MESSAGE, least=2, oldest="created_at")),
        then=_both_say_the_same,
    ),
    _row(
        "GET /instagram/messages/",
        "R",
        query={"conversation_id": "{talk}"},
        shape=envelope(SEED, least=2, newest="created_at"),
    ),
    _row(
        f"POST {_TALKS}{{talk}}/send_message/",
        "R",
        body={"content": "text of {talk}", "message_type": "TEXT"},
        status=(200, 201),
        shape=more(MESSAGE, **_OURS, content=full),
        then=_arrives,
    ),
    _row(
        "POST /instagram/send-message/",
        "R",
        body={**_PEER, "text": "text of {talk}"},
        status=(200, 201),
        shape=more(SEED, **_OURS, content=full, text_content=full),
        then=_arrives,
    ),
    _row("POST /instagram/typing/", "R", body=_MINE, then=_typing_is_seen),
    _row("POST /instagram/typing/", "R", note="of a talk that the assistant has", body=_PEER),
    _row("POST /instagram/mark-seen/", "R", body={"account_id": "{account}", "sender_id": "{reached}"}),
    _row(
        f"POST {_TALKS}{{unanswered}}/mark_as_read/",
        "R",
        shape=more(TALK, unread_count=one_of(0)),
        then=_is_read,
    ),
)
