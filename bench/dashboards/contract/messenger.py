"""/messenger/ (bare lists) and /messaging/messenger/, with the same tails"""

from __future__ import annotations

from typing import Any

from bench.dashboards import objects
from bench.dashboards.given import SECRET, Given
from bench.dashboards.kinds import Kind, array, envelope, full, more, one_of
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, Then, must

_FORM = {
    "page_id": "{unknown}",
    "page_name": "{new_name}",
    "page_access_token": f"{SECRET}-page",
}
_PROFILE = {
    "greeting": [{"locale": "default", "text": "Hello!"}],
    "ice_breakers": [{"question": "Where are you?", "payload": "WHERE"}],
}


def _generation(prefix: str, *, bare: bool) -> list[Row]:
    """`bare`: as the seed's pages read it."""
    talk = objects.MESSENGER_SEED_CONVERSATION if bare else objects.MESSENGER_CONVERSATION
    message = objects.MESSENGER_MESSAGE
    account = objects.MESSENGER_ACCOUNT
    accounts, talks = f"{prefix}/accounts/", f"{prefix}/conversations/"
    one, own = f"{accounts}{{spare}}/", f"{talks}{{talk}}/"

    def row(ask: str, mark: str, **more_: Any) -> Row:
        return Row(ask=ask, mark=mark, on="messenger", **more_)

    def listed(kind: Kind, **same: Any) -> Kind:
        return array(kind, **same) if bare else envelope(kind, **same)

    async def is_verified(given: Given, answer: Answer) -> None:
        shown = await given.page.ask("GET", accounts)
        spare = await given.get("spare")
        found = [each["webhook_verified"] for each in shown.results if each["id"] == spare]
        must(found == [True], f"the list says webhook_verified {found}")

    async def is_off(given: Given, answer: Answer) -> None:
        shown = await given.page.ask("GET", accounts)
        spare = await given.get("spare")
        found = [each["is_active"] for each in shown.results if each["id"] == spare]
        must(found == [False], f"the list says is_active {found}")
        must(not await given.is_answered_to("are you off?"), "the assistant answers on a Page that is off")

    async def is_gone(given: Given, answer: Answer) -> None:
        shown = await given.page.ask("GET", accounts)
        must(await given.get("spare") not in [each["id"] for each in shown.results], "it is still in the list")

    async def sides(given: Given, answer: Answer) -> None:
        found = [each["is_from_page"] for each in answer.results]
        must(found[0] is False and True in found, f"is_from_page is {found}")

    async def is_seen(given: Given, answer: Answer) -> None:
        shown = await given.page.ask("GET", talks)
        unanswered = await given.get("unanswered")
        found = [each["unread_count"] for each in shown.results if each["id"] == unanswered]
        must(found == [0], f"the list says {found} unread")

    verify = [f"POST {one}verify-webhook/"] if bare else [f"POST {one}sync/"]
    return [
        row(f"GET {accounts}", "R", shape=listed(account)),
        row(f"POST {accounts}", "C", body=_FORM, status=(200, 201), shape=account),
        row(
            f"POST {accounts}",
            "C",
            note="connections form",
            body={**_FORM, "name": "{new_name}"},
            status=(200, 201),
            shape=account,
        ),
        row(f"GET {one}", "C", shape=account),
        row(f"PATCH {one}", "C", body={"is_active": False}, shape=more(account, is_active=one_of(False)), then=is_off),
        row(f"DELETE {one}", "C", status=(204,), then=is_gone),
        *(row(ask, "C" if bare else "R", then=is_verified) for ask in verify),
        row(f"GET {talks}", "R", shape=listed(talk, newest="last_message_at", within_s=1.0)),
        row(f"GET {talks}", "R", query={"account": "{account}"}, shape=listed(talk)),
        row(f"GET {own}", "L", shape=talk),
        row(f"GET {own}messages/", "R", shape=listed(message, least=2, oldest="created_at"), then=sides),
        row(
            f"POST {own}send-message/",
            "R",
            body={"content": "text of {talk}", "message_type": "text"},
            status=(200, 201),
            shape=more(message, is_from_page=one_of(True), content=full),
            then=_arrives,
        ),
        row(f"POST {talks}{{unanswered}}/mark-read/", "R", then=is_seen),
        row(f"GET {one}profile/", "L", shape=objects.MESSENGER_PROFILE),
        row(f"PATCH {one}profile/", "L", body=_PROFILE, shape=objects.MESSENGER_PROFILE, then=_greets(one)),
    ]


async def _arrives(given: Given, answer: Answer) -> None:
    times = await given.heard(f"text of {await given.get('talk')}")
    must(times == 1, f"the customer got it {times} times")


def _greets(one: str) -> Then:
    async def then(given: Given, answer: Answer) -> None:
        path = await given.filled(f"{one}profile/")
        shown = await given.page.ask("GET", path)
        for name, value in _PROFILE.items():
            must(shown.body[name] == value, f"{name} is {shown.body[name]}")

    return then


ROWS = (
    *_generation("/messenger", bare=True),
    *_generation("/messaging/messenger", bare=False),
)
