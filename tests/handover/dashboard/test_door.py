"""How a dashboard is let in and refused: its own word before the token, one body for all the places it looks."""

from __future__ import annotations

from tests import services
from tests.handover.dashboard.conftest import Dashboard

pytestmark = services.sqlite_only


async def test_what_is_not_there_is_told_in_the_dashboards_body(dash: Dashboard) -> None:
    status, refused = await dash.get("/no/such/thing/")
    assert status == 404
    assert refused["detail"] == refused["error"]["message"]
    assert refused["error"]["code"] == "not_found"
