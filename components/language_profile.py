"""Which of the assistant's languages a short text is in, from the n-grams of labelled examples.

Naive Bayes weights, averaged over the text's n-grams. It would rather say nothing than turn a
conversation around because of an "ok", a dish or a name.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
LINK = re.compile(r"\S*(?:://|www\.|@)\S*")
# Laughter and hesitation are the same everywhere.
NOISE = re.compile(r"k{2,}|(?:rs)+|a?(?:ha|he){2,}h?|h+m+")
# "oiii" and "noooo" are "oi" and "no".
DRAWN_OUT = re.compile(r"(.)\1{2,}")
# What is written the same in Portuguese and English chats, whichever of the two sets of examples has it.
NEUTRAL = frozenset(
    [
        "ok",
        "okay",
        "okey",
        "k",
        "x",
        "menu",
        "status",
        "online",
        "delivery",
        "pizza",
        "pizzas",
        "burger",
        "burgers",
        "hamburger",
        "cheese",
        "bacon",
        "combo",
        "coca",
        "cola",
        "fast",
        "food",
        "pix",
        "app",
        "bot",
        "chat",
        "link",
        "site",
        "wifi",
        "email",
        "whatsapp",
        "whats",
        "zap",
        "wpp",
        "insta",
        "instagram",
        "facebook",
        "messenger",
    ]
)
SMOOTHING = 0.5
# One rare n-gram must not decide a text alone.
HEAVIEST = 3.0
# Lighter n-grams say nothing, and leaving them out keeps the model small.
LIGHTEST = 0.2
# Below this mean weight the text is called unsure; tests/nlu/test_language.py measures what it costs.
SURE = 0.45
# A single word that no example has may be a name or a dish, so it has to look more like a language than that.
SURE_OF_UNKNOWN_WORD = 1.0


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The weight of each n-gram for each language, against all the others."""

    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sure: float = SURE

    def language_of(self, text: str) -> str | None:
        """The language of a text, or None when it could be either."""
        grams = grams_of(text)
        if not grams:
            return None
        scores = {language: mean_weight(grams, weights) for language, weights in self.weights.items()}
        best = max(scores, key=lambda language: scores[language], default=None)
        return best if best is not None and scores[best] >= self._needed(grams) else None

    def _needed(self, grams: frozenset[str]) -> float:
        words = [gram for gram in grams if gram.startswith("=")]
        known = any(word in weights for word in words for weights in self.weights.values())
        return self.sure if len(words) > 1 or known else max(self.sure, SURE_OF_UNKNOWN_WORD)


def learn(examples: Iterable[tuple[str, str]], *, sure: float = SURE) -> Profile:
    """Make a profile from (text, language) pairs; fewer than two languages give one that is never sure."""
    seen: dict[str, Counter[str]] = {}
    for text, language in examples:
        seen.setdefault(language, Counter()).update(grams_of(text))
    if len(seen) < 2:
        return Profile(sure=sure)
    return Profile(weights={language: weights_against_rest(language, seen) for language in seen}, sure=sure)


def weights_against_rest(language: str, seen: Mapping[str, Counter[str]]) -> dict[str, float]:
    own = seen[language]
    rest: Counter[str] = Counter()
    for other, counts in seen.items():
        if other != language:
            rest.update(counts)
    vocabulary = len(own | rest)
    own_total = own.total() + SMOOTHING * vocabulary
    rest_total = rest.total() + SMOOTHING * vocabulary
    weights: dict[str, float] = {}
    for gram in own | rest:
        weight = math.log((own[gram] + SMOOTHING) / own_total * rest_total / (rest[gram] + SMOOTHING))
        if abs(weight) >= LIGHTEST:
            weights[gram] = round(max(-HEAVIEST, min(HEAVIEST, weight)), 2)
    return weights


def mean_weight(grams: frozenset[str], weights: Mapping[str, float]) -> float:
    return sum(weights.get(gram, 0.0) for gram in grams) / len(grams)


def grams_of(text: str) -> frozenset[str]:
    """Whole words (marked by "=") and their pieces of 2 to 4 letters, with and without accents."""
    grams: set[str] = set()
    for word in WORD.findall(LINK.sub(" ", text.lower())):
        if word in NEUTRAL or NOISE.fullmatch(word):
            continue
        word = DRAWN_OUT.sub(r"\1", word)
        grams.add(f"={word}")
        for spelling in {word, without_accents(word)}:
            padded = f" {spelling} "
            for size in (2, 3, 4):
                grams.update(padded[start : start + size] for start in range(len(padded) - size + 1))
    return frozenset(grams)


def without_accents(text: str) -> str:
    spread = unicodedata.normalize("NFD", text)
    return "".join(char for char in spread if not unicodedata.combining(char))


def first_word(text: str) -> tuple[int, int] | None:
    """Where the first word of a text stands, links and numbers left out."""
    links = [(found.start(), found.end()) for found in LINK.finditer(text)]
    for found in WORD.finditer(text):
        if not any(start <= found.start() < end for start, end in links):
            return found.start(), found.end()
    return None
