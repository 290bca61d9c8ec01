"""What Meta says of a number, its business account, and that one's templates, as it documents it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from connectors import whatsapp_news, whatsapp_parse
from conversation.arrivals import AccountNews, Unfamiliar
from conversation.platform_news import Standing
from tests.connectors.only import only

AT = 1790000000
NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
BUSINESS = "800000000000001"
TEMPLATE = {"message_template_id": 9001, "message_template_name": "pedido", "message_template_language": "pt-BR"}


def heard(field: str, known: Any = None, **value: Any) -> AccountNews:
    return only(AccountNews, parsed(field, value, known))


def parsed(field: str, value: dict[str, Any], known: Any = None) -> list[Any]:
    entry = {"id": BUSINESS, "time": AT, "changes": [{"field": field, "value": value}]}
    return whatsapp_parse.parse({"object": "whatsapp_business_account", "entry": [entry]}, NOW, known)


@pytest.mark.parametrize("field", whatsapp_news.FIELDS)
def test_every_field_is_kept_whole_with_its_time_and_its_business_account(field: str) -> None:
    news = heard(field, anything={"new": [1, 2]})
    assert (news.kind, news.business, news.body) == (field, BUSINESS, {"anything": {"new": [1, 2]}})
    assert news.at == datetime.fromtimestamp(AT, timezone.utc)
    assert (news.facts, news.verdict, news.template) == ({}, None, None)
    assert news.key != heard(field, anything={"new": [1]}).key


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        ({"event": "APPROVED", "reason": "NONE"}, {"status": "APPROVED", "reason": None}),
        ({"event": "REINSTATED", "reason": "NONE"}, {"status": "APPROVED", "reason": None}),
        ({"event": "REJECTED", "reason": "SCAM"}, {"status": "REJECTED", "reason": "SCAM"}),
        (
            {"event": "REJECTED", "reason": "INVALID_FORMAT", "rejection_info": {"reason": "Two side by side."}},
            {"status": "REJECTED", "reason": "Two side by side."},
        ),
        (
            {"event": "PAUSED", "reason": "NONE", "other_info": {"title": "FIRST_PAUSE"}},
            {"status": "PAUSED", "reason": "FIRST_PAUSE"},
        ),
        (
            {"event": "PENDING", "message_template_category": "MARKETING"},
            {"status": "PENDING", "reason": None, "category": "MARKETING"},
        ),
    ],
)
def test_what_becomes_of_a_template_and_why(value: dict[str, Any], changes: dict[str, Any]) -> None:
    told = heard("message_template_status_update", **TEMPLATE, **value).template
    assert told is not None and (told.id, told.changes, told.gone) == ("9001", changes, False)


def test_one_that_was_deleted_is_gone_and_its_quality_and_category_move() -> None:
    gone = heard("message_template_status_update", **TEMPLATE, event="PENDING_DELETION", reason=None).template
    assert gone is not None and gone.gone
    worse = heard("message_template_quality_update", **TEMPLATE, new_quality_score="RED").template
    assert worse is not None and worse.changes == {"quality": "RED"}
    announced = heard(
        "template_category_update", **TEMPLATE, new_category="UTILITY", correct_category="MARKETING"
    ).template
    assert announced is not None and announced.changes == {"category": "UTILITY"}, "the one it has until then"
    anew = heard("message_template_components_update", **TEMPLATE, message_template_element="Olá").template
    assert anew is not None and anew.unclear
    assert heard("message_template_status_update", event="LIMIT_EXCEEDED", **TEMPLATE).template is None


STOPPED, WARNED, GOES_ON = Standing.STOPPED, Standing.WARNED, Standing.GOES_ON


@pytest.mark.parametrize(
    ("value", "standing"),
    [
        ({"event": "ACCOUNT_DELETED"}, STOPPED),
        ({"event": "PARTNER_REMOVED"}, STOPPED),
        ({"event": "ACCOUNT_OFFBOARDED"}, STOPPED),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}, STOPPED),
        ({"event": "DISABLED_UPDATE"}, STOPPED),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}, WARNED),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, GOES_ON),
        ({"event": "ACCOUNT_RECONNECTED"}, GOES_ON),
        ({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}}, WARNED),
        ({"event": "ACCOUNT_RESTRICTION"}, STOPPED),
        (
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": AT}],
            },
            WARNED,
        ),
        (
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [{"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"}],
            },
            STOPPED,
        ),
        ({"event": "AD_ACCOUNT_LINKED"}, None),
        ({"event": ["PARTNER_REMOVED"]}, None),
    ],
)
def test_what_stops_an_account_and_what_lets_it_go_on(value: dict[str, Any], standing: Standing | None) -> None:
    verdict = heard("account_update", **value).verdict
    assert (verdict.standing if verdict else None) is standing


def test_what_is_shared_with_partners_is_about_the_account_inside() -> None:
    assert heard("account_update", event="PARTNER_REMOVED", waba_info={"waba_id": "801"}).business == "801"


def test_a_restriction_says_what_and_until_when() -> None:
    told = [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": AT + day} for day in (60, 600)]
    facts = heard("account_update", event="ACCOUNT_RESTRICTION", restriction_info=told).facts
    assert "RESTRICTED_BIZ_INITIATED_MESSAGING" in facts["restriction"]
    assert facts["restricted_until"] == datetime.fromtimestamp(AT + 600, timezone.utc)


def test_what_a_number_may_do_by_its_tier_or_a_figure() -> None:
    def limit(field: str, **value: Any) -> tuple[Any, Any]:
        facts = heard(field, **value).facts
        return facts.get("messaging_limit"), facts.get("unlimited")

    assert limit("phone_number_quality_update", max_daily_conversations_per_business="TIER_2K") == (2000, False)
    assert limit("business_capability_update", max_daily_conversations_per_business="TIER_UNLIMITED") == (None, True)
    assert limit("business_capability_update", max_daily_conversations_per_business=10000) == (10000, False)
    assert limit("business_capability_update", max_daily_conversation_per_phone=-1) == (None, True)
    assert limit("business_capability_update", max_daily_conversations_per_business="TIER_NOT_SET") == (None, None)
    faster = heard(
        "phone_number_quality_update",
        display_phone_number="+55 11 98888-0000",
        event="THROUGHPUT_UPGRADE",
        current_limit="TIER_UNLIMITED",
    )
    assert faster.facts == {"throughput": "HIGH"}, "how fast, and not how many"
    assert faster.number == "5511988880000"


def test_names_reviews_and_critical_alerts() -> None:
    name = {"decision": "APPROVED", "requested_verified_name": "Cantina"}
    approved = heard("phone_number_name_update", display_phone_number=5511988880000, **name)
    assert approved.facts == {"name_status": "APPROVED", "verified_name": "Cantina"}
    rejected = heard("phone_number_name_update", **{**name, "decision": "REJECTED"})
    assert rejected.facts == {"name_status": "REJECTED"}, "the name before stays"
    assert heard("account_review_update", decision="REJECTED").facts == {"review": "REJECTED"}
    info = {"alert_severity": "CRITICAL", "alert_status": "ACTIVE", "alert_type": "X", "alert_description": "Look."}
    alert = heard("account_alerts", entity_type="BUSINESS", alert_info=info).verdict
    assert alert is not None and (alert.standing, alert.why) == (WARNED, "Look.")
    quiet = {**info, "alert_severity": "INFORMATIONAL"}
    assert heard("account_alerts", alert_info=quiet).verdict is None


def test_it_is_for_the_accounts_whose_app_has_signed_it_and_for_nobody_else() -> None:
    assert heard("account_update", known={"1"}, event="ACCOUNT_DELETED").signed_for == frozenset({"1"})
    only(Unfamiliar, parsed("account_update", {"event": "ACCOUNT_DELETED"}, known=set()))


@pytest.mark.parametrize("told", [10**30, 10**9, 0, True, "TIER_SOME"])
def test_a_limit_that_is_none_is_not_taken_for_one(told: Any) -> None:
    assert heard("business_capability_update", max_daily_conversation_per_phone=told).facts == {}
