"""Any Rasa project folder runs here, with not one file of it changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance import odd_project
from tests.acceptance.product import Start, environment


@pytest.mark.slow
@pytest.mark.timeout(900)  # trains DIET and TED
def test_what_rasa_init_makes_answers_falls_silent_and_goes_on(start: Start, tmp_path: Path, customer: str) -> None:
    # given what `rasa init` writes; a model of it is made by the run
    project = tmp_path / "moodbot"
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from rasa.cli import scaffold; scaffold.create_initial_project(sys.argv[1])",
            str(project),
        ],
        env=environment(tmp_path / "none"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert made.returncode == 0, made.stderr
    untouched = odd_project.fingerprint(project)
    assert "domain.yml" in untouched

    # when it is run
    product = start("--project", str(project), whole=True).answering(within=700)

    # then its bot answers on the phone
    assert product.ask_and_hear(customer, "hello") == ["Hey! How are you?"]
    # and is silent while a person has the conversation
    conversation = product.conversation(customer)["id"]
    assert product.order(conversation, "take")["in_flight"] == 0
    assert product.handled(customer, "hello")["reason"] == "human_owns"
    # and goes on after
    product.order(conversation, "release")
    assert product.ask_and_hear(customer, "goodbye") == ["Bye"]
    assert len(product.answers(customer)) == 2
    assert product.interrupt() == 0
    assert odd_project.fingerprint(project) == untouched


def test_a_folder_that_is_no_rasa_project_is_told_in_a_sentence(start: Start, tmp_path: Path) -> None:
    for folder in ("nowhere", "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        product = start("--project", str(tmp_path / folder))
        assert product.ended() != 0
        assert "Traceback" not in product.lines.text
        assert str(tmp_path / folder) in product.lines.text
