"""The one rule of when the assistant may answer: each reason, and which of two is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import combinations
from typing import Any

import pytest

from conversation import gate
from conversation.account import Account, AccountId, Channel, WhilePending
from conversation.agent import Agent, AgentId, AgentStatus
from conversation.channel_settings import ChannelSettings
from conversation.contact import ContactId
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.gate import Answer, Reason, Verdict
from conversation.mail import Mail, MailId, MailKind

NOW = datetime(2026, 3, 2, tzinfo=timezone.utc)
ACCOUNT = Account(
    id=AccountId("acc_1"), channel=Channel.WHATSAPP, provider_id="1", name="Cantina", agent_id=AgentId("agt_1")
)
AGENT = Agent(id=AgentId("agt_1"), name="assistant", status=AgentStatus.ACTIVE, activation=0)
CONVERSATION = Conversation(
    id=ConversationId("cnv_1"),
    account_id=ACCOUNT.id,
    contact_id=ContactId("con_1"),
    state=HandoverState.BOT,
    owner=None,
    ownership=0,
    return_due=False,
    unread=0,
    last_inbound_at=NOW,
    last_inbound_id="m",
    created_at=NOW,
)
MAIL = Mail(
    id=MailId(1),
    conversation_id=CONVERSATION.id,
    kind=MailKind.MESSAGE,
    message_id=1,
    provider_id="m",
    message_kind="text",
    text="oi",
    payload={},
    seen_by_person=False,
    attempts=0,
    begins=0,
    crashes=0,
    recorded=False,
    arrived_at=NOW,
)
ALL_IS_WELL: dict[str, Any] = {
    "account": ACCOUNT,
    "agent": AGENT,
    "conversation": CONVERSATION,
    "mail": MAIL,
    "bot_messages_last_hour": 0,
}

#: What stands in the way, by reason, the one that is told first at the top.
IN_THE_WAY: dict[Reason, dict[str, dict[str, Any]]] = {
    Reason.HUMAN_OWNS: {"conversation": {"state": HandoverState.HUMAN}},
    Reason.PENDING_SILENT: {
        "conversation": {"state": HandoverState.PENDING},
        "account": {"while_pending": WhilePending.SILENT},
    },
    Reason.THREAD_ELSEWHERE: {"conversation": {"thread_owner": "another app"}},
    Reason.SEEN_BY_PERSON: {"mail": {"seen_by_person": True}},
    Reason.COMMENT: {"mail": {"message_kind": "comment"}},
    Reason.STALE: {"mail": {"sent_at": NOW - timedelta(hours=1, seconds=1)}},
    Reason.ACCOUNT_INACTIVE: {"account": {"active": False}},
    Reason.AUTO_RESPONSE_OFF: {"account": {"auto_response": False}},
    Reason.AGENT_INACTIVE: {"agent": {"status": AgentStatus.INACTIVE}},
    Reason.AGENT_DRAFT: {"agent": {"status": AgentStatus.DRAFT}},
    Reason.GROUP: {"in_group": {"": True}},
    Reason.NOT_TEXT: {"mail": {"message_kind": "image"}},
    Reason.BOT_LIMIT: {"bot_messages_last_hour": {"": 200}},
}


def situation(*reasons: Reason) -> dict[str, Any]:
    made = dict(ALL_IS_WELL)
    for reason in reasons:
        for name, changes in IN_THE_WAY[reason].items():
            made[name] = changes[""] if "" in changes else replace(made[name], **changes)
    return made


def test_where_nothing_stands_in_the_way_it_answers() -> None:
    assert gate.decide(**ALL_IS_WELL) == Verdict(answer=Answer.ANSWER, reason=Reason.MAY_ANSWER)


@pytest.mark.parametrize("reason", IN_THE_WAY, ids=lambda r: r.value)
def test_each_obstacle_alone_is_recorded_with_its_own_reason(reason: Reason) -> None:
    assert gate.decide(**situation(reason)) == Verdict(answer=Answer.RECORD, reason=reason)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pair
        for pair in combinations(IN_THE_WAY, 2)
        # Two values of the same field can't be at once.
        if pair not in {(Reason.HUMAN_OWNS, Reason.PENDING_SILENT), (Reason.AGENT_INACTIVE, Reason.AGENT_DRAFT)}
    ],
    ids=lambda r: r.value,
)
def test_of_two_obstacles_the_weightier_is_told(first: Reason, second: Reason) -> None:
    assert gate.decide(**situation(second, first)).reason is first


def test_a_pending_conversation_is_answered_where_the_account_says_so() -> None:
    pending = replace(CONVERSATION, state=HandoverState.PENDING)
    assert gate.decide(**{**ALL_IS_WELL, "conversation": pending}).answer is Answer.ANSWER


def test_one_message_below_the_limit_is_answered() -> None:
    assert gate.decide(**{**ALL_IS_WELL, "bot_messages_last_hour": 199}).answer is Answer.ANSWER


@pytest.mark.parametrize("reason", IN_THE_WAY, ids=lambda r: r.value)
def test_a_reaction_is_nothing_for_the_dialogue_whatever_else(reason: Reason) -> None:
    made = situation(reason)
    made["mail"] = replace(made["mail"], message_kind="reaction")
    assert gate.decide(**made) == Verdict(answer=Answer.IGNORE, reason=Reason.REACTION)


def test_what_came_while_another_app_held_the_thread_is_recorded_also_when_we_hold_it_again() -> None:
    verdict = gate.decide(**{**ALL_IS_WELL, "mail": replace(MAIL, payload={"standby": True})})
    assert verdict == Verdict(answer=Answer.RECORD, reason=Reason.THREAD_ELSEWHERE)


def test_a_chosen_button_is_answered_as_words_are() -> None:
    assert gate.decide(**{**ALL_IS_WELL, "mail": replace(MAIL, message_kind="button")}).answer is Answer.ANSWER


def test_a_group_is_answered_where_the_account_says_so() -> None:
    account = replace(ACCOUNT, channel_settings=ChannelSettings(answer_groups=True))
    assert gate.decide(**{**situation(Reason.GROUP), "account": account}).answer is Answer.ANSWER


def test_what_is_no_words_is_answered_where_the_dialogue_has_an_intent_for_it() -> None:
    assert gate.decide(**situation(Reason.NOT_TEXT), understood=True) == gate.ALLOWED


@pytest.mark.parametrize("reason", [r for r in IN_THE_WAY if r is not Reason.NOT_TEXT], ids=lambda r: r.value)
def test_an_intent_for_a_picture_moves_nothing_else_out_of_the_way(reason: Reason) -> None:
    assert gate.decide(**situation(Reason.NOT_TEXT, reason), understood=True).reason is reason


class TestReminders:
    REMINDER = replace(MAIL, kind=MailKind.REMINDER, message_id=None, message_kind=None, text=None)

    def decide(self, *reasons: Reason, **given: Any) -> Verdict:
        return gate.decide(**{**situation(*reasons), "mail": self.REMINDER, **given})

    def test_one_speaks_while_the_assistant_may(self) -> None:
        assert self.decide() == gate.ALLOWED

    @pytest.mark.parametrize("state", [HandoverState.HUMAN, HandoverState.PENDING])
    def test_one_is_dropped_while_a_person_is_wanted_or_there(self, state: HandoverState) -> None:
        verdict = self.decide(conversation=replace(CONVERSATION, state=state))
        assert verdict == Verdict(answer=Answer.IGNORE, reason=Reason.REMINDER_WHILE_HUMAN)

    @pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
    def test_one_is_dropped_after_the_end(self, status: Status) -> None:
        verdict = self.decide(conversation=replace(CONVERSATION, status=status))
        assert verdict == Verdict(answer=Answer.IGNORE, reason=Reason.REMINDER_AFTER_END)

    @pytest.mark.parametrize(
        "reason",
        [
            Reason.THREAD_ELSEWHERE,
            Reason.ACCOUNT_INACTIVE,
            Reason.AUTO_RESPONSE_OFF,
            Reason.AGENT_INACTIVE,
            Reason.AGENT_DRAFT,
        ],
    )
    def test_one_is_dropped_while_the_assistant_is_off(self, reason: Reason) -> None:
        assert self.decide(reason) == Verdict(answer=Answer.IGNORE, reason=reason)


def test_without_an_account_only_the_agent_is_asked() -> None:
    assert gate.why_silent(None, AGENT) is None
    assert gate.why_silent(None, replace(AGENT, status=AgentStatus.INACTIVE)) is Reason.AGENT_INACTIVE


@pytest.mark.parametrize("kind", ["referral", "optin", "account_linking", "feedback"])
def test_what_was_only_done_is_nothing_for_the_dialogue_whoever_has_it(kind: str) -> None:
    verdict = gate.decide(**{**ALL_IS_WELL, "mail": replace(MAIL, message_kind=kind)})
    assert verdict == Verdict(answer=Answer.IGNORE, reason=Reason.SIGNAL)


def test_what_was_taken_back_is_not_answered() -> None:
    verdict = gate.decide(**{**ALL_IS_WELL, "mail": replace(MAIL, removed=True)})
    assert verdict == Verdict(answer=Answer.IGNORE, reason=Reason.REMOVED)


@pytest.mark.parametrize(
    ("patience_s", "late_s", "stale"), [(3600, 3600, False), (3600, 3601, True), (0, 10**6, False)]
)
def test_how_late_is_too_late_is_for_the_account_to_say(patience_s: float, late_s: float, stale: bool) -> None:
    account = replace(ACCOUNT, channel_settings=ChannelSettings(stale_after_s=patience_s))
    assert gate.is_stale(account, replace(MAIL, sent_at=NOW - timedelta(seconds=late_s))) is stale


def test_every_reason_is_reached_by_some_test_or_is_given_by_the_turn() -> None:
    of_reminders = {Reason.REMINDER_WHILE_HUMAN, Reason.REMINDER_AFTER_END}
    of_what_is_not_said = {Reason.REACTION, Reason.SIGNAL, Reason.REMOVED}
    elsewhere = {Reason.MAY_ANSWER, Reason.RATING, Reason.PARKED, Reason.RESTORED, *of_reminders, *of_what_is_not_said}
    assert set(IN_THE_WAY) | elsewhere == set(Reason)
