"""A check of an account through the API: its steps, in the reader's language, and the first that fails."""

from __future__ import annotations

import pytest

from store import audit
from tests import services
from tests.handover.conftest import Api
from tests.house import NUMBER, Stage

CHECK = f"/accounts/{NUMBER}/check"


@services.sqlite_only
async def test_a_check_names_the_first_step_that_fails_in_the_readers_language(api: Api) -> None:
    status, told = await api.post(CHECK, by="chefe", body={})

    assert status == 200
    assert (told["ok"], told["first_failed"]) == (False, "address")
    by_step = {step["step"]: step for step in told["steps"]}
    assert [step for step, found in by_step.items() if found["verdict"] == "failed"] == ["address"]
    assert by_step["address"]["cure"]
    assert by_step["account"]["verdict"] == "ok"
    assert by_step["name"]["verdict"] == by_step["handshake"]["verdict"] == by_step["send"]["verdict"] == "skipped"
    assert (told["meta"], told["last_webhook_at"]) == ({"quality": "GREEN"}, None)
    api.language = "pt-BR"
    _, portuguese = await api.post(CHECK, by="chefe", body={})
    assert portuguese["steps"][1]["found"] == "BATON_PUBLIC_URL não está definida."


@services.sqlite_only
@pytest.mark.parametrize("to", ["5", "Ana", "+55 11 98888 7777; rm"])
async def test_what_is_no_number_is_not_written_to(api: Api, to: str) -> None:
    assert (await api.post(CHECK, by="chefe", body={"to": to}))[0] == 400


@services.sqlite_only
async def test_a_test_message_is_written_down_without_whom_it_went_to_and_a_look_is_not(stage: Stage, api: Api) -> None:
    await api.post(CHECK, by="chefe", body={})
    await api.post(CHECK, by="chefe", body={"to": "+55 11 98888-7777"})
    (entry,) = await stage.db.read(audit.entries)
    assert (entry.by, entry.action, entry.facts["account_id"]) == ("chefe", "check_account", NUMBER)
    assert "98888" not in repr(entry)
