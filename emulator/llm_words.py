"""What the stand-in for language models says of itself: the same to the same, in the asker's language."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PORTUGUESE = re.compile(
    r"[ãõçáéíóúâêô]|\b(oi|ola|bom dia|boa tarde|boa noite|voce|voces|quero|queria|pedido|obrigad[oa]|nao|sim|quanto|"
    r"qual|quando|onde|horario|preco|entrega|por favor|tudo bem|meu|minha|uma?|para|que)\b",
    re.IGNORECASE,
)
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"\b(obrigad[oa]|valeu|thanks?|thank you)\b", "De nada! Posso ajudar em mais alguma coisa?", "You are welcome!"),
    (
        r"\b(hor[aá]rio|aberto|abre|fecha|opening|open|close)\b",
        "Abrimos de segunda a sábado, das 9h às 18h.",
        "We are open from Monday to Saturday, 9 am to 6 pm.",
    ),
    (
        r"\b(pre[cç]o|quanto custa|valor|price|cost|how much)\b",
        "Depende do produto. Qual deles você procura?",
        "That depends on the product. Which one are you looking for?",
    ),
    (
        r"\b(oi|ol[aá]|bom dia|boa tarde|boa noite|hi|hello|hey|good (morning|afternoon|evening))\b",
        "Olá! Como posso ajudar?",
        "Hello! How can I help?",
    ),
)


def made_of(text: str) -> str:
    portuguese = bool(_PORTUGUESE.search(text))
    for pattern, in_portuguese, in_english in _KNOWN:
        if re.search(pattern, text, re.IGNORECASE):
            return in_portuguese if portuguese else in_english
    said = " ".join(text.split())[:200]
    if portuguese:
        return f"Entendi: “{said}”. Sou um modelo de demonstração, mas um de verdade diria algo útil aqui."
    return f"I see: “{said}”. I am a stand-in, but a real model would say something useful here."


def pieces(text: str) -> Iterator[str]:
    """As models stream: a word with the space before it."""
    yield from re.findall(r"\s*\S+", text) or [text]


def tokens(text: str) -> int:
    """About as many as a real one would count."""
    return len(text) // 4 + 1
