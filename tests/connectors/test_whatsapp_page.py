"""The page about what comes from WhatsApp: each row's bodies are read as it says, and no kind is without a row."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors import whatsapp_parse
from conversation import sent
from conversation.arrivals import Arrival, Echo, Inbound
from tests.connectors.contract import NOW, payload_files

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["whatsapp.md", "whatsapp.pt-BR.md"]
WORDS = re.compile(r"`([a-z_]+)`")
#: Told on the page of what an account is told, not of customers; and what is kept for people who look after it.
OF_ACCOUNTS = {"AccountNews", "AccountTrouble", "MarketingWish", "Known", "Unfamiliar"}
#: A name is not needed for what is seen as what it is.
SEEN = {"text", "button", "image", "video", "audio", "document", "sticker", "reaction"}


@dataclass(frozen=True, kw_only=True)
class Row:
    bodies: tuple[str, ...]
    intents: tuple[str, ...]
    entities: tuple[str, ...]


def rows(page: str) -> list[Row]:
    text = (ROOT / "docs" / page).read_text()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.count("|") == 6
    ]
    return [
        Row(
            bodies=tuple(WORDS.findall(body)),
            intents=tuple(each for each in WORDS.findall(intent) if each.startswith("sent_")),
            entities=tuple(WORDS.findall(entities)),
        )
        for _, body, intent, entities, _ in cells[2:]
    ]


def read(body: str) -> list[Arrival]:
    return whatsapp_parse.parse(json.loads((ROOT / f"tests/connectors/payloads/whatsapp/{body}.json").read_text()), NOW)


def intents(arrival: Arrival) -> tuple[str, ...]:
    return sent.intents(arrival.kind, arrival.content) if isinstance(arrival, Inbound) and not arrival.group else ()


def sort_of(arrival: Arrival) -> tuple[object, ...]:
    kind = arrival.kind if isinstance(arrival, Inbound) else None
    in_group = isinstance(arrival, (Inbound, Echo)) and arrival.addresses[0].kind.value == "group"
    standby = isinstance(arrival, Inbound) and arrival.standby
    return type(arrival).__name__, kind, intents(arrival), in_group, standby


@pytest.mark.parametrize("row", rows(PAGES[0]), ids=lambda row: "-".join(row.bodies))
def test_each_row_is_so(row: Row) -> None:
    found = [arrival for body in row.bodies for arrival in read(body)]
    assert {each for arrival in found for each in intents(arrival)} == set(row.intents)
    told = [
        sent.entities(arrival.kind, arrival.text, arrival.content)
        for arrival in found
        if isinstance(arrival, Inbound) and intents(arrival)
    ]
    assert {name for entities in told for name in entities} <= set(row.entities)
    assert not row.intents or all(map(intents, filter(lambda each: isinstance(each, Inbound), found)))


def test_no_kind_that_comes_is_without_a_row() -> None:
    shown = {sort_of(arrival) for row in rows(PAGES[0]) for body in row.bodies for arrival in read(body)}
    come = {sort_of(arrival) for file in payload_files("whatsapp") for arrival in read_file(file)}
    assert {sort for sort in come if sort[0] not in OF_ACCOUNTS} <= shown


def read_file(file: Path) -> list[Arrival]:
    return whatsapp_parse.parse(json.loads(file.read_text()), NOW)


def test_both_languages_have_the_same_rows() -> None:
    assert rows(PAGES[0]) == rows(PAGES[1]) and len(rows(PAGES[0])) > 20


def test_operators_have_a_word_for_each_kind() -> None:
    words = (ROOT / "handover/desk_page/words.js").read_text()
    found = [each for file in payload_files("whatsapp") for each in read_file(file) if isinstance(each, Inbound)]
    assert [kind for kind in {each.kind for each in found} - SEEN if f"kind_{kind}: [" not in words] == []
