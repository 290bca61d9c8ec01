"""What a turn is decided on, read at once; whether it still holds; and what is asked of the dialogue."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation import gate
from conversation.account import Account
from conversation.agent import Agent, Provider
from conversation.contact import Contact
from conversation.conversation import Conversation, ConversationId, HandoverState
from conversation.gate import Answer, Reason, Verdict
from conversation.mail import Mail, MailKind
from conversation.message import Author
from conversation.rating import score_in
from conversation.sent import NO_INTENTS, NOTHING_BESIDES, Besides, Vocabulary
from conversation.words import language_of
from runtime import besides, joining
from runtime.dialogue import Question
from runtime.llm.brief import Brief, Stand
from store import accounts, agents, contacts, conversations, mailbox, messages, ratings

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything a turn is decided on, read in one transaction."""

    mail: Mail
    conversation: Conversation
    account: Account
    agent: Agent
    verdict: Verdict
    names: tuple[str, ...] = ()  # what the contact is called: only where a language model is asked
    besides: Besides = NOTHING_BESIDES  # what stands beside the words
    joined: tuple[Mail, ...] = ()  # what followed it and is answered with it
    until: datetime | None = None  # more may follow until then

    @property
    def mails(self) -> tuple[Mail, ...]:
        return (self.mail, *self.joined)

    def at(self, mail: Mail, joined: tuple[Mail, ...] = ()) -> Situation:
        """The same, with its mail as it is now."""
        return dataclasses.replace(self, mail=mail, joined=joined)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What each mail of a conversation is decided on besides itself."""

    account: Account
    agent: Agent
    conversation: Conversation
    vocabulary: Vocabulary
    said: int  # by the assistant, within the last hour
    now: datetime

    def of(self, tx: Connection, mail: Mail) -> tuple[Besides, Verdict]:
        beside = besides.read(tx, mail, self.vocabulary)
        verdict = gate.decide(
            account=self.account,
            agent=self.agent,
            conversation=self.conversation,
            mail=mail,
            bot_messages_last_hour=self.said,
            in_group=beside.in_group,
            understood=beside.intent is not None,
        )
        if verdict is gate.ALLOWED and self.account.handover.ask_rating and _rates(tx, mail, self.now):
            verdict = Verdict(answer=Answer.RECORD, reason=Reason.RATING)
        return beside, verdict


def read_situation(
    tx: Connection, conversation_id: ConversationId, now: datetime, vocabulary: Vocabulary = NO_INTENTS
) -> Situation | None:
    """`vocabulary`: what the dialogue can be told that is no words."""
    mail = mailbox.lowest_waiting(tx, conversation_id, now)
    if mail is None:
        return None
    conversation = conversations.get(tx, conversation_id)
    account = accounts.get(tx, conversation.account_id)
    agent = agents.get(tx, account.agent_id)
    said = messages.count_by_author_since(tx, conversation_id, Author.BOT, now - _HOUR)
    asked = Asked(account=account, agent=agent, conversation=conversation, vocabulary=vocabulary, said=said, now=now)
    beside, verdict = asked.of(tx, mail)
    found = Situation(
        mail=mail, conversation=conversation, account=account, agent=agent, verdict=verdict, besides=beside
    )
    if verdict.answer is not Answer.ANSWER:
        return found
    burst, beside = joining.gathered(tx, mail, beside, account.channel_settings.join_within_s, asked.of, now)
    if burst.between is not None:
        between, why = burst.between
        return dataclasses.replace(found, mail=between, verdict=why, besides=beside)
    names = _names_of(contacts.get(tx, conversation.contact_id)) if agent.provider is not Provider.RASA else ()
    return dataclasses.replace(found, names=names, besides=beside, joined=burst.mails[1:], until=burst.until)


def _names_of(contact: Contact) -> tuple[str, ...]:
    """What to call them comes first."""
    return tuple(name for name in (contact.given_name, contact.name, contact.username) if name)


def _rates(tx: Connection, mail: Mail, now: datetime) -> bool:
    """Whether it is the number the customer was asked for at the end, and nothing else."""
    return score_in(mail.text) is not None and ratings.open_question(tx, mail.conversation_id, now) is not None


def still_ours(situation: Situation, account: Account, agent: Agent, conversation: Conversation) -> bool:
    """The fence: nothing that decides who may speak has moved since the gate was asked."""
    return (
        conversation.ownership == situation.conversation.ownership
        and agent.activation == situation.agent.activation
        and account.activation == situation.account.activation
        and account.agent_id == situation.account.agent_id
    )


def question_of(situation: Situation) -> Question:
    mail, account = situation.mail, situation.account
    chosen = (mail.payload.get("payload") or situation.besides.payload) if mail.kind is MailKind.MESSAGE else None
    return Question(
        mail=mail,
        channel=account.channel.value,
        text=chosen or joining.words_of(situation.mails),
        chosen=chosen is not None,
        metadata=metadata_of(situation, situation.verdict),
        shop=account.shop,
        return_due=situation.conversation.return_due,
        brief=None if situation.agent.provider is Provider.RASA else brief_of(situation),
    )


def brief_of(situation: Situation) -> Brief:
    """What an agent's language model may know of the talk, and the numbers under which it may be asked."""
    conversation, account, agent = situation.conversation, situation.account, situation.agent
    stand = Stand(
        conversation_id=conversation.id,
        ownership=conversation.ownership,
        account_id=account.id,
        account_activation=account.activation,
        agent_id=agent.id,
        agent_activation=agent.activation,
    )
    return Brief(
        agent=agent,
        stand=stand,
        names=situation.names,
        sees_contact=account.privacy.llm_sees_contact,
        language=language_of(conversation.language, account.handover.language),
        zone=account.handover.time_zone,
        shop=account.shop,
        hands_over=account.handover.enabled,
    )


def metadata_of(situation: Situation, verdict: Verdict) -> dict[str, object]:
    """What actions find in the latest message's metadata. Small: Rasa stores it with every message and session."""
    return {
        "channel": situation.account.channel.value,
        "account": situation.account.id,
        "verdict": verdict.answer.value,
        "reason": verdict.reason.value,
        "turn_key": situation.mail.turn_key,
        **joining.note_of(situation.mails),
        **situation.besides.metadata,
        **_of_handover(situation),
    }


def _of_handover(situation: Situation) -> dict[str, str]:
    """Only what is out of the ordinary: that a person was asked for, that none can be and where else to turn."""
    conversation, settings = situation.conversation, situation.account.handover
    found = {} if conversation.state is HandoverState.BOT else {"state": conversation.state.value}
    if not settings.enabled:
        found["handoff"] = "off"
        if other := settings.other_ways.get(language_of(conversation.language, settings.language)):
            found["other_ways"] = other
    return found


def user_event(situation: Situation, verdict: Verdict, now: datetime) -> dict[str, object]:
    """The customer's words as Rasa's event, not interpreted: whoever reads the tracker later sees what was said."""
    return {
        "event": "user",
        "timestamp": now.timestamp(),
        "text": situation.mail.text,
        "parse_data": {
            "intent": {"name": None, "confidence": 0.0},
            "entities": [],
            "text": situation.mail.text,
            "message_id": situation.mail.provider_id,
            "metadata": metadata_of(situation, verdict),
        },
        "metadata": metadata_of(situation, verdict),
        "input_channel": situation.account.channel.value,
        "message_id": situation.mail.provider_id,
    }
