"""A small Rasa project of somebody else's, whose custom actions count, hang, fail and take their time."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

CONFIG = """\
recipe: default.v1
assistant_id: odd
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
    max_iter: 100
policies:
  - name: RulePolicy
"""
#: intent: examples, and what the rule does. The examples share no word, so that any other word may stand beside them.
INTENTS = {
    "greet": ("hello", "utter_hello"),
    "count": ("count", "action_count"),
    "sleep": ("sleep", "action_sleep"),
    "wait": ("wait", "action_wait"),
    "fail": ("fail", "action_fail"),
    "linger": ("linger", "action_linger"),
}
ACTIONS = '''\
"""Custom actions as people write them."""

import asyncio
import os
import pathlib
import time

from rasa_sdk import Action
from rasa_sdk.events import SlotSet


class Count(Action):
    def name(self):
        return "action_count"

    def run(self, dispatcher, tracker, domain):
        counted = (tracker.get_slot("counted") or 0) + 1
        dispatcher.utter_message(text=f"That makes {counted:.0f}.")
        return [SlotSet("counted", counted)]


class Sleep(Action):
    def name(self):
        return "action_sleep"

    def run(self, dispatcher, tracker, domain):
        time.sleep(600)
        return []


class Wait(Action):
    def name(self):
        return "action_wait"

    async def run(self, dispatcher, tracker, domain):
        await asyncio.sleep(600)
        return []


class Fail(Action):
    def name(self):
        return "action_fail"

    def run(self, dispatcher, tracker, domain):
        raise RuntimeError("can't bear " + tracker.latest_message["text"])


class Linger(Action):
    """Hangs the first time, and says that it began; is quick the second time."""

    def name(self):
        return "action_linger"

    def run(self, dispatcher, tracker, domain):
        begun = pathlib.Path(os.environ["LINGER_MARK"])
        if not begun.exists():
            begun.touch()
            time.sleep(600)
        dispatcher.utter_message(text="Here I am.")
        return []
'''


def write(folder: Path) -> Path:
    actions = "".join(f"  - {action}\n" for _, action in INTENTS.values() if action.startswith("action_"))
    intents = "".join(f"  - {intent}\n" for intent in INTENTS)
    nlu = "".join(
        f"- intent: {intent}\n  examples: |\n    - {word}\n    - {word} please\n    - {word} {word}\n"
        for intent, (word, _) in INTENTS.items()
    )
    rules = "".join(
        f"- rule: {intent}\n  steps:\n  - intent: {intent}\n  - action: {action}\n"
        for intent, (_, action) in INTENTS.items()
    )
    files = {
        "config.yml": CONFIG,
        "domain.yml": f'version: "3.1"\nintents:\n{intents}actions:\n{actions}'
        "slots:\n  counted:\n    type: float\n    influence_conversation: false\n    mappings:\n    - type: custom\n"
        "responses:\n  utter_hello:\n  - text: Hello yourself.\n",
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


def give_model(home: Path, model: Path) -> None:
    """As if a run with this state folder had trained it."""
    folder = home / "models" / "odd"
    folder.mkdir(parents=True)
    shutil.copy2(model, folder)


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file and folder, hidden ones too, and what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }
