"""Numbers as people read them, in English and Portuguese."""

from __future__ import annotations

ENGLISH, PORTUGUESE = "en", "pt-BR"


def shown(value: float | None, language: str = ENGLISH, digits: int | None = None) -> str:
    """About three figures that count, thousands set apart: 0.073, 7.4, 53, 1,349."""
    if value is None:
        return "–"
    if digits is None:
        size = abs(value)
        digits = 0 if size >= 20 or value == int(value) else 1 if size >= 1 else 2 if size >= 0.1 else 3
    text = f"{value:,.{digits}f}"
    return text if language == ENGLISH else text.translate(str.maketrans(",.", ".,"))


def pair(values: dict[str, float] | None, language: str = ENGLISH, names: tuple[str, str] = ("p50", "p99")) -> str:
    """Two percentiles of one list of times."""
    if values is None:
        return "–"
    return " / ".join(shown(values[name], language) for name in names)
