"""Who wants nothing that they did not ask for: the words that say so, and what they may still be sent.

Such a word stands alone in a message. It is heard as any other too: the assistant or a person answers it. Words that
customers use of orders and menus every day ("cancelar", "end", "voltar") are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum


class By(str, Enum):
    """What said so."""

    WORDS = "words"  # they wrote it to us
    PREFERENCE = "preference"  # they told the platform
    REFUSAL = "refusal"  # the platform refused a message for it
    OPERATOR = "operator"


class Wish(Enum):
    OUT = "out"
    BACK = "back"


#: Longer than all of them, with what may stand around them.
LONGEST = 40
_MARKETING, _AUTHENTICATION = "MARKETING", "AUTHENTICATION"
#: In these they spoke of marketing alone.
_OF_MARKETING = frozenset({By.PREFERENCE, By.REFUSAL})
#: "We recommend waiting at least 24 hours" after the limit of marketing messages to one person [WA docs: 131049].
CAP_CODE, CAP_FOR = 131049, timedelta(hours=24)
REFUSED_CODE = 131050

_WORDS: Mapping[str, Wish] = {
    **dict.fromkeys(
        (
            *("stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "stop promotions", "stop messages"),
            *("stop messaging me", "no more messages", "remove me"),
            *("pare", "parar", "sair", "descadastrar", "descadastre", "me descadastre", "parar promocoes"),
            *("parar mensagens", "remover", "me remova", "cancelar inscricao", "cancelar cadastro"),
            *("nao quero receber", "nao quero mais receber", "nao quero receber mensagens"),
            *("nao quero mais receber mensagens", "nao quero receber promocoes", "nao quero mais receber promocoes"),
        ),
        Wish.OUT,
    ),
    **dict.fromkeys(
        (
            *("start", "unstop", "subscribe", "opt in", "optin", "start promotions"),
            *("quero receber", "voltar a receber", "quero voltar a receber", "quero receber mensagens"),
            *("quero receber promocoes",),
        ),
        Wish.BACK,
    ),
}
_BESIDE_WORDS = re.compile(r"[\W_]+")


def wish_in(text: str | None) -> Wish | None:
    """However it is written: case, accents, stops and stars do not count."""
    if not text or len(text) > LONGEST:
        return None
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return _WORDS.get(_BESIDE_WORDS.sub(" ", plain).strip())


def asks_for_no_more(before: By, by: By) -> bool:
    """Whether what says so now keeps back no more than what said so before."""
    return before not in _OF_MARKETING or by in _OF_MARKETING


def is_kept_back(by: By, category: str | None, *, window_open: bool) -> bool:
    """Whether a template of this category is not to be sent. `category` None: nobody knows it, so it may be marketing.

    A code to sign in with is asked for by whoever signs in. Who spoke to us wants nothing else unasked either; what
    answers their own words of the last day is not that.
    """
    if category == _AUTHENTICATION:
        return False
    if category is None or category == _MARKETING:
        return True
    return by not in _OF_MARKETING and not window_open


def is_marketing(category: str | None) -> bool:
    return category is None or category == _MARKETING


def may_change(since: datetime | None, said_at: datetime) -> bool:
    """Whether what was said then is the last word. `since`: when they opted out."""
    return since is None or said_at >= since
