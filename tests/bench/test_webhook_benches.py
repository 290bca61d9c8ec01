"""`bench bodies` and `bench fuzz`: short and seeded, on the running product; and that their own walk finds things."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench import bodies
from bench.bodies import Body
from bench.webhooks import events, mutations, told
from bench.webhooks.kept import Found, Whose
from tests.another_guard import another_guard

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "bench" / "webhooks" / "seeds"
PAYLOADS = ROOT / "tests" / "connectors" / "payloads"
PAGE, ANA = "200000000000001", "7100000000000001"


def run_bench(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "BATON_PAYLOADS"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr[-2000:]
    figures: dict[str, Any] = json.loads(lines[-1])
    assert "error" not in figures, done.stderr[-2000:]
    return done.returncode, figures


@pytest.mark.slow
def test_of_every_body_that_was_posted_all_is_kept_where_it_belongs() -> None:
    code, figures = run_bench("bodies", str(SEEDS))

    assert (code, figures["broken"]) == (0, [])
    assert figures["bodies"] > 70 and set(figures["channels"]) == {"whatsapp", "instagram", "messenger"}
    assert figures["ids"] > 100


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["whatsapp", "instagram", "messenger"])
def test_what_nobody_ever_wrote_is_kept_too(channel: str) -> None:
    code, figures = run_bench("fuzz", "--channel", channel, "--bodies", "150", "--talks", "3", "--seed", "7")

    assert (code, figures["broken"]) == (0, [])
    assert figures["bodies"] == 150 and figures["splits"]["events"] == 36 and figures["accounts"]["bodies"] == 18
    assert figures["statuses"]["200"] > 120


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(
    ("sabotage", "channel", "broken"),
    [
        another_guard("drop-unknown", "instagram", {"silent_drops"}),
        another_guard("one-of-a-batch", "messenger", {"silent_drops", "missing", "crossed"}),
        ("no-dedup", "whatsapp", {"doubled", "more"}),
    ],
)
def test_a_guard_taken_out_is_seen(sabotage: str, channel: str, broken: set[str]) -> None:
    arguments = ("--channel", channel, "--bodies", "60", "--talks", "2", "--seed", "7", "--sabotage", sabotage)
    code, figures = run_bench("fuzz", *arguments)

    counts = {**figures, **figures["splits"], **figures["accounts"]}
    assert code == 1
    assert {name for name in ("silent_drops", "doubled", "missing", "more", "crossed") if counts[name]} == broken


def item(**what: Any) -> dict[str, Any]:
    return {"sender": {"id": ANA}, "recipient": {"id": PAGE}, **what}


def body(*items: dict[str, Any], name: str = "a.json") -> Body:
    whole = {"object": "page", "entry": [{"id": PAGE, "messaging": list(items)}]}
    return Body(name=name, channel="messenger", json=whole)


def test_an_id_is_found_wherever_an_event_has_it() -> None:
    told_here = body(
        item(message={"mid": "m_1", "text": "a", "reply_to": {"mid": "m_before"}}),
        item(delivery={"mids": ["m_2", 3]}),
        item(reaction={"mid": "m_4"}),
        item(brand_new={"deep": [{"mid": "m_5"}]}),
    )

    assert {place.id for place in told.places(told_here.json)} == {"m_1", "m_2", "3", "m_4", "m_5"}
    assert {place.ends for place in told.places(told_here.json)} == {frozenset({ANA})}


def of_whatsapp(**message: Any) -> Body:
    value = {"metadata": {"phone_number_id": "7"}, "messages": [message]}
    whole = {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]}
    return Body(name="w", channel="whatsapp", json=whole)


def test_of_what_is_said_in_a_group_the_contact_is_the_group_alone() -> None:
    said = of_whatsapp(id="w1", group_id="g1", **{"from": "5511"})
    assert [place.ends for place in told.places(said.json)] == [frozenset({"g1"})]


def test_who_changed_number_took_their_conversation_along_and_nobody_else_did() -> None:
    before = of_whatsapp(id="w1", **{"from": "55110000"})
    other = of_whatsapp(id="w2", **{"from": "55119999"})
    moved = of_whatsapp(id="w3", type="system", system={"wa_id": "55112222"}, **{"from": "55110000"})
    found = Found(words={"w1", "w2", "w3"})
    whose = {id_: [Whose(account="7", addresses=frozenset({"55112222"}))] for id_ in ("w1", "w2", "w3")}

    assert bodies.look([before, other, moved], found, whose) == (
        [],
        ["w: w2 is in a conversation with none of its ends"],
    )


@pytest.mark.parametrize("path", sorted(PAYLOADS.rglob("*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_in_a_body_with_messages_the_walk_finds_one(path: Path) -> None:
    """Not so where there is none: told by the text alone."""
    text = path.read_text("utf-8")
    if '"entry"' in text and ('"mid"' in text or '"wamid.' in text):
        assert told.places(json.loads(text))


def test_what_is_nowhere_and_what_is_with_somebody_else_are_seen() -> None:
    posted = [body(item(message={"mid": "m_1"}), item(message={"mid": "m_2"}), item(message={"mid": "m_3"}))]
    found = Found(words={"m_1", "m_2"})
    with_ana, with_ben = (Whose(account=PAGE, addresses=frozenset({address})) for address in (ANA, "72"))

    not_found, wrong = bodies.look(posted, found, {"m_1": [with_ana], "m_2": [with_ben]})

    assert [line.split()[1] for line in not_found] == ["m_3"]
    assert [line.split()[1] for line in wrong] == ["m_2"]


def test_a_message_on_another_account_is_seen() -> None:
    elsewhere = Whose(account="200000000000002", addresses=frozenset({ANA}))

    _, wrong = bodies.look([body(item(message={"mid": "m_1"}))], Found(words={"m_1"}), {"m_1": [elsewhere]})

    assert wrong == ["a.json: m_1 is with another account"]


def test_messages_that_share_an_id_are_told_apart_but_what_is_of_a_message_keeps_its_id() -> None:
    first, same = body(item(message={"mid": "m_1", "text": "a"})), body(item(message={"mid": "m_1", "text": "a"}))
    other = body(item(message={"mid": "m_1", "text": "b"}), item(read={"mid": "m_1"}))

    changed = bodies.tell_apart([first, same, other])

    assert changed == 1
    assert [[place.id for place in told.places(each.json)] for each in (first, same)] == [["m_1"], ["m_1"]]
    assert {place.id for place in told.places(other.json)} == {"m_1~1", "m_1"}


def test_the_same_seed_makes_the_same_bodies_and_every_mutation_happens() -> None:
    seeds = json.loads((SEEDS / "messenger.json").read_text("utf-8"))

    made, again = (list(mutations.many(seeds, 400, 3)) for _ in range(2))

    assert [each.raw for each in made] == [each.raw for each in again]
    how = Counter(name for each in made for name in each.how)
    assert set(how) == {"drop", "null", "retype", "unknown", "unicode", "twice", "nested", "truncate"}
    owned = [id_ for each in made for id_ in each.own_ids]
    assert len(owned) > 300 and len(set(owned)) == len(owned)


@pytest.mark.parametrize("channel", ["whatsapp", "instagram", "messenger"])
def test_a_body_of_events_has_each_of_them_once(channel: str) -> None:
    talk = events.talk(("1", "2"), ("71", "72"), 9, "t", 1790000000)

    made = events.body(channel, talk, random.Random(1))

    assert sorted(place.id or "" for place in told.places(made)) == sorted(event.id for event in talk)
