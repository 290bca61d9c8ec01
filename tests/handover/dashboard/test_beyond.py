"""What the dashboard asks for beside the six systems, and what is not served yet: answered so that no page breaks."""

from __future__ import annotations

import pytest

from tests import services
from tests.handover.dashboard.conftest import Dashboard

pytestmark = services.sqlite_only


async def test_there_is_no_store_and_nothing_to_be_notified_of(ana: Dashboard) -> None:
    assert await ana.get("/stores/stores/") == (200, {"count": 0, "next": None, "previous": None, "results": []})
    assert (await ana.get("/notifications/"))[1]["results"] == []
    assert await ana.get("/notifications/unread_count/") == (200, {"count": 0})
    assert (await ana.get("/stores/cantina/subscription/"))[0] == 404


LATER = [
    ("GET", "/whatsapp/accounts/acc_x/qr/"),
    ("POST", "/whatsapp/messages/send_catalog_menu/"),
    *((method, f"/messenger/broadcasts/{tail}") for method in ("GET", "POST") for tail in ("", "7/", "7/send/")),
    *(("POST", f"/messaging/messenger/broadcasts/{tail}") for tail in ("", "7/schedule/", "7/cancel/")),
    *(("PATCH", f"{prefix}/sponsored/7/") for prefix in ("/messenger", "/messaging/messenger")),
    ("POST", "/messaging/messenger/sponsored/7/publish/"),
]


@pytest.mark.parametrize(("method", "path"), LATER)
async def test_what_is_not_served_yet_says_so_in_the_dashboards_body(ana: Dashboard, method: str, path: str) -> None:
    status, refused = await ana.call(method, path)
    assert (status, refused["error"]["code"]) == (501, "not_yet")
    assert refused["detail"] == refused["error"]["message"]
    _, told = await ana.reading("pt").call(method, path)
    assert told["detail"] != refused["detail"]
    assert (await ana.by(None).call(method, path))[0] == 401


async def test_where_an_object_would_crash_the_page_the_error_is_a_text(dash: Dashboard) -> None:
    status, refused = await dash.post("/whatsapp/accounts/embedded_signup/", {"code": "x", "waba_id": "1"})
    assert (status, type(refused["error"]), refused["error"]) == (501, str, refused["detail"])
