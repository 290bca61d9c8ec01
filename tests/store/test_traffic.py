"""What was told of one message, whatever else came in the same moment."""

from __future__ import annotations

from typing import Any

from conversation.webhook import WebhookState
from store import traffic, webhooks
from tests import services
from tests.house import START

pytestmark = services.sqlite_only


def test_a_report_is_found_beside_webhooks_of_which_nothing_was_kept(shelf: Any) -> None:
    report = '{"entry":[{"changes":[{"value":{"statuses":[{"id":"wamid.1","status":"sent"}]}}]}]}'
    for body in ("", report):
        webhooks.add(
            shelf.tx,
            channel="whatsapp",
            accounts=[shelf.account.id],
            kinds=["status"],
            state=WebhookState.IGNORED,
            body=body,
            now=START,
        )
    assert traffic.reports_on(shelf.tx, shelf.account.id, "wamid.1", START) == [{"id": "wamid.1", "status": "sent"}]
