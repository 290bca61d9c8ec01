"""`./baton conversation export`: what trainers get of what customers wrote."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import cli, training_examples
from app.commands.conversation_export import moment
from app.training_examples import NEEDS_REVIEW, Wanted
from conversation.errors import BadInput
from store import heard, messages, trackers
from store.heard import Heard
from tests.house import ANA, START, Stage


async def understood(stage: Stage, text: str, *ranking: tuple[str, float], name: str = "Ana Maria") -> None:
    """The customer writes, and a model thinks this of it."""
    conversation_id = await stage.hears(text, name=name)
    message = (await stage.messages(conversation_id))[-1]
    ranked = [{"name": intent, "confidence": confidence} for intent, confidence in ranking]
    event = {
        "event": "user",
        "text": text,
        "message_id": message.provider_id,
        "timestamp": 1.0,
        "parse_data": {"intent": ranked[0], "intent_ranking": ranked},
    }

    def write(tx: Any) -> None:
        trackers.append(tx, conversation_id, [event], now=stage.clock.now())
        messages.set_verdict(
            tx, message.id, verdict="answer", reason="may_answer", intent=ranking[0][0], confidence=ranking[0][1]
        )

    await stage.db.write(write)


async def found(stage: Stage, since: datetime = START) -> list[Heard]:
    return (await stage.db.read(heard.page, since=since, after=-(2**62), limit=100))[0]


async def test_a_fallback_comes_under_the_guess_behind_it_with_where_it_is_from(stage: Stage) -> None:
    await understood(stage, "cadê meu rango, pedido 1042?", ("nlu_fallback", 0.3), ("ask_order", 0.28), ("greet", 0.2))
    await understood(stage, "oi", ("greet", 0.99))
    wanted = Wanted(intents={"nlu_fallback"}, max_confidence=0.6)
    (example,) = training_examples.examples(await found(stage), wanted, [])
    assert (example.text, example.intent) == ("cadê meu rango, pedido NUMBER?", "ask_order")
    assert example.metadata["confidence"] == 0.28
    assert example.metadata["decided_as"] == "nlu_fallback"
    assert example.metadata["next_guess"] == "greet 0.2000"
    assert example.metadata["conversation"].startswith("cnv_")
    assert ANA not in repr(example)


async def test_how_sure_the_best_guess_may_be_is_a_bound(stage: Stage) -> None:
    await understood(stage, "quase", ("ask_order", 0.6))
    await understood(stage, "certo", ("ask_order", 0.61))
    made = training_examples.examples(await found(stage), Wanted(max_confidence=0.6), [])
    assert [each.text for each in made] == ["quase"]


async def test_what_was_written_to_a_person_is_there_with_their_answer(stage: Stage) -> None:
    conversation_id = await stage.hears("oi", name="Ana Maria")
    await stage.ownership.take(conversation_id, by="bia")
    await stage.hears("vocês fazem festa de criança?")
    await stage.all_turns(conversation_id)
    await stage.ownership.reply(conversation_id, "Fazemos sim, Ana! Ligue 11 98888-0001.", by="bia")
    made = training_examples.examples(await found(stage), Wanted(intents={"nlu_fallback"}), ["bia"])
    party = next(each for each in made if "festa" in each.text)
    assert party.intent == NEEDS_REVIEW
    assert party.metadata["taken_over"] is True
    assert party.metadata["person_answered"] == "Aqui é NAME, da equipe. Fazemos sim, NAME! Ligue NUMBER."
    assert training_examples.examples(await found(stage), Wanted(taken_over=False), ["bia"]) == []


async def test_names_and_marks_of_entities_are_the_customers_and_not_in_it(stage: Stage) -> None:
    await understood(stage, "aqui é ana\nmaria [x](y) {z}", ("greet", 0.2))
    (example,) = training_examples.examples(await found(stage), Wanted(), [])
    assert example.text == "aqui é NAME (x)(y) (z)"


async def test_the_same_words_are_there_once_and_counted(stage: Stage) -> None:
    for _ in range(3):
        await understood(stage, "qual o valor?", ("ask_price", 0.4))
    (example,) = training_examples.examples(await found(stage), Wanted(), [])
    assert (example.times, example.metadata["times"]) == (3, 3)


async def test_rasa_reads_what_is_written(stage: Stage) -> None:
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    await understood(stage, 'o "kit": #2 é bom? - sim', ("ask_price", 0.4))
    await understood(stage, "~ nada: disso", ("nlu_fallback", 0.3), ("greet", 0.2))
    text = training_examples.nlu_yaml(training_examples.examples(await found(stage), Wanted(), []), START)
    read = RasaYAMLReader().reads(text)
    assert {(each.get("text"), each.get("intent")) for each in read.training_examples} == {
        ('o "kit": #2 é bom? - sim', "ask_price"),
        ("~ nada: disso", "greet"),
    }


async def test_what_is_older_or_was_taken_back_is_not_there(stage: Stage) -> None:
    await understood(stage, "antigo", ("greet", 0.2))
    stage.clock.wind(3600)
    await understood(stage, "novo", ("greet", 0.2))
    assert [each.text for each in await found(stage, START + timedelta(seconds=1))] == ["novo"]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("7d", START - timedelta(days=7)),
        ("36h", START - timedelta(hours=36)),
        ("2w", START - timedelta(days=14)),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=timezone.utc)),
    ],
)
def test_since_when(text: str, means: datetime) -> None:
    assert moment(text, START) == means


@pytest.mark.parametrize("text", ["", "d", "7", "last week"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(BadInput, match="7d"):
        moment(text, START)


def test_the_command_writes_a_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BATON_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    out = tmp_path / "review.yml"
    order = ["conversation", "export", "--since", "7d", "--intent", "nlu_fallback", "--max-confidence", "0.6"]
    assert cli.main([*order, "--out", str(out)]) == 0
    assert yaml.safe_load(out.read_text()) == {"version": "3.1", "nlu": []}
    assert cli.main([*order, "--out", str(out)]) == 1
    assert "there already" in capsys.readouterr().err
    assert cli.main([*order, "--format", "jsonl"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == []
    assert cli.main(["conversation", "export", "--max-confidence", "60"]) == 1
