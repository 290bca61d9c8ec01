"""An intent marked in the domain leads to a person by rules that nobody has to write."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from rasa.shared.importers.importer import TrainingDataImporter

from components.marked_intents import rules_of

# Rasa's old stack warns about itself.
pytestmark = pytest.mark.filterwarnings("ignore")


def rule_names(folder: Path, domain: str) -> list[str]:
    (folder / "domain.yml").write_text('version: "3.1"\n' + textwrap.dedent(domain), encoding="utf-8")
    (folder / "rules.yml").write_text(
        'version: "3.1"\nrules:\n- rule: written\n  steps:\n  - intent: greet\n  - action: utter_greet\n'
    )
    config = folder / "config.yml"
    config.write_text("recipe: default.v1\nimporters:\n- name: components.marked_intents.MarkedIntents\n")
    importer = TrainingDataImporter.load_from_config(
        str(config), str(folder / "domain.yml"), [str(folder / "rules.yml")]
    )
    return sorted(step.block_name for step in importer.get_stories().story_steps)


DOMAIN = """
    intents: [greet, {allergy: {handover: high}}, {party: {handover: true}}, {menu: {handover: false}}]
    actions: [check_agent, request_handover]
    slots: {size: {type: text, mappings: [{type: from_text}]}}
    forms: {size_form: {required_slots: [size]}}
    responses: {utter_greet: [{text: hi}]}
"""


def test_each_marked_intent_gets_a_rule_and_one_for_each_form(tmp_path: Path) -> None:
    assert rule_names(tmp_path, DOMAIN) == [
        "allergy is marked",
        "allergy is marked, in size_form",
        "party is marked",
        "party is marked, in size_form",
        "written",
    ]


def test_without_a_mark_the_project_is_as_it_was(tmp_path: Path) -> None:
    assert rule_names(tmp_path, "intents: [greet]\nresponses: {utter_greet: [{text: hi}]}") == ["written"]


def test_a_person_is_asked_for_only_where_the_assistant_may_answer_and_after_the_form_is_left() -> None:
    outside, inside = rules_of({"party": {"handover": True}}, ["size_form"])

    asks = [{"action": "check_agent"}, {"action": "request_handover"}, {"slot_was_set": [{"handover_reason": None}]}]
    assert outside["steps"] == [{"intent": "party"}, *asks]
    leaves = [{"action": "action_deactivate_loop"}, {"active_loop": None}]
    assert inside["condition"] == [{"active_loop": "size_form"}]
    assert inside["steps"] == [{"intent": "party"}, *leaves, *asks]
