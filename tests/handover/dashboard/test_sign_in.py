"""The dashboard's sign-in: a name where it asks for an e-mail address, a session that all its requests go on with."""

from __future__ import annotations

import pytest

from store import sign_ins
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.house import START, Stage

GOOD, FRESH, WRONG = "uma senha bem comprida", "outra senha bem comprida", "uma senha bem errada"


@pytest.fixture
async def form(stage: Stage, api: Api) -> dict[str, str]:
    """What the form sends of Ana, who has a password."""
    hashed = await api.house.sign_ins.hash(GOOD, "ana")
    await stage.db.write(sign_ins.set_password, "ana", hashed)
    return {"email": "ana", "password": GOOD}


async def test_whoever_signs_in_goes_on_with_the_token_until_they_sign_out(
    dash: Dashboard, form: dict[str, str]
) -> None:
    status, signed_in = await dash.by(None).post("/auth/login/", form)
    assert status == 200
    assert {name: signed_in[name] for name in ("user_id", "email", "first_name", "last_name", "username")} == {
        **{"user_id": "ana", "email": "ana", "first_name": "ana"},
        **{"last_name": "", "username": "ana"},
    }
    ana = dash.by(signed_in["token"])
    status, me = await ana.get("/auth/me/")
    assert (status, me["username"], me["is_staff"], me["is_superuser"], me["is_active"]) == (
        *(200, "ana", False),
        *(False, True),
    )
    assert me["date_joined"] == START.isoformat(timespec="milliseconds")
    assert (await ana.post("/auth/logout/"))[0] == 204
    assert (await ana.get("/auth/me/"))[0] == 401


@services.sqlite_only
async def test_what_is_wrong_is_told_alike_in_words_and_shuts_the_name_out(
    dash: Dashboard, form: dict[str, str]
) -> None:
    nobody = dash.by(None)
    answers = [await nobody.post("/auth/login/", {**form, "password": WRONG}) for _ in range(5)]
    answers.append(await nobody.post("/auth/login/", {"email": "quem", "password": WRONG}))
    assert {status for status, _ in answers} == {401}
    assert {body["error"]["message"] for _, body in answers} == {"The name or the password is wrong."}
    status, locked = await nobody.post("/auth/login/", form)
    assert (status, locked["error"]["code"]) == (429, "locked")
    _, told = await nobody.reading("pt").post("/auth/login/", {"email": "quem", "password": WRONG})
    assert told["detail"] == "O nome ou a senha está errada."


@services.sqlite_only
async def test_a_new_password_ends_the_other_sessions_and_this_one_goes_on(
    dash: Dashboard, form: dict[str, str]
) -> None:
    here, elsewhere = [dash.by((await dash.by(None).post("/auth/login/", form))[1]["token"]) for _ in range(2)]
    status, refused = await here.post("/auth/change-password/", {"old_password": WRONG, "new_password": FRESH})
    assert (status, refused["error"]["code"]) == (400, "wrong_password")
    status, changed = await here.post("/auth/change-password/", {"old_password": GOOD, "new_password": FRESH})
    assert (status, changed["token"], changed["message"]) == (200, here.who, "The password is changed.")
    assert (await here.get("/auth/me/"))[0] == 200
    assert (await elsewhere.get("/auth/me/"))[0] == 401
    assert (await dash.by(None).post("/auth/login/", {**form, "password": FRESH}))[0] == 200


@services.sqlite_only
async def test_only_the_dashboards_own_word_stands_before_the_token(api: Api, dash: Dashboard) -> None:
    assert (await api.call("GET", "/api/v1/auth/me/", by="ana"))[0] == 401, "Bearer is our own API's"
    assert (await dash.by(None).get("/auth/me/"))[0] == 401
    status, refused = await dash.by("nonsense").get("/auth/me/")
    assert (status, refused["error"]["code"]) == (401, "unauthorized")
    assert "Token" in refused["detail"]
    assert (await dash.get("/auth/me/"))[1]["is_superuser"] is True


@services.sqlite_only
async def test_the_name_may_stand_under_either_of_the_two_words_that_revisions_of_the_page_use(
    dash: Dashboard, form: dict[str, str]
) -> None:
    nobody = dash.by(None)
    status, signed_in = await nobody.post("/auth/login/", {"username": "ana", "password": GOOD})
    assert (status, signed_in["username"]) == (200, "ana")
    assert (await nobody.post("/auth/login/", {"email": "", "username": "ana", "password": GOOD}))[0] == 200
    assert (await nobody.post("/auth/login/", {"username": "ana", "password": WRONG}))[0] == 401
    for nameless in ({"password": GOOD}, {"username": " ", "password": GOOD}):
        status, refused = await nobody.post("/auth/login/", nameless)
        assert (status, "email" in refused["detail"]) == (400, True)
