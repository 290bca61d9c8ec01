"""/auth/…"""

from __future__ import annotations

from dataclasses import replace

from bench.dashboards import objects
from bench.dashboards.given import PASSWORD, Given
from bench.dashboards.kinds import full, of
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, must

_NEW = "another long pass phrase"


async def _is_refused(given: Given, answer: Answer) -> None:
    asked = {"email": await given.get("person"), "password": "wrong"}
    refused = await given.page.signed_out().ask("POST", "/auth/login/", asked)
    must(refused.status == 401, f"a wrong password is answered {refused}")
    must(isinstance(refused.body.get("detail"), str), f"a wrong password is answered without words: {refused}")


async def _signs_in(given: Given, answer: Answer) -> None:
    await _is_refused(given, answer)
    page = await given.get("signed_in")
    me = await page.ask("GET", "/auth/me/")
    must(me.status == 200 and me.body["username"] == await given.get("person"), f"/auth/me/ then says {me}")


async def _is_signed_out(given: Given, answer: Answer) -> None:
    page = await given.get("signed_in")
    must((await page.ask("GET", "/auth/me/")).status == 401, "the token works after its log-out")


async def _goes_on(given: Given, answer: Answer) -> None:
    """With the token it was given, and from then on with the new password."""
    page = replace(await given.get("signed_in"), token=answer.body["token"])
    must((await page.ask("GET", "/auth/me/")).status == 200, "the token that was answered does not work")
    asked = {"email": await given.get("person"), "password": _NEW}
    must((await page.signed_out().ask("POST", "/auth/login/", asked)).status == 200, "the new password is refused")


async def _is_asked_for(given: Given, answer: Answer) -> None:
    must(answer.body["username"] == await given.get("person"), f"it is {answer.body['username']}")


ROWS = (
    Row(
        ask="POST /auth/login/",
        mark="R",
        body={"email": "{person}", "password": PASSWORD},
        shape=objects.SIGNED_IN,
        then=_signs_in,
        signed_in=False,
    ),
    Row(ask="GET /auth/me/", mark="C", by="signed_in", shape=objects.ME, then=_is_asked_for),
    Row(ask="POST /auth/logout/", mark="C", by="signed_in", status=(200, 204), then=_is_signed_out),
    Row(
        ask="POST /auth/change-password/",
        mark="C",
        by="signed_in",
        body={"old_password": PASSWORD, "new_password": _NEW},
        shape=of(message=full, token=full),
        then=_goes_on,
    ),
)
