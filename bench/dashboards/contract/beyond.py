"""What every page asks for outside the six systems."""

from __future__ import annotations

from bench.dashboards.given import Given
from bench.dashboards.kinds import array, envelope, of, things, whole
from bench.dashboards.page import Answer
from bench.dashboards.rows import Row, must


async def _no_store(given: Given, answer: Answer) -> None:
    must(answer.results == [], "a store is returned: the inbox would leave out all that is of no store")


async def _unknown(given: Given, answer: Answer) -> None:
    for path in ("/stores/orders/", "/dashboard/overview/", "/webhooks/whatsapp/debug/"):
        found = await given.page.ask("GET", path)
        must(found.status == 404 and isinstance(found.body, dict), f"{path} is answered {found}, no 404 in JSON")


ROWS = (
    Row(ask="GET /stores/stores/", mark="R", shape=envelope(things, least=0), then=_no_store),
    Row(ask="GET /notifications/", mark="R", shape=of(results=array(things, least=0)), then=_unknown),
    Row(ask="GET /notifications/unread_count/", mark="R", shape=of(count=whole)),
)
