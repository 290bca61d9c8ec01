"""Every route of the dashboard's, as it is registered: nobody is let in without a token, and what is of an account that
is not theirs is not there, for an admin either."""

from __future__ import annotations

import json

from handover import documented
from handover.documented import Documented
from handover.manners import OURS
from store import notes, people
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.house import ANA, NUMBER, OTHER_NUMBER, START, Stage, add_account

pytestmark = services.sqlite_only

SECRET = "moqueca-secreta"
#: What a path names that is of an account.
OF_AN_ACCOUNT = ("conversation_id", "account_id", "request_id", "message_id", "session_id")
#: Something that each handler would be content with; what one does not know, it ignores.
BODY = {
    **{"content": "oi", "text": "oi", "texto": "/bot off", "message": "oi", "tag": "vip", "name": "x", "code": "x"},
    **{"access_token": "EAAB-a-new-token", "agent_id": "ben", "context": {}, "to": ANA, "account_id": NUMBER},
    **{"recipient_id": ANA, "sender_id": ANA, "conversation_id": "", "is_active": False, "email": "x", "password": "x"},
    **{"old_password": "x", "new_password": "uma senha bem comprida"},
}
#: What a handler must not have done with somebody else's.
_REFUSALS = {400, 404, 415, 501}


def dashboards(api: Api) -> list[Documented]:
    found = {id(known): known for route in api.app.router.routes if (known := documented.of(route.handler)) is not None}
    return [known for known in found.values() if known.part != OURS.name and not known.path.startswith("/ws")]


async def test_nobody_comes_in_without_a_token_but_where_the_code_says_why(api: Api, dash: Dashboard) -> None:
    routes = dashboards(api)
    assert len(routes) > 100
    open_to_all = {known.path for known in routes if known.role is None}
    assert open_to_all == {"/auth/login/", "/dashboard-files/<media_id:int>/<until:int>/<seal:str>/"}
    for known in routes:
        if known.role is not None:
            path = "/".join("7" if part.startswith("<") else part for part in known.path.split("/"))
            for nobody in (None, "wrong"):
                status, refused = await dash.by(nobody).call(known.method, path)
                assert status == 401, (known.method, known.path)
                assert isinstance(refused["detail"], str)


async def test_what_is_of_another_account_is_not_there_on_any_route(stage: Stage, api: Api, dash: Dashboard) -> None:
    conversation_id = await stage.hears(SECRET)
    await stage.ownership.request(conversation_id, by="ana")
    await stage.db.write(notes.add, conversation_id, "oi", by="ana", now=START)
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await stage.db.write(people.set_accounts, "chefe", [other.id])
    names = {
        **{"conversation_id": conversation_id, "session_id": conversation_id, "account_id": stage.account.id},
        **{"request_id": "1", "message_id": "1", "agent_id": stage.agent.id},
    }
    before = await stage.conversation(conversation_id)
    for known in dashboards(api):
        if known.role is None or known.path.startswith("/auth/"):
            continue
        path = known.path
        for name, value in names.items():
            path = path.replace(f"<{name}:str>", value).replace(f"<{name}:int>", value)
        path = "/".join("7" if part.startswith("<") else part for part in path.split("/"))
        body = {**BODY, "conversation_id": conversation_id, "account_id": stage.account.id}
        given = None if known.method == "GET" else body
        status, shown = await dash.call(known.method, path, given)
        told = json.dumps(shown)
        assert SECRET not in told and (status >= 400 or conversation_id not in told), (known.method, known.path)
        if any(f"<{name}:" in known.path for name in OF_AN_ACCOUNT):
            assert status in _REFUSALS, (known.method, known.path, status)
    assert await stage.conversation(conversation_id) == before, "nobody has changed anything of it"


async def test_no_refusal_tells_what_is_anothers_from_what_is_not_there(
    stage: Stage, api: Api, dash: Dashboard
) -> None:
    conversation_id = await stage.hears("oi")
    await stage.ownership.request(conversation_id, by="ana")
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await stage.db.write(people.set_accounts, "chefe", [other.id])
    anothers = {
        "conversation_id": conversation_id,
        "account_id": stage.account.id,
        "request_id": "1",
        "message_id": "1",
    }
    nobodys = {"conversation_id": "cnv_none", "account_id": "acc_none", "request_id": "7", "message_id": "7"}
    known = [each for each in dashboards(api) if any(f"<{name}:" in each.path for name in anothers)]
    assert len(known) > 80
    for each in known:
        told = []
        for names in (anothers, nobodys):
            path = each.path
            for name, value in names.items():
                path = path.replace(f"<{name}:str>", value).replace(f"<{name}:int>", value)
            status, shown = await dash.call(each.method, path, None if each.method == "GET" else BODY)
            words = shown["detail"]
            for value in sorted(names.values(), key=len, reverse=True):
                words = words.replace(value, "…")
            told.append((status, words))
        assert told[0] == told[1], (each.method, each.path)


async def test_what_only_an_admin_may_is_refused_to_others_without_signing_them_out(
    stage: Stage, api: Api, dash: Dashboard
) -> None:
    only_admins = [known for known in dashboards(api) if known.role is Role.ADMIN]
    assert {known.method for known in only_admins} >= {"POST", "PATCH", "DELETE"}
    for known in only_admins:
        path = "/".join("7" if part.startswith("<") else part for part in known.path.split("/"))
        status, refused = await dash.by("sonia").call(known.method, path, BODY)
        assert status == 400 and "admin" in refused["detail"], (known.method, known.path, status)
