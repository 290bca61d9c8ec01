"""A light worker: TensorFlow is stood in for, and a model that needs it is refused."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from app import light

ROOT = Path(__file__).parents[3]
DIET = "rasa.nlu.classifiers.diet_classifier.DIETClassifier"
WORDS = ["oi", "pizza", "o que é isto?", "tchau"]


def replies(model: Path, *words: str, light: str | None) -> subprocess.CompletedProcess[str]:
    """Of a fresh process: what is imported once can't be stood in for any more."""
    env = {name: value for name, value in os.environ.items() if name != "BATON_LIGHT"}
    env |= {"RASA_TELEMETRY_ENABLED": "false", **({"BATON_LIGHT": light} if light else {})}
    command = [sys.executable, "-W", "ignore", "-m", "tests.runtime.rasa.replies", str(model), *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def answered(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def with_component(model: Path, component: str, target: Path) -> Path:
    """The same model, as if this component were one of those that answer."""
    with tarfile.open(model) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            read = content.read() if content else b""
            if member.name == "metadata.json":
                metadata = json.loads(read)
                next(iter(metadata["predict_schema"]["nodes"].values()))["uses"] = component
                read = json.dumps(metadata).encode()
                member.size = len(read)
            new.addfile(member, io.BytesIO(read) if content else None)
    return target


def test_a_light_model_answers_the_same_without_tensorflow(tiny_model: Path) -> None:
    whole = answered(replies(tiny_model, *WORDS, light=None))
    without = answered(replies(tiny_model, *WORDS, light="1"))

    assert whole["tensorflow"] is not None, "the comparison is with the real one"
    assert without["tensorflow"] is None
    assert without["replies"] == whole["replies"]
    assert any(said for _, said in whole["replies"])


@pytest.mark.parametrize("component", [DIET, "rasa.core.policies.ted_policy.TEDPolicy"])
def test_a_model_with_a_component_that_needs_tensorflow_is_refused_by_name(
    tiny_model: Path, tmp_path: Path, component: str
) -> None:
    model = with_component(tiny_model, component, tmp_path / "heavy.tar.gz")

    done = replies(model, "hello", light="1")

    assert done.returncode != 0
    assert f"heavy.tar.gz needs TensorFlow, for {component}. Start without BATON_LIGHT" in done.stderr


def test_who_computes_with_a_stand_in_is_told_what_to_do() -> None:
    code = "from app import light; light.install(); import tensorflow as tf; tf.constant([1])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30)

    assert "NeedsTensorFlow: tensorflow.constant needs TensorFlow: start without BATON_LIGHT." in done.stderr


def test_where_the_real_one_is_every_model_will_do(tmp_path: Path) -> None:
    assert not light.installed()

    light.check(tmp_path / "not even read")
