"""Who is told of what, and when it is not told any more."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from conversation import alert, alert_texts
from conversation.account import AccountId
from conversation.alert import AlertRule, Audience, Event, Means, Occasion, RuleId, RuleSettings, Shape
from conversation.contact import ContactId
from conversation.conversation import Conversation, ConversationId, HandoverState
from conversation.errors import BadInput

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
#: Ana and Ben see the account; ana is in sales, carla too, but carla does not see it.
AUDIENCE = Audience(sees={"ana", "ben"}, members={"sales": {"ana", "carla"}, "night": {"carla"}})
E, S = Event, HandoverState


def rule(operator: str | None = "ana", **given: Any) -> AlertRule:
    settings = given.pop("settings", RuleSettings())
    return AlertRule(id=RuleId("rul_1"), means=Means.WEBHOOK, operator=operator, settings=settings, **given)


def team(team_id: str) -> AlertRule:
    return rule(None, team_id=team_id)


def conversation(state: HandoverState, owner: str | None = None, unread: int = 1) -> Conversation:
    return Conversation(
        id=ConversationId("cnv_1"),
        account_id=AccountId("acc_1"),
        contact_id=ContactId("con_1"),
        state=state,
        owner=owner,
        ownership=1,
        return_due=False,
        unread=unread,
        last_inbound_at=None,
        last_inbound_id=None,
        created_at=NOW,
    )


@pytest.mark.parametrize(
    ("whose", "event", "team_id", "owner", "told"),
    [
        # a request: those who may take it
        (rule("ana"), E.REQUESTED, None, None, True),
        (rule("ana"), E.REQUESTED, "sales", None, True),
        (rule("ben"), E.REQUESTED, "sales", None, False),
        (rule("ben"), E.VANISHED, None, "ana", True),
        (team("sales"), E.REQUESTED, "sales", None, True),
        (team("sales"), E.REQUESTED, None, None, True),
        (team("sales"), E.REQUESTED, "night", None, False),
        # a transfer: whom it is to
        (rule("ana"), E.TRANSFERRED, None, "ana", True),
        (rule("ben"), E.TRANSFERRED, None, "ana", False),
        (rule("ana"), E.TRANSFERRED, "sales", None, True),
        (team("sales"), E.TRANSFERRED, "sales", None, True),
        (team("sales"), E.TRANSFERRED, "sales", "ana", False),
        # a customer's words: who has the conversation
        (rule("ana"), E.MESSAGE, None, "ana", True),
        (rule("ana"), E.MESSAGE, "sales", "ben", False),
        (team("sales"), E.MESSAGE, "sales", "ana", False),
        # what failed: whose it is, or everybody's where it is nobody's
        (rule("ana"), E.FAILED, None, "ana", True),
        (rule("ben"), E.FAILED, None, "ana", False),
        (rule("ben"), E.PARKED, None, None, True),
        (rule("ben"), E.EXPIRED, "sales", None, False),
        # nobody is told of an account they do not see
        (rule("carla"), E.REQUESTED, "sales", None, False),
        (rule("carla"), E.MESSAGE, None, "carla", False),
        (team("night"), E.REQUESTED, "night", None, False),
        (rule("dora"), E.REQUESTED, None, None, False),
    ],
)
def test_told_is_whom_it_concerns_and_who_may_see_it(
    whose: AlertRule, event: Event, team_id: str | None, owner: str | None, told: bool
) -> None:
    assert alert.applies(whose, Occasion(event=event, team_id=team_id, owner=owner), AUDIENCE) is told


def test_a_rule_tells_of_nothing_that_it_is_not_for_and_of_nothing_when_it_is_off() -> None:
    messages_only = rule(settings=RuleSettings(events=(E.MESSAGE,)))
    assert not alert.applies(messages_only, Occasion(event=E.REQUESTED), AUDIENCE)
    assert not alert.applies(rule(active=False), Occasion(event=E.REQUESTED), AUDIENCE)


class TestWhen:
    night = RuleSettings(quiet_hours=("09:00-10:00",))  # 12:00 to 13:00 UTC

    def test_at_once_or_after_a_delay(self) -> None:
        assert alert.due_at(rule(), NOW, priority=None) == NOW
        assert alert.due_at(rule(after_s=300), NOW, priority=None) == NOW + timedelta(minutes=5)

    def test_not_in_quiet_hours(self) -> None:
        quiet = rule(settings=self.night)
        assert alert.due_at(quiet, NOW, priority="high") == NOW + timedelta(hours=1)

    def test_a_delay_that_ends_in_quiet_hours_goes_on_until_they_are_over(self) -> None:
        quiet = rule(settings=self.night, after_s=1800)
        assert alert.due_at(quiet, NOW - timedelta(minutes=10), priority=None) == NOW + timedelta(hours=1)

    def test_what_is_urgent_wakes(self) -> None:
        assert alert.due_at(rule(settings=self.night), NOW, priority="urgent") == NOW


@pytest.mark.parametrize(
    ("event", "told_of", "now", "still"),
    [
        (E.REQUESTED, None, conversation(S.PENDING), True),
        (E.REQUESTED, None, conversation(S.HUMAN, "ana"), False),
        (E.WAITING, None, conversation(S.BOT), False),
        (E.VANISHED, "ana", conversation(S.HUMAN, "ben"), False),
        (E.TRANSFERRED, "ana", conversation(S.HUMAN, "ana", unread=0), True),
        (E.TRANSFERRED, "ana", conversation(S.HUMAN, "ben"), False),
        (E.TRANSFERRED, None, conversation(S.PENDING), True),
        (E.TRANSFERRED, None, conversation(S.HUMAN, "ben"), False),
        (E.MESSAGE, "ana", conversation(S.HUMAN, "ana"), True),
        (E.MESSAGE, "ana", conversation(S.HUMAN, "ana", unread=0), False),
        (E.MESSAGE, "ana", conversation(S.HUMAN, "ben"), False),
        (E.FAILED, "ana", conversation(S.BOT), True),
        (E.PARKED, None, conversation(S.HUMAN, "ana"), True),
        (E.EXPIRED, None, conversation(S.BOT), True),
    ],
)
def test_what_somebody_has_seen_to_is_not_told(
    event: Event, told_of: str | None, now: Conversation, still: bool
) -> None:
    assert alert.still_true(event, told_of, now) is still


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"colour": "red"}, "no colour"),
        ({"events": ["birthday"]}, "does not fit"),
        ({"events": []}, "events are some of requested"),
        ({"events": ["waiting"]}, "events are some of requested"),
        ({"language": "de"}, "pt or en"),
        ({"shape": "telegram"}, "chat_id"),
        ({"quiet_hours": ["night"]}, "is not like"),
        ({"time_zone": "Cantina"}, "not a time zone"),
        ({"include_text": "yes"}, "does not fit"),
    ],
)
def test_what_can_not_be_a_rule_is_said_when_it_is_made(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        alert.read_settings(given)


def test_settings_survive_the_trip_to_json() -> None:
    settings = RuleSettings(events=(E.FAILED,), quiet_hours=("22:00-07:00",), shape=Shape.TELEGRAM, chat_id="1")
    assert alert.read_settings(alert.plain(settings)) == settings


FACTS = {"contact": "Ana", "account": "Cantina", "reason": "anger", "priority": "high", "queue_place": 2}


class TestWords:
    def told(self, event: Event, language: str, **facts: Any) -> alert_texts.Telling:
        since = (NOW - timedelta(minutes=7)).isoformat()
        return alert_texts.tell(
            rule(settings=RuleSettings(language=language), after_s=300),
            event,
            {**FACTS, "waiting_since": since, **facts},
            link="https://baton.example.com/desk#cnv_1",
            now=NOW,
        )

    def test_in_portuguese(self) -> None:
        told = self.told(E.WAITING, "pt")
        assert told.title == "Ana espera por uma pessoa há 7 min, e ninguém assumiu"
        assert told.lines == (
            "Conta: Cantina",
            "Motivo: está irritado",
            "Prioridade: alta",
            "Espera desde: 08:53",
            "Lugar na fila: 2",
        )
        assert told.text.splitlines()[-1] == "https://baton.example.com/desk#cnv_1"

    def test_in_english(self) -> None:
        assert self.told(E.TRANSFERRED, "en", owner="ana").title == "The conversation with Ana was passed to you"
        assert self.told(E.TRANSFERRED, "en").title == "The conversation with Ana was passed to your team"

    @pytest.mark.parametrize("language", ["pt", "en"])
    @pytest.mark.parametrize("event", list(Event))
    def test_each_event_has_them_in_both_languages_also_where_little_is_known(
        self, event: Event, language: str
    ) -> None:
        told = alert_texts.tell(
            rule(settings=RuleSettings(language=language)), event, {"contact": None}, link=None, now=NOW
        )
        assert told.title
        assert told.title[0].isupper()
        assert "{" not in told.text
        assert told.lines == ()

    def test_a_reason_nobody_has_words_for_is_told_as_it_is(self) -> None:
        assert "Motivo: allergy" in self.told(E.REQUESTED, "pt", reason="allergy").lines

    def test_a_customers_lines_stay_one_line(self) -> None:
        assert "Última mensagem: oi tudo bem?" in self.told(E.MESSAGE, "pt", text="oi\n\ntudo bem?").lines
