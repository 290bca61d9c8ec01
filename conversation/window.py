"""WhatsApp's window: how long we may write freely after the contact's last word, and what may be sent afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

#: The "customer service window" of Meta's WhatsApp Business Platform documentation: 24 hours from the contact's last
#: message or call, for each number and contact on its own.
OPEN_FOR = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What holds outside. `code`: of our refusal; `error_code`: of Meta's. `words` are for operators, by language."""

    name: str
    code: str
    may_send: tuple[str, ...]
    error_code: int
    words: Mapping[str, str]


OUTSIDE = Rule(
    name="customer_service_window",
    code="window_closed",
    may_send=("template",),
    error_code=131047,
    words={
        "pt": (
            "Passaram mais de 24 horas desde a última mensagem do cliente. Até ele escrever de novo, o WhatsApp só "
            "aceita modelos de mensagem aprovados (regra 131047)."
        ),
        "en": (
            "More than 24 hours have passed since the customer's last message. Until they write again, WhatsApp takes "
            "only approved message templates (rule 131047)."
        ),
    },
)


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
