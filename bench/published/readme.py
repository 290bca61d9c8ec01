"""The README's few figures, in both its languages: a row for each promise whose figures are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.published.kept import Figures
from bench.published.numbers import ENGLISH, PORTUGUESE, shown
from bench.published.tables import Kept

Words = Mapping[str, str]

_HEADS = {ENGLISH: ("measured", "with", "result"), PORTUGUESE: ("medido", "com", "resultado")}


def takeover(each: Figures, language: str) -> Words:
    takes = shown(each["takes"], language)
    return {
        ENGLISH: f"a person takes over, {takes} times|{each['leaked']} messages of the bot's after it",
        PORTUGUESE: f"uma pessoa assume, {takes} vezes|{each['leaked']} mensagens do bot depois disso",
    }


def crash(each: Figures, language: str) -> Words:
    kills, accepted = shown(each["kills"], language), shown(each["accepted"], language)
    counts = [each[name] for name in ("lost", "twice", "disordered", "unanswered")]
    return {
        ENGLISH: f"`kill -9` at eleven places, {kills} times, under {accepted} messages"
        "|{} lost, {} twice, {} out of order, {} unanswered".format(*counts),
        PORTUGUESE: f"`kill -9` em onze pontos, {kills} vezes, com {accepted} mensagens"
        "|{} perdidas, {} em dobro, {} fora de ordem, {} sem resposta".format(*counts),
    }


def accept(each: Figures, language: str) -> Words:
    best = max(each["steps"], key=lambda step: step["accepted_per_s"])
    mine, bare = (shown(best[name], language) for name in ("accepted_per_s", "raw_per_s"))
    return {
        ENGLISH: f"webhooks made durable, {best['at_once']} under way"
        f"|{mine} a second (a bare server with one row: {bare})",
        PORTUGUESE: f"webhooks gravados em disco, {best['at_once']} ao mesmo tempo"
        f"|{mine} por segundo (um servidor mínimo com uma linha: {bare})",
    }


def stock(each: Figures, language: str) -> Words:
    name = "at_once_32" if "at_once_32" in each["ours"] else next(iter(each["ours"]))
    at_once = name.rpartition("_")[2]
    mine, theirs = (shown(each[side][name]["ack_ms"]["p50"], language) for side in ("ours", "stock"))
    return {
        ENGLISH: f"Meta waits for its 200, {at_once} webhooks under way|{mine} ms; stock Rasa {theirs} ms",
        PORTUGUESE: f"a Meta espera pelo 200, {at_once} webhooks ao mesmo tempo|{mine} ms; Rasa puro {theirs} ms",
    }


def history(each: Figures, language: str) -> Words:
    longest, shortest = (shown(events, language) for events in each["longest_to_shortest"]["events"])
    warm = shown(each["longest_to_shortest"]["warm"], language, digits=2)
    known = [(events, at["stock"]["warm_ms"]) for events, at in each["lengths"].items() if at["stock"]["warm_ms"]]
    furthest, ratio = shown(int(known[-1][0]), language), shown(known[-1][1] / known[0][1], language)
    return {
        ENGLISH: f"a turn after {longest} events, against after {shortest}"
        f"|{warm} times the time; stock Rasa {ratio} times, at {furthest}",
        PORTUGUESE: f"um turno depois de {longest} eventos, contra depois de {shortest}"
        f"|{warm} vezes o tempo; Rasa puro {ratio} vezes, com {furthest}",
    }


_ROWS: Mapping[str, Callable[[Figures, str], Words]] = {
    "takeover": takeover,
    "crash": crash,
    "accept": accept,
    "stock": stock,
    "history": history,
}


def all_of(kept: Kept, language: str) -> dict[str, str]:
    """The one table, where there is a row to show."""
    return {"figures": table(kept, language)} if any(name in kept for name in _ROWS) else {}


def table(kept: Kept, language: str) -> str:
    lines = [" | ".join(_HEADS[language]), " | ".join(["---"] * 3)]
    for name, words in _ROWS.items():
        if name in kept:
            what, result = words(kept[name], language)[language].split("|")
            lines.append(f"{what} | `./baton bench {name}` | {result}")
    return "\n".join(f"| {line} |" for line in lines)
