"""/whatsapp/accounts/ and /whatsapp/templates/"""

from __future__ import annotations

from typing import Any

from bench.dashboards import objects
from bench.dashboards.given import SECRET, Given, id_of
from bench.dashboards.kinds import envelope, full, more, of, one_of, whole
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, must

ACCOUNT = objects.WHATSAPP_ACCOUNT
_LIST = "/whatsapp/accounts/"


async def _listed(given: Given, account: str) -> Any:
    found = await given.page.ask("GET", _LIST)
    return next((each for each in found.results if each["id"] == account), None)


async def _is_in_the_list(given: Given, answer: Answer) -> None:
    must(await _listed(given, id_of(answer)) is not None, "it is not in the list")
    shown = await given.page.ask("GET", f"{_LIST}{id_of(answer)}/")
    must(shown.status == 200, f"it is not there: {shown}")


async def _answers_nobody(given: Given, answer: Answer) -> None:
    await _is_in_the_list(given, answer)
    must(
        answer.body["default_agent"] is None, f"default_agent is {answer.body['default_agent']!r}, and none was chosen"
    )


async def _is_edited(given: Given, answer: Answer) -> None:
    must(answer.body["name"] == "Edited", f"the name is {answer.body['name']!r}")
    must(answer.body["auto_response_enabled"] is False, "the automatic answers are still on")


async def _is_off(given: Given, answer: Answer) -> None:
    """And on again."""
    account = id_of(answer)
    must(answer.body["is_active"] is False and answer.body["status"] == "inactive", f"it is {answer}")
    listed = await _listed(given, account)
    must(listed is not None and listed["is_active"] is False, "the list says that it is on")
    must(not await given.is_answered_to("are you off?"), "the assistant answers on an account that is off")
    on = await given.page.ask("PATCH", f"{_LIST}{account}/", {"is_active": True})
    must(on.status == 200 and on.body["is_active"] is True, f"switched on again it is {on}")
    must(await given.is_answered_to("are you on?"), "the assistant does not answer on an account that is on")


async def _is_gone(given: Given, answer: Answer) -> None:
    account = await given.get("spare")
    must(await _listed(given, account) is None, "it is still in the list")
    shown = await given.page.ask("GET", f"{_LIST}{account}/")
    must(shown.status == 404, f"it is still there: {shown}")


async def _is_inactive(given: Given, answer: Answer) -> None:
    must(answer.body["is_active"] is False, "it is on")


async def _is_active(given: Given, answer: Answer) -> None:
    must(answer.body["is_active"] is True, "it is off")


_FORM = {
    "name": "{new_name}",
    "phone_number": "+55 11 4002-8922",
    "phone_number_id": "{unknown}",
    "waba_id": "300000000000001",
    "access_token": f"{SECRET}-form",
}
_WHOLE_FORM = {
    **_FORM,
    "display_phone_number": "+55 11 4002-8922",
    "webhook_verify_token": "",
    "auto_response_enabled": True,
    "human_handoff_enabled": True,
    "default_agent": "",
}
_EDIT = {**_WHOLE_FORM, "name": "Edited", "access_token": "", "auto_response_enabled": False}
del _EDIT["phone_number_id"]

ROWS = (
    Row(ask=f"GET {_LIST}", mark="R", shape=envelope(ACCOUNT)),
    Row(ask=f"POST {_LIST}", mark="C", body=_FORM, status=(200, 201), shape=ACCOUNT, then=_is_in_the_list),
    Row(
        ask=f"POST {_LIST}",
        mark="C",
        note="with no agent",
        body=_WHOLE_FORM,
        status=(200, 201),
        shape=ACCOUNT,
        then=_answers_nobody,
    ),
    Row(ask=f"GET {_LIST}{{account}}/", mark="R", shape=ACCOUNT),
    Row(ask=f"PATCH {_LIST}{{spare}}/", mark="C", body=_EDIT, shape=ACCOUNT, then=_is_edited),
    Row(
        ask=f"PATCH {_LIST}{{spare}}/",
        mark="C",
        note="off and on",
        body={"is_active": False},
        shape=more(ACCOUNT, is_active=one_of(False)),
        then=_is_off,
    ),
    Row(ask=f"DELETE {_LIST}{{spare}}/", mark="C", status=(204,), then=_is_gone),
    Row(ask=f"POST {_LIST}{{spare}}/activate/", mark="C", shape=ACCOUNT, then=_is_active),
    Row(ask=f"POST {_LIST}{{spare}}/deactivate/", mark="C", shape=ACCOUNT, then=_is_inactive),
    Row(ask=f"POST {_LIST}{{spare}}/sync_templates/", mark="C", shape=of(message=full)),
    Row(
        ask=f"POST {_LIST}{{spare}}/rotate_token/",
        mark="C",
        body={"access_token": f"{SECRET}-rotated"},
        shape=of(message=full, token_version=whole),
    ),
    Row(ask=f"GET {_LIST}{{spare}}/business_profile/", mark="R", shape=objects.BUSINESS_PROFILE),
    Row(ask=f"GET {_LIST}{{account}}/status/", mark="L"),
    Row(
        ask="GET /whatsapp/templates/",
        mark="R",
        query={"account": "{account}"},
        shape=envelope(objects.TEMPLATE, least=0),
    ),
    Row(
        ask="GET /whatsapp/templates/",
        mark="R",
        query={"account": "{account}"},
        on="messenger",
        shape=envelope(objects.TEMPLATE, least=0),
    ),
)
