"""What the rules say to customers by themselves, in their language: one catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

DEFAULT_LANGUAGE = "pt"


class Saying(str, Enum):
    ARRIVED = "arrived"  # a person is there
    BACK = "back"  # the assistant is
    EXPIRED = "expired"  # nobody came in time; the assistant goes on
    REJECTED = "rejected"  # nobody will come
    REQUEUED = "requeued"  # the person had to go; another will come
    WAITING = "waiting"  # not forgotten
    NOBODY = "nobody"  # no assistant may speak, and no person has read it yet
    RATE = "rate"
    RATED = "rated"
    NEXT = "next"  # what comes next: you do
    ONE_AHEAD = "one_ahead"
    MANY_AHEAD = "many_ahead"
    OPENS = "opens"
    SOON = "soon"
    ASSISTANT = "assistant"  # who answers is no person
    OPTED_OUT = "opted_out"  # nothing unasked from now on
    OPTED_BACK = "opted_back"  # they want it again
    POLICY = "policy"  # where it is told what is kept


_SAYINGS: dict[Saying, dict[str, str]] = {
    Saying.ARRIVED: {
        "pt": "Aqui é {name}, da equipe.",
        "en": "This is {name} from the team.",
    },
    Saying.BACK: {
        "pt": "A assistente virtual está de volta.",
        "en": "The virtual assistant is back.",
    },
    Saying.EXPIRED: {
        "pt": "Desculpe, ninguém da equipe conseguiu atender a tempo. Posso continuar ajudando por aqui.",
        "en": "Sorry, nobody from the team was free in time. I can go on helping you here.",
    },
    Saying.REJECTED: {
        "pt": "Nossa equipe não consegue atender agora.",
        "en": "Our team can't take your conversation right now.",
    },
    Saying.REQUEUED: {
        "pt": "Outra pessoa da equipe vai continuar o seu atendimento. {what_next}",
        "en": "Another person from the team will carry on with you. {what_next}",
    },
    Saying.WAITING: {
        "pt": "Não esquecemos de você. {what_next}",
        "en": "We have not forgotten you. {what_next}",
    },
    Saying.NOBODY: {
        "pt": "Recebemos a sua mensagem, e alguém da equipe vai responder. {what_next}",
        "en": "We have your message, and somebody from the team will answer it. {what_next}",
    },
    Saying.RATE: {
        "pt": "De 1 a 5, que nota você dá para este atendimento?",
        "en": "From 1 to 5, how would you rate this conversation?",
    },
    Saying.RATED: {"pt": "Obrigado pela nota!", "en": "Thank you for your rating!"},
    Saying.NEXT: {"pt": "Você é a próxima pessoa da fila.", "en": "You are next in line."},
    Saying.ONE_AHEAD: {"pt": "Há uma pessoa na sua frente.", "en": "There is one person ahead of you."},
    Saying.MANY_AHEAD: {"pt": "Há {ahead} pessoas na sua frente.", "en": "There are {ahead} people ahead of you."},
    Saying.OPENS: {"pt": "Nosso atendimento volta {when}.", "en": "Our team is back {when}."},
    Saying.ASSISTANT: {
        "pt": "Eu sou uma assistente virtual.",
        "en": "I am a virtual assistant.",
    },
    Saying.OPTED_OUT: {
        "pt": "Certo: não enviaremos mais nada que você não pediu. Para voltar a receber, escreva QUERO RECEBER.",
        "en": "Done: we will send you nothing you did not ask for. To get our messages again, write START.",
    },
    Saying.OPTED_BACK: {
        "pt": "Certo: você volta a receber as nossas mensagens. Para parar, escreva PARAR.",
        "en": "Done: you will get our messages again. To stop them, write STOP.",
    },
    Saying.POLICY: {"pt": "Mais sobre os seus dados: {url}", "en": "More about your data: {url}"},
    Saying.SOON: {"pt": "Alguém responde em instantes.", "en": "Somebody will be with you in a moment."},
}
#: What those begin with that are never joined to another's words.
_WHOLE_MESSAGES = tuple(
    text.partition("{")[0]
    for saying in (
        Saying.EXPIRED,
        Saying.REJECTED,
        Saying.REQUEUED,
        Saying.WAITING,
        Saying.NOBODY,
        Saying.RATE,
        Saying.RATED,
        Saying.OPTED_OUT,
        Saying.OPTED_BACK,
    )
    for text in _SAYINGS[saying].values()
)
_DAYS = {
    "pt": ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_WHEN = {
    "pt": ("hoje às {clock}", "amanhã às {clock}", "{day} às {clock}", "em {date:%d/%m} às {clock}"),
    "en": ("today at {clock}", "tomorrow at {clock}", "on {day} at {clock}", "on {date:%d %B} at {clock}"),
}
_WEEK = timedelta(days=7)


def language_of(*given: str | None) -> str:
    """The first that we speak."""
    return next((language for language in given if language in _DAYS), DEFAULT_LANGUAGE)


def is_by_rule(text: str) -> bool:
    """Whether it is a whole message of the rules', and no assistant's or person's: for those who tell them apart."""
    return text.startswith(_WHOLE_MESSAGES)


def say(saying: Saying, language: str, **facts: object) -> str:
    return _SAYINGS[saying][language].format(**facts).strip()


def what_next(language: str, *, ahead: int | None, opens_at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """What one who waits can expect: the opening, where nobody is there now; else their place."""
    if opens_at is not None and opens_at > now:
        return say(Saying.OPENS, language, when=when(opens_at, now, zone, language))
    if ahead is None:
        return say(Saying.SOON, language)
    if ahead < 2:
        return say(Saying.ONE_AHEAD if ahead else Saying.NEXT, language)
    return say(Saying.MANY_AHEAD, language, ahead=ahead)


def when(at: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """ "amanhã às 09:00", by the shop's clock."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    days = (there.date() - here.date()).days
    today, tomorrow, this_week, later = _WHEN[language]
    form = today if days <= 0 else tomorrow if days == 1 else this_week if days < _WEEK.days else later
    return form.format(clock=f"{there:%H:%M}", day=_DAYS[language][there.weekday()], date=there)
