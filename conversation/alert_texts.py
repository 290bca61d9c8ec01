"""What an alert says, in both languages: the one catalogue of its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from conversation.alert import AlertRule, Event


@dataclass(frozen=True, kw_only=True)
class Telling:
    """An alert in words. `title` says it in a line, `lines` what else is known."""

    title: str
    lines: tuple[str, ...]
    link: str | None

    @property
    def text(self) -> str:
        return "\n".join([self.title, *self.lines, *([self.link] if self.link else [])])


_TITLES: Mapping[str, Mapping[Event, str]] = {
    "pt": {
        Event.REQUESTED: "{contact} quer falar com uma pessoa",
        Event.WAITING: "{contact} espera por uma pessoa há {minutes} min, e ninguém assumiu",
        Event.VANISHED: "A conversa com {contact} voltou para a fila: quem a tinha saiu",
        Event.TRANSFERRED: "A conversa com {contact} foi passada para {whom}",
        Event.MESSAGE: "{contact} escreveu para você",
        Event.EXPIRED: "Ninguém atendeu {contact} a tempo: o pedido expirou",
        Event.FAILED: "Uma mensagem para {contact} não foi enviada",
        Event.PARKED: "O assistente não conseguiu responder a {contact}",
        Event.ACCOUNT: "A conta {account} parou de enviar e precisa de você",
        Event.TEST: "Teste: os alertas do Baton chegam aqui",
    },
    "en": {
        Event.REQUESTED: "{contact} asks for a person",
        Event.WAITING: "{contact} has waited for a person for {minutes} min, and nobody has come",
        Event.VANISHED: "The conversation with {contact} is back in the queue: whoever had it is gone",
        Event.TRANSFERRED: "The conversation with {contact} was passed to {whom}",
        Event.MESSAGE: "{contact} wrote to you",
        Event.EXPIRED: "Nobody came to {contact} in time: the request expired",
        Event.FAILED: "A message to {contact} was not sent",
        Event.PARKED: "The assistant could not answer {contact}",
        Event.ACCOUNT: "The account {account} has stopped sending and needs you",
        Event.TEST: "Test: Baton's alerts arrive here",
    },
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "pt": {
        "somebody": "um cliente",
        "you": "você",
        "team": "a sua equipe",
        "account": "Conta",
        "reason": "Motivo",
        "priority": "Prioridade",
        "waiting_since": "Espera desde",
        "queue_place": "Lugar na fila",
        "text": "Última mensagem",
        "address": "Número",
    },
    "en": {
        "somebody": "a customer",
        "you": "you",
        "team": "your team",
        "account": "Account",
        "reason": "Reason",
        "priority": "Priority",
        "waiting_since": "Waiting since",
        "queue_place": "Place in the queue",
        "text": "Last message",
        "address": "Number",
    },
}
#: What codes stand for; one that is not here is told as it is.
_CODES: Mapping[str, Mapping[str, str]] = {
    "pt": {
        "asked": "pediu uma pessoa",
        "button": "pediu uma pessoa, pelo botão",
        "fallback": "o assistente não entendeu",
        "form_failed": "não conseguiu preencher o pedido",
        "anger": "está irritado",
        "complaint": "reclamação",
        "order_unreachable": "o sistema de pedidos não respondeu",
        "marked": "assunto para uma pessoa",
        "paused": "o assistente foi pausado",
        "wrote_again": "escreveu de novo",
        "opening": "esperou até a abertura",
        "owner_silent": "ficou sem resposta",
        "token_dead": "a Meta não aceita mais o token dela",
        "deauthorized": "o acesso do aplicativo foi retirado na Meta",
        "waba_disabled": "a Meta desativou a conta comercial dela",
        "waba_to_be_disabled": "a Meta vai desativar a conta comercial dela",
        "waba_violation": "a Meta viu nela uma violação das suas regras",
        "waba_restricted": "a Meta restringiu o que ela pode fazer",
        "waba_deleted": "a conta comercial dela foi apagada",
        "waba_taken_away": "o acesso do aplicativo à conta comercial dela foi retirado",
        "waba_alert": "um alerta crítico da Meta sobre ela",
        "token_ends": "o token dela acaba em poucos dias",
        "low": "baixa",
        "medium": "média",
        "high": "alta",
        "urgent": "urgente",
    },
    "en": {
        "asked": "asked for a person",
        "button": "asked for a person, by the button",
        "fallback": "the assistant did not understand",
        "form_failed": "could not fill in the order",
        "anger": "is angry",
        "complaint": "complaint",
        "order_unreachable": "the order system did not answer",
        "marked": "a matter for a person",
        "paused": "the assistant was paused",
        "wrote_again": "wrote again",
        "opening": "has waited until opening time",
        "owner_silent": "was left without an answer",
        "token_dead": "Meta no longer takes its token",
        "deauthorized": "the app's access was taken away at Meta",
        "waba_disabled": "Meta has disabled its business account",
        "waba_to_be_disabled": "Meta is about to disable its business account",
        "waba_violation": "Meta sees a violation of its rules",
        "waba_restricted": "Meta has restricted what it may do",
        "waba_deleted": "its business account was deleted",
        "waba_taken_away": "the app's access to its business account was taken away",
        "waba_alert": "Meta gave a critical alert about it",
        "token_ends": "its token ends in a few days",
    },
}


def tell(rule: AlertRule, event: Event, facts: Mapping[str, Any], *, link: str | None, now: datetime) -> Telling:
    words = _WORDS[rule.settings.language]
    title = _TITLES[rule.settings.language][event].format(
        contact=facts.get("contact") or words["somebody"],
        minutes=(_waited_s(facts, now) or rule.after_s) // 60,
        account=facts.get("account") or "",
        whom=words["you"] if facts.get("owner") else words["team"],
    )
    lines = [
        f"{words[name]}: {_told(rule, name, facts[name])}"
        for name in ("account", "reason", "priority", "waiting_since", "queue_place", "text", "address")
        if facts.get(name) is not None
    ]
    return Telling(title=title[:1].upper() + title[1:], lines=tuple(lines), link=link)


def _waited_s(facts: Mapping[str, Any], now: datetime) -> int:
    since = facts.get("waiting_since")
    return max(int((now - datetime.fromisoformat(since)).total_seconds()), 0) if since else 0


def _told(rule: AlertRule, name: str, value: Any) -> str:
    if name == "waiting_since":
        return datetime.fromisoformat(value).astimezone(ZoneInfo(rule.settings.time_zone)).strftime("%H:%M")
    if name in ("reason", "priority"):
        return _CODES[rule.settings.language].get(value, str(value))
    return " ".join(str(value).split())
