"""The window: how long we may write freely after the contact's last word, and what may be sent afterwards.

Meta's own numbers and words: WhatsApp's customer service window, Messenger's and Instagram's standard messaging
window. All three are open for 24 hours; they differ in what may be sent when they are closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from conversation.account import Account, Channel
from conversation.message import Author

#: From the contact's last message or call, for each account and contact on its own.
OPEN_FOR = timedelta(hours=24)
#: From the same moment: how long a person may write on Messenger and Instagram, under the tag HUMAN_AGENT, where Meta
#: has granted the app that feature.
HUMAN_FOR = timedelta(days=7)


class Allowed(Enum):
    """How something may be written now."""

    FREELY = "freely"
    AS_A_PERSON = "as_a_person"  # outside the window, under the channel's tag for people


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What holds outside. `code`: of our refusal; `error_code` and `subcode`: of Meta's. `words` are for operators,
    by language."""

    name: str
    code: str
    may_send: tuple[str, ...]
    error_code: int | None = None
    subcode: int | None = None
    words: Mapping[str, str]

    @property
    def number(self) -> str:
        """As Meta's refusals are shown everywhere; the rule's name where it has no number."""
        if self.error_code is None:
            return self.name
        return f"{self.error_code}" if self.subcode is None else f"{self.error_code}/{self.subcode}"


_CODE = "window_closed"
_RULES = {
    Channel.WHATSAPP: Rule(
        name="customer_service_window",
        code=_CODE,
        may_send=("template",),
        error_code=131047,
        words={
            "pt": (
                "Passaram mais de 24 horas desde a última mensagem do cliente. Até ele escrever de novo, o WhatsApp só "
                "aceita modelos de mensagem aprovados (regra 131047)."
            ),
            "en": (
                "More than 24 hours have passed since the customer's last message. Until they write again, WhatsApp "
                "takes only approved message templates (rule 131047)."
            ),
        },
    ),
    Channel.MESSENGER: Rule(
        name="standard_messaging_window",
        code=_CODE,
        may_send=("human_agent", "utility"),
        error_code=10,
        subcode=2018278,
        words={
            "pt": (
                "Passaram mais de 24 horas desde a última mensagem do cliente. Até ele escrever de novo, o Messenger "
                "só aceita mensagens utilitárias aprovadas e, até 7 dias, a resposta de uma pessoa, se a Meta liberou "
                "Human Agent para o aplicativo (regra 10/2018278)."
            ),
            "en": (
                "More than 24 hours have passed since the customer's last message. Until they write again, Messenger "
                "takes only approved utility messages and, for 7 days, a person's reply if Meta has granted the app "
                "Human Agent (rule 10/2018278)."
            ),
        },
    ),
    Channel.INSTAGRAM: Rule(
        name="standard_messaging_window",
        code=_CODE,
        may_send=("human_agent",),
        error_code=10,
        subcode=2534022,
        words={
            "pt": (
                "Passaram mais de 24 horas desde a última mensagem do cliente. Até ele escrever de novo, o Instagram "
                "só aceita, até 7 dias, a resposta de uma pessoa, se a Meta liberou Human Agent para o aplicativo "
                "(regra 10/2534022)."
            ),
            "en": (
                "More than 24 hours have passed since the customer's last message. Until they write again, Instagram "
                "takes only a person's reply, for 7 days, if Meta has granted the app Human Agent (rule 10/2534022)."
            ),
        },
    ),
}
#: Of a channel that has none of its own here: the strictest.
_USUAL = Rule(
    name="window",
    code=_CODE,
    may_send=(),
    words={
        "pt": "Passaram mais de 24 horas desde a última mensagem do cliente. Espere ele escrever de novo.",
        "en": "More than 24 hours have passed since the customer's last message. Wait until they write again.",
    },
)


def rule(channel: Channel) -> Rule:
    """What holds outside a channel's window."""
    return _RULES.get(channel, _USUAL)


def may_write(account: Account, author: Author, last_inbound_at: datetime | None, now: datetime) -> Allowed | Rule:
    """How words of this author's may go out now; or the rule that stands in their way."""
    if is_open(last_inbound_at, now):
        return Allowed.FREELY
    if author is Author.OPERATOR and as_a_person(account, last_inbound_at, now):
        return Allowed.AS_A_PERSON
    return rule(account.channel)


def as_a_person(account: Account, last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether a person may write, be the window open or not."""
    until = human_until(account.channel, last_inbound_at)
    return account.channel_settings.human_agent and until is not None and now < until


def human_until(channel: Channel, last_inbound_at: datetime | None) -> datetime | None:
    """When a person's longer time ends; None where the channel has none, or the contact never wrote."""
    if last_inbound_at is None or "human_agent" not in rule(channel).may_send:
        return None
    return last_inbound_at + HUMAN_FOR


def closes_at(last_inbound_at: datetime | None) -> datetime | None:
    """When it closes, or closed; None where the contact never wrote, so that it never was open."""
    return None if last_inbound_at is None else last_inbound_at + OPEN_FOR


def is_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    closes = closes_at(last_inbound_at)
    return closes is not None and now < closes


def time_left(last_inbound_at: datetime | None, now: datetime) -> timedelta:
    """Nothing where it is closed."""
    closes = closes_at(last_inbound_at)
    return max(closes - now, timedelta()) if closes is not None else timedelta()
