"""What the owner of an Instagram account reads after signing in: what happened, and what is to be done now."""

from __future__ import annotations

from handover.plain_page import Told
from runtime.instagram_connecting import Ended, Ending

_TITLES = {
    "pt": {
        Ending.CONNECTED: "Conta conectada",
        Ending.RENEWED: "Conta conectada de novo",
        Ending.DENIED: "Nada foi conectado",
        Ending.STALE: "Este link não vale mais",
        Ending.REFUSED: "O Instagram não aceitou",
        Ending.PERSONAL: "Esta conta é pessoal",
        Ending.OTHERWISE: "Esta conta já está conectada de outro jeito",
    },
    "en": {
        Ending.CONNECTED: "Account connected",
        Ending.RENEWED: "Account connected again",
        Ending.DENIED: "Nothing was connected",
        Ending.STALE: "This link is not good any more",
        Ending.REFUSED: "Instagram did not accept it",
        Ending.PERSONAL: "This is a personal account",
        Ending.OTHERWISE: "This account is connected in another way already",
    },
}
_TEXTS = {
    "pt": {
        Ending.CONNECTED: "{account} está conectada. As mensagens novas aparecem no atendimento.",
        Ending.RENEWED: "{account} tem um acesso novo. As conversas e os ajustes continuam como estavam.",
        Ending.DENIED: "O acesso não foi dado. Se foi engano, peça um link novo e escolha Permitir.",
        Ending.STALE: "Cada link vale dez minutos e uma vez só. Peça um novo a quem cuida do Baton.",
        Ending.REFUSED: "Nada mudou aqui. Peça um link novo; se falhar outra vez, mostre isto a quem cuida do Baton.",
        Ending.PERSONAL: (
            "O Instagram só entrega mensagens de contas profissionais. Mude o tipo nas configurações do Instagram"
            " e peça um link novo."
        ),
        Ending.OTHERWISE: "Ela entrou por uma Página do Facebook, ou pelo emulador. Nada mudou aqui.",
    },
    "en": {
        Ending.CONNECTED: "{account} is connected. New messages are shown at the desk.",
        Ending.RENEWED: "{account} has a new access. Its conversations and settings are as they were.",
        Ending.DENIED: "Access was not given. If that was a mistake, ask for a new link and choose Allow.",
        Ending.STALE: "Each link is good for ten minutes, and once. Ask whoever runs Baton for a new one.",
        Ending.REFUSED: "Nothing has changed. Ask for a new link; if it fails again, show this to whoever runs Baton.",
        Ending.PERSONAL: (
            "Instagram hands over messages of professional accounts only. Change the kind in Instagram's settings,"
            " and ask for a new link."
        ),
        Ending.OTHERWISE: "It came through a Facebook Page, or the emulator. Nothing has changed here.",
    },
}
_DEAF = {
    "pt": "O Instagram ainda não avisa de mensagens novas; o Baton tenta de novo sozinho. Se não chegarem, veja nas"
    " configurações do Instagram se o acesso às mensagens está permitido.",
    "en": "Instagram does not tell us of new messages yet; Baton tries again by itself. If none come, see whether"
    " Instagram's settings allow access to messages.",
}


#: By the words of a dashboard that we did not write.
_DASHBOARDS = {
    Ending.DENIED: "authorization_failed",
    Ending.STALE: "invalid_state",
    Ending.REFUSED: "token_exchange_failed",
    Ending.PERSONAL: "no_instagram_id",
}


def dashboards(ended: Ended, language: str) -> str | None:
    """What went wrong; None where nothing did. What it has no word of is told in ours."""
    if ended.ending in (Ending.CONNECTED, Ending.RENEWED):
        return None
    return _DASHBOARDS.get(ended.ending) or _TITLES[language][ended.ending]


def told(ended: Ended, language: str) -> Told:
    account = ended.account.name if ended.account is not None else ""
    lines = [_TEXTS[language][ended.ending].format(account=account)]
    if ended.deaf:
        lines.append(_DEAF[language])
    if ended.why:
        lines.append(ended.why)
    return Told(title=_TITLES[language][ended.ending], lines=tuple(lines))
