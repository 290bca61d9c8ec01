"""What helps where a message was not sent: a sentence for operators, by Meta's number in the error."""

from __future__ import annotations

import re
from collections.abc import Mapping

from conversation.message import MessageStatus
from conversation.words import language_of

#: "… (100/2018001, trace …)" where a request was refused; "131026 Message undeliverable" in a status report.
_NUMBER = re.compile(r"(?:^|\()(\d{1,9})(?:/(\d{1,9}))?\b", re.ASCII)

_WINDOW = {
    "pt": "Espere o cliente escrever de novo, ou envie um modelo de mensagem aprovado pelo Gerenciador da Meta.",
    "en": "Wait until the customer writes again, or send an approved template from Meta's manager.",
}
_WINDOW_OF_MESSENGER = {
    "pt": (
        "Espere o cliente escrever de novo. Até 7 dias depois da última mensagem dele uma pessoa pode responder, se a "
        "Meta liberou Human Agent para o aplicativo; além disso, só mensagens utilitárias aprovadas."
    ),
    "en": (
        "Wait until the customer writes again. For 7 days after their last message a person may reply, if Meta has "
        "granted the app Human Agent; beside that, only approved utility messages."
    ),
}
_WINDOW_OF_INSTAGRAM = {
    "pt": (
        "Espere o cliente escrever de novo. Até 7 dias depois da última mensagem dele uma pessoa pode responder, se a "
        "Meta liberou Human Agent para o aplicativo."
    ),
    "en": (
        "Wait until the customer writes again. For 7 days after their last message a person may reply, if Meta has "
        "granted the app Human Agent."
    ),
}
_RECIPIENT = {
    "pt": "Confira se a pessoa ainda usa este número e não bloqueou a loja; fale com ela por outro meio.",
    "en": "Check that they still use this number and have not blocked the shop; reach them some other way.",
}
_SLOWER = {
    "pt": "Mensagens demais em pouco tempo: espere um minuto e envie de novo.",
    "en": "Too many messages in a short time: wait a minute and send it again.",
}
_QUALITY = {
    "pt": "A Meta limita esta conta pela qualidade: espere 24 horas antes de escrever de novo a este contato.",
    "en": "Meta limits this account for its quality: wait 24 hours before writing to this contact again.",
}
_TOKEN = {
    "pt": "A Meta não aceita mais o token desta conta: peça um novo a quem cuida do Baton. Depois envie de novo.",
    "en": "Meta no longer takes this account's token: whoever runs Baton sets a new one. Then send it again.",
}
_PERMISSION = {
    "pt": "Falta uma permissão no aplicativo da Meta: quem cuida do Baton a concede lá. Depois envie de novo.",
    "en": "A permission is missing in the Meta app: whoever runs Baton grants it there. Then send it again.",
}
_BLOCKED = {
    "pt": "A Meta bloqueou a conta: veja o motivo no Gerenciador da Meta e peça uma revisão lá.",
    "en": "Meta has blocked the account: see why in Meta's manager, and ask for a review there.",
}
_PAYMENT = {
    "pt": "Acerte a forma de pagamento no Gerenciador da Meta; depois envie de novo.",
    "en": "Put the way to pay right in Meta's manager; then send it again.",
}
_REGISTRATION = {
    "pt": "O número da loja não está pronto para enviar: quem cuida do Baton termina o registro dele na Meta.",
    "en": "The shop's number is not ready to send: whoever runs Baton finishes its registration with Meta.",
}
_TESTERS = {
    "pt": "O aplicativo da Meta ainda está em teste e só escreve a testadores: quem cuida do Baton o publica lá.",
    "en": "The Meta app is still being tested and writes to testers only: whoever runs Baton publishes it there.",
}
_TEMPLATE = {
    "pt": "Este modelo de mensagem não serve ou está parado: confira-o no Gerenciador da Meta, ou envie outro.",
    "en": "This template does not fit, or is stopped: look at it in Meta's manager, or send another.",
}
_IDENTITY = {
    "pt": "O cliente trocou de aparelho ou de conta: confirme com ele quem é antes de enviar de novo.",
    "en": "The customer has another phone or account now: make sure who it is before you send it again.",
}
_FEATURE = {
    "pt": "Esta conta não pode usar este recurso da Meta: escreva de outro modo, ou peça a quem cuida do Baton.",
    "en": "This account can't use this feature of Meta's: write it some other way, or ask whoever runs Baton.",
}
_THREAD = {
    "pt": "Outro aplicativo tem esta conversa na Meta: tome-a de volta antes de enviar de novo.",
    "en": "Another app has this conversation at Meta: take it back before you send it again.",
}
_REQUEST = {
    "pt": "A Meta não aceita este pedido assim, e enviar o mesmo não ajuda: mostre o erro a quem cuida do Baton.",
    "en": "Meta does not take this request as it is, and sending the same won't help: show it to whoever runs Baton.",
}
_FILE = {
    "pt": "Envie outro arquivo, menor ou de outro tipo.",
    "en": "Send another file, smaller or of another kind.",
}
_LATER = {
    "pt": "A Meta está com problemas: envie de novo daqui a alguns minutos.",
    "en": "Meta has a passing trouble: send it again in a few minutes.",
}
_SHOW = {
    "pt": "Tente de novo; se falhar outra vez, mostre o erro a quem cuida do Baton.",
    "en": "Try again; if it fails once more, show the error to whoever runs Baton.",
}
_UNKNOWN = {
    "pt": "Não se sabe se chegou: pergunte ao cliente antes de enviar de novo.",
    "en": "Nobody knows whether it arrived: ask the customer before you send it again.",
}
_STOPPED = {
    "pt": "O que espera não se perde: quem cuida do Baton vê o motivo no Gerenciador da Meta e o corrige.",
    "en": "What waits is not lost: whoever runs Baton sees why in Meta's manager, and mends it.",
}
_OF_PROOF = "app secret"
_SECRET = {
    "pt": "O segredo guardado não é o do aplicativo que fez o token: quem cuida do Baton informa o segredo certo.",
    "en": "The secret that is kept is not that of the app which made the token: whoever runs Baton sets the right one.",
}
_GONE = {
    "pt": "A conta comercial foi apagada na Meta: quem cuida do Baton conecta outra, ou pede à Meta que a devolva.",
    "en": "The business account was deleted at Meta: whoever runs Baton connects another, or asks Meta to restore it.",
}
_AGAIN = {
    "pt": "A conta não está mais ligada a este aplicativo na Meta: quem cuida do Baton a conecta de novo.",
    "en": "The account is not connected with this app at Meta any more: whoever runs Baton connects it again.",
}
#: Of faults that have no number: what we were told, or found out, before anything was refused.
_BY_WORDS = {
    _OF_PROOF: _SECRET,
    "was deleted at Meta": _GONE,
    "has disabled the business account": _BLOCKED,
    "has restricted the business account": _BLOCKED,
    "no longer takes this account's token": _TOKEN,
    "shared with this app no more": _AGAIN,
    "taken off the platform": _AGAIN,
    "taken away at Meta": _AGAIN,
}
#: Of an error with a subcode both numbers are asked for here, the subcode first.
_BY_NUMBER: dict[int, dict[str, str]] = {
    131047: _WINDOW,
    **dict.fromkeys((2018278, 2018065, 1545041), _WINDOW_OF_MESSENGER),
    2534022: _WINDOW_OF_INSTAGRAM,
    **dict.fromkeys((131026, 131021, 130472, 131050, 131062, 551, 2018001, 2018108), _RECIPIENT),
    **dict.fromkeys((131030, 2018028), _TESTERS),
    **dict.fromkeys((4, 17, 32, 613, 80007, 130429, 131056), _SLOWER),
    **dict.fromkeys((131048, 131049, 131064), _QUALITY),
    **dict.fromkeys((190, 0, 102), _TOKEN),
    **dict.fromkeys((3, 10, *range(200, 300), 131005), _PERMISSION),
    **dict.fromkeys((368, 131031, 130497), _BLOCKED),
    131042: _PAYMENT,
    **dict.fromkeys((33, 131037, 133000, 133005, 133006, 133008, 133009, 133010, 133015, 133016), _REGISTRATION),
    **dict.fromkeys((131052, 131053, 2018109, 2018047, 2018008), _FILE),
    **dict.fromkeys((1, 2, 1200, 131000, 131016, 131057, 133004, 2494100), _LATER),
    **dict.fromkeys((100, 131008, 131009, 131051, 131045, 131063), _REQUEST),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132008, 132012), _TEMPLATE),
    **dict.fromkeys((132015, 132016, 132068, 132069), _TEMPLATE),
    137000: _IDENTITY,
    27: _THREAD,
    **dict.fromkeys((10303, 131020, 131041, *range(131201, 131216), *range(139100, 139104)), _FEATURE),
    **dict.fromkeys((*range(138000, 138019), *range(147001, 147006)), _FEATURE),
}


def cure(status: MessageStatus, error: str | None, language: str) -> str | None:
    """None where nothing went wrong. `error` is what the message says of it, with Meta's number in brackets."""
    if status is MessageStatus.UNKNOWN:
        return _UNKNOWN[language_of(language)]
    if status is not MessageStatus.FAILED:
        return None
    return _for(error or "")[language_of(language)]


def of_account(fault: str | None, language: str) -> str | None:
    """What helps where an account has stopped; None where it has not."""
    if fault is None:
        return None
    known = next((cure for words, cure in _BY_WORDS.items() if words in fault), None)
    return (known or _for(fault, _STOPPED))[language_of(language)]


def _for(error: str, otherwise: Mapping[str, str] = _SHOW) -> Mapping[str, str]:
    """A subcode says more than its code."""
    found = _NUMBER.search(error)
    numbers = [int(number) for number in reversed(found.groups()) if number] if found else []
    return next((_BY_NUMBER[number] for number in numbers if number in _BY_NUMBER), otherwise)
