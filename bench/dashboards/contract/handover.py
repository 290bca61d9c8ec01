"""…/handover/human, bot, status, logs and request, in both generations of paths; the queue"""

from __future__ import annotations

from bench.dashboards import objects
from bench.dashboards.given import Given
from bench.dashboards.kinds import array, either, envelope, full, more, of, one_of
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, both, must

PREFIXES = ("/handover/conversations/{talk}/handover", "/conversations/{talk}/handover")
_TO_HUMAN = more(objects.HANDOVER_RESPONSE, handover_status=one_of("human"))
_TO_BOT = more(objects.HANDOVER_RESPONSE, handover_status=one_of("bot"))


async def _stands(given: Given, mode: str, standing: str) -> None:
    """The refresh of the list, 60 s later, must not flip the button back."""
    talk = await given.get("talk")
    listed = await given.page.ask("GET", "/conversations/", query={"page": "1", "page_size": "200"})
    row = next((each for each in listed.results if each["id"] == talk), None)
    must(row is not None, "the conversation is not in the list")
    assert row is not None
    must(row["mode"] == mode, f"the list says mode {row['mode']}, not {mode}")
    must(row["handover_status"] == standing, f"the list says handover_status {row['handover_status']}, not {standing}")


async def _is_a_persons(given: Given, answer: Answer) -> None:
    await _stands(given, "human", "human")
    must(not await given.is_answered_to("are you there?"), "the assistant answers what a person has")


async def _is_the_bots(given: Given, answer: Answer) -> None:
    """And so it is when a person gives it back."""
    await _stands(given, "auto", "bot")
    talk = await given.get("talk")
    await given.page.ask("POST", f"/handover/conversations/{talk}/handover/human/")
    back = await given.page.ask("POST", f"/handover/conversations/{talk}/handover/bot/", {})
    must(back.status == 200 and back.body["handover_status"] == "bot", f"given back it is {back}")
    await _stands(given, "auto", "bot")
    must(await given.is_answered_to("are you there?"), "the assistant does not answer what it was given back")


async def _waits(given: Given, answer: Answer) -> None:
    talk = await given.get("talk")
    listed = await given.page.ask("GET", "/handover/requests/")
    found = [each for each in listed.results if each["conversation"] == talk and each["status"] == "pending"]
    must(len(found) == 1, f"it is in the queue {len(found)} times")
    must(found[0]["id"] == answer.body["request_id"], "the queue has another id for it")
    shown = await given.page.ask("GET", f"/conversations/{talk}/")
    must(shown.body["handover_status"] == "pending", f"handover_status is {shown.body['handover_status']}")
    must(shown.body["mode"] in ("human", "hybrid"), f"the mode is {shown.body['mode']} while somebody waits")


async def _is_approved(given: Given, answer: Answer) -> None:
    await _stands(given, "human", "human")
    await _ends(given, "approve", "approved")


async def _is_rejected(given: Given, answer: Answer) -> None:
    await _ends(given, "reject", "rejected")


async def _ends(given: Given, click: str, status: str) -> None:
    """What has ended is in the list still, and ends but once."""
    asked = await given.get("asked")
    for second in ("approve", "reject"):
        again = await given.page.ask("POST", f"/handover/requests/{asked}/{second}/", {})
        must(again.status == 400, f"{second} after {click} is answered {again}")
    listed = await given.page.ask("GET", "/handover/requests/")
    found = [each["status"] for each in listed.results if each["id"] == asked]
    must(found == [status], f"in the list it is {found}")


_REQUESTS = "/handover/requests/"

ROWS = (
    *both("POST */human/", *PREFIXES, mark="R", shape=_TO_HUMAN, then=_is_a_persons),
    *both("POST */bot/", *PREFIXES, mark="R", body={}, shape=_TO_BOT, then=_is_the_bots),
    *both("GET */status/", *PREFIXES, mark="L", shape=objects.HANDOVER_STATUS),
    *both(
        "POST */request/",
        *PREFIXES,
        mark="L",
        body={"reason": "complaint", "priority": "high"},
        status=(201,),
        shape=of(success=one_of(True), request_id=full, status=one_of("pending"), message=full),
        then=_waits,
    ),
    *both(
        "GET */logs/",
        *(each.replace("{talk}", "{unanswered}") for each in PREFIXES),
        mark="L",
        shape=array(objects.HANDOVER_LOG),
    ),
    Row(
        ask=f"GET {_REQUESTS}",
        mark="R",
        shape=either(
            envelope(objects.HANDOVER_REQUEST, newest="created_at", least=0), array(objects.HANDOVER_REQUEST, least=0)
        ),
    ),
    Row(
        ask=f"POST {_REQUESTS}{{asked}}/approve/",
        mark="R",
        body={},
        shape=of(success=one_of(True), message=full, conversation_id=full, assigned_to=full),
        then=_is_approved,
    ),
    Row(
        ask=f"POST {_REQUESTS}{{asked}}/reject/",
        mark="C",
        shape=of(success=one_of(True), message=full),
        then=_is_rejected,
    ),
    Row(
        ask="GET /handover/logs/",
        mark="L",
        shape=either(envelope(objects.HANDOVER_LOG, least=0), array(objects.HANDOVER_LOG, least=0)),
    ),
)
