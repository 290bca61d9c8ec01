"""A Rasa project with a form and an action that takes its time, as it is changed and trained again and again."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG = """\
recipe: default.v1
assistant_id: forms
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
    max_iter: 100
policies:
  - name: RulePolicy
"""
INTENTS = {"greet": "hello", "order": "order", "wait": "wait"}
FORM_DOMAIN = """\
forms:
  order_form:
    required_slots:
    - size
    - taste
slots:
  size:
    type: text
    influence_conversation: false
    mappings:
    - type: from_text
      conditions:
      - active_loop: order_form
        requested_slot: size
  taste:
    type: text
    influence_conversation: false
    mappings:
    - type: from_text
      conditions:
      - active_loop: order_form
        requested_slot: taste
"""
FORM_RULES = """\
- rule: an order begins
  steps:
  - intent: order
  - action: order_form
  - active_loop: order_form
- rule: an order is whole
  condition:
  - active_loop: order_form
  steps:
  - action: order_form
  - active_loop: null
  - slot_was_set:
    - requested_slot: null
  - action: utter_done
"""
ACTIONS = '''\
"""Waits for somebody to say that it has waited enough."""

import asyncio
import os
import pathlib

from rasa_sdk import Action


class Wait(Action):
    def name(self):
        return "action_wait"

    async def run(self, dispatcher, tracker, domain):
        folder = pathlib.Path(os.environ["WAIT_FOLDER"])
        (folder / "waiting").touch()
        while not (folder / "enough").exists():
            await asyncio.sleep(0.05)
        dispatcher.utter_message(response="utter_hello")
        return []
'''


def write(folder: Path, *, says: str, form: bool = True) -> Path:
    """`says`: how this training of it greets."""
    nlu = "".join(
        f"- intent: {i}\n  examples: |\n    - {w}\n    - {w} please\n    - {w} {w}\n" for i, w in INTENTS.items()
    )
    order = "utter_hello" if not form else None
    rules = (
        "- rule: greet\n  steps:\n  - intent: greet\n  - action: utter_hello\n"
        "- rule: wait\n  steps:\n  - intent: wait\n  - action: action_wait\n"
        + (FORM_RULES if form else f"- rule: order\n  steps:\n  - intent: order\n  - action: {order}\n")
    )
    domain = (
        f'version: "3.1"\nintents: [{", ".join(INTENTS)}]\nactions: [action_wait]\n'
        "responses:\n"
        f"  utter_hello:\n  - text: {says}\n"
        "  utter_ask_size:\n  - text: Which size?\n"
        "  utter_ask_taste:\n  - text: Which taste?\n"
        '  utter_done:\n  - text: "A {size} {taste}."\n' + (FORM_DOMAIN if form else "")
    )
    files = {
        "config.yml": CONFIG,
        "domain.yml": domain,
        "data/nlu.yml": f'version: "3.1"\nnlu:\n{nlu}',
        "data/rules.yml": f'version: "3.1"\nrules:\n{rules}',
        "actions/__init__.py": "",
        "actions/actions.py": ACTIONS,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in folder.rglob("*"):  # older than any model of it
        os.utime(path, (0, 0))
    return folder
