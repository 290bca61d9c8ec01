"""What is to be done about each of Meta's errors, and that it is the same where a webhook tells of it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from connectors import whatsapp_parse
from connectors.graph_errors import ERRORS, refusal, rule_for
from conversation.arrivals import StatusReport
from conversation.course import Course


@pytest.mark.parametrize(
    ("code", "subcode", "course"),
    [
        (131000, None, Course.TRY_AGAIN),
        (2494100, None, Course.TRY_AGAIN),
        (4, None, Course.PAUSE_ACCOUNT),
        (4, 2018022, Course.PAUSE_ACCOUNT),
        (613, None, Course.PAUSE_ACCOUNT),
        (130429, None, Course.PAUSE_ACCOUNT),
        (131056, None, Course.PAUSE_CONVERSATION),
        (131048, None, Course.GIVE_UP),
        (131049, None, Course.GIVE_UP),
        (131047, None, Course.GIVE_UP),
        (10, 2018278, Course.GIVE_UP),
        (10, 2534022, Course.GIVE_UP),
        (551, None, Course.GIVE_UP),
        (190, 467, Course.STOP_ACCOUNT),
        (368, None, Course.STOP_ACCOUNT),
        (131042, None, Course.STOP_ACCOUNT),
        (133010, None, Course.STOP_ACCOUNT),
        (133015, None, Course.PAUSE_ACCOUNT),
        (200, None, Course.GIVE_UP),
        (100, None, Course.GIVE_UP),
        (100, 2018008, Course.ONCE_MORE),
        (131053, None, Course.ONCE_MORE),
        (132069, None, Course.TRY_AGAIN),
        (27, None, Course.GIVE_UP),
        (10303, None, Course.GIVE_UP),
        (987654, None, Course.GIVE_UP),
    ],
)
def test_each_code_has_its_course(code: int, subcode: int | None, course: Course) -> None:
    assert rule_for(code, subcode).course is course


def test_what_nobody_listed_is_tried_again_where_metas_servers_failed_or_say_that_it_passes() -> None:
    assert rule_for(987654, status=503).course is Course.TRY_AGAIN
    assert rule_for(987654, transient=True).course is Course.TRY_AGAIN


def test_a_passing_trouble_does_not_make_a_pause_or_a_stop_a_mere_retry() -> None:
    for key, rule in ERRORS.items():
        if rule.course is not Course.GIVE_UP:
            assert rule_for(*key, status=500, transient=True) == rule


def test_a_refusal_says_what_to_do() -> None:
    refused = refusal({"code": 131056}, 400)
    assert refused is not None
    assert (refused.course, refused.retry_after_s) == (Course.PAUSE_CONVERSATION, 4.0)


@pytest.mark.parametrize(
    ("errors", "code", "course"),
    [
        ([{"code": 131056, "title": "…"}], 131056, Course.PAUSE_CONVERSATION),
        ([{"code": "131042"}], 131042, Course.STOP_ACCOUNT),
        ([{"code": 131049}], 131049, Course.GIVE_UP),
        ([{"title": "no code"}], None, None),
        ([], None, None),
        ("nonsense", None, None),
    ],
)
def test_a_failure_told_by_webhook_goes_by_the_same_table(
    errors: object, code: int | None, course: Course | None
) -> None:
    status = {"id": "wamid.1", "status": "failed", "timestamp": "1790000000", "errors": errors}
    value = {"metadata": {"phone_number_id": "700000000000001"}, "statuses": [status]}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }
    (report,) = whatsapp_parse.parse(body, datetime.now(timezone.utc))
    assert isinstance(report, StatusReport)
    assert (report.error_code, report.course) == (code, course)
